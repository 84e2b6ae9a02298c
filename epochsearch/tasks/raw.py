"""A task's data as they are before any split: called for once per task object, checked, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from epochsearch.core.errors import EpochsearchError, TaskError
from epochsearch.core.raised import raised
from epochsearch.tasks import arrays
from epochsearch.tasks.arrays import Array, Encoded
from epochsearch.tasks.base import Task
from epochsearch.tasks.categories import Categories
from epochsearch.tasks.datamodule import Module, is_datamodule, set_up
from epochsearch.tasks.joined import Joined
from epochsearch.tasks.kept import kept_with, same_randomness
from epochsearch.tasks.losses import TARGETS, Target, loss_of, place
from epochsearch.tasks.splits import unsealed
from epochsearch.tasks.tokenised import Packing, Tokenised, is_tokenised, read_tokenised

FEWEST_ROWS = 10
PROBED_ITEMS = (
    256  # of a Dataset, none of the test part: read to learn the target's kind and to fingerprint it
)


@dataclass(frozen=True, slots=True)
class Raw:
    """All rows of a task, before the split: two arrays, or one map-style Dataset and y None."""

    x: Any  # numbers (rows, ...) in their own precision, or the Dataset
    y: Array | None
    target: Target
    outputs: int
    inputs: tuple[int, ...]  # shape of one example
    labels: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()  # names of the inputs' columns, where they had any
    dtype: str = "float64"  # of the inputs
    categories: tuple[Categories, ...] = ()  # of each column, where x holds codes; none: numbers only
    kinds: tuple[str, ...] = ()  # what each column held, as "str"; with `categories`
    gaps: str | None = None  # which rows have missing values, in words; None: no row has
    datamodule: Module | None = None  # of Lightning's, whose own parts these rows are
    fields: tuple[str, ...] = ()  # of a tokenised dataset: what stands in x, int64 (rows, fields, length)

    @property
    def packing(self) -> Packing:
        """How tokens lie in x."""
        if not self.fields:
            return Packing()
        several = self.y is not None and self.y.ndim > 1 and self.y.dtype.kind == "i"
        answer = self.y.shape[1] if self.y is not None and several else 0
        return Packing(self.fields, self.inputs[1], answer)

    @property
    def lazy(self) -> bool:
        """Whether items are read one by one from a Dataset."""
        return self.y is None

    @property
    def rows(self) -> int:
        """How many examples there are."""
        return len(self.x)


def raw_data(task: Task) -> Raw:
    """Return the task's data, checked; `task.data` is called the first time only.

    Raises:
        TaskError: `data` is missing, raises, or returns something that cannot be trained on.
    """
    kept = kept_with(task)
    if "raw" not in kept:
        kept["raw"] = _checked(task, _called(task))
    raw: Raw = kept["raw"]
    return raw


def probe(task: Task, dataset: Any, datamodule: Module | None = None) -> list[tuple[Any, Any]]:
    """Return up to PROBED_ITEMS items of a Dataset, evenly spaced; the test part stays unread (law 7).

    datamodule: whose rows they are, which says where the test part begins. Items that are changed at random
    are the same in every process.
    """
    rows = np.arange(sum(datamodule.parts[:2])) if datamodule else unsealed(task, len(dataset))
    chosen = np.unique(np.linspace(0, len(rows) - 1, PROBED_ITEMS).astype(int))
    with same_randomness():
        return [dataset[int(rows[index])] for index in chosen]


def _called(task: Task) -> Any:
    where = f"{place(task)} data()"
    if type(task).data is Task.data:
        raise TaskError(where, "", "a task needs this method", "Define data(self) and return (X, y).")
    try:
        with same_randomness():
            return task.data()
    except EpochsearchError:
        raise
    except Exception as error:
        given = raised(error)
        raise TaskError(
            where, given, "data() must return (inputs, targets)", "Correct the method."
        ) from error


def _checked(task: Task, given: Any) -> Raw:
    where = f"{place(task)} data()"
    loss = loss_of(task)
    asked = TARGETS[loss] if isinstance(loss, str) else None
    if isinstance(given, (tuple, list)) and len(given) == 2:
        read = arrays.inputs(given[0], where)
        x = read.x
        _check_rows(len(x), where)
        encoded = arrays.targets(given[1], asked, where, by_function=callable(loss))
        if len(x) != len(encoded.y):
            rows = f"x has {len(x)} rows and y has {len(encoded.y)}"
            raise TaskError(where, rows, "both must have the same number", "Check how they are made.")
        names = tuple(str(name) for name in getattr(given[0], "columns", ()))
        return Raw(
            x,
            encoded.y,
            encoded.target,
            encoded.outputs,
            x.shape[1:],
            encoded.labels,
            names,
            str(x.dtype),
            read.categories,
            read.kinds,
            read.gaps,
        )
    if is_tokenised(given):
        return _from_tokenised(read_tokenised(given, task.padding_token, where), asked, where)
    if is_datamodule(given):
        return _from_datamodule(task, given, asked, where, by_function=callable(loss))
    if _is_dataset(given):
        return _from_dataset(task, given, asked, where, by_function=callable(loss))
    shown = "nothing" if given is None else f"a {type(given).__name__}"
    if isinstance(given, (tuple, list)):
        shown = f"{len(given)} things"
    rule = "must return (inputs, targets) or one map-style Dataset"
    raise TaskError(where, f"returned {shown}", rule, "End it with: return X, y")


def _from_datamodule(task: Task, given: Any, asked: Target | None, where: str, *, by_function: bool) -> Raw:
    module = set_up(given, where)
    rows = Joined(module.datasets)
    return _from_dataset(task, rows, asked, where, by_function=by_function, datamodule=module)


def _from_tokenised(data: Tokenised, asked: Target | None, where: str) -> Raw:
    _check_rows(len(data.x), where)
    if data.y.ndim > 1 and data.y.dtype.kind == "i" and asked in (None, "classes"):
        outputs = max(2, int(data.y.max()) + 1)
        y = Encoded(data.y, "classes", outputs)
    else:
        several = asked is None and data.y.ndim > 1
        y = arrays.targets(data.y, "binary" if several else asked, where)
    return Raw(
        data.x, y.y, y.target, y.outputs, data.x.shape[1:], y.labels, dtype="int64", fields=data.fields
    )


def _is_dataset(given: Any) -> bool:
    sized = hasattr(given, "__getitem__") and hasattr(given, "__len__")
    table = hasattr(given, "shape") and not hasattr(given, "column_names")  # as Hugging Face's datasets have
    return sized and not isinstance(given, (tuple, list, dict, str)) and not table


def _from_dataset(
    task: Task,
    dataset: Any,
    asked: Target | None,
    where: str,
    *,
    by_function: bool,
    datamodule: Module | None = None,
) -> Raw:
    _check_rows(len(dataset), where)
    if datamodule is None and isinstance(_first_item(task, dataset, where), Mapping):
        return _from_tokenised(read_tokenised(dataset, task.padding_token, where), asked, where)
    try:
        pairs = [(arrays.as_array(x), arrays.as_array(y)) for x, y in probe(task, dataset, datamodule)]
        y = np.stack([target for _, target in pairs])
    except EpochsearchError:
        raise
    except Exception as error:
        given = f"an item of the Dataset {raised(error)}"
        raise TaskError(where, given, "every item must be (x, y)", "Correct __getitem__.") from error
    shape, dtype = pairs[0][0].shape, str(pairs[0][0].dtype)
    arrays.inputs(np.stack([x.reshape(-1) for x, _ in pairs if x.shape == shape]), where)
    maps = asked is not None
    if asked is None:
        asked = "values" if y.dtype.kind == "f" or (by_function and y.ndim > 1) else "classes"
    if asked == "classes":
        labels = tuple(str(name) for name in getattr(dataset, "classes", None) or ())
        count = _class_count(dataset, y, where, maps=maps)
        return Raw(dataset, None, asked, count, shape, labels, dtype=dtype, datamodule=datamodule)
    outputs = 1 if y.ndim == 1 else y.shape[1]
    return Raw(dataset, None, asked, outputs, shape, dtype=dtype, datamodule=datamodule)


def _first_item(task: Task, dataset: Any, where: str) -> Any:
    """Return an item that is not of the test part."""
    try:
        return dataset[int(unsealed(task, len(dataset))[0])]
    except EpochsearchError:
        raise
    except Exception as error:
        given = f"an item of the Dataset {raised(error)}"
        raise TaskError(where, given, "every item must be (x, y)", "Correct __getitem__.") from error


def _class_count(dataset: Any, y: Array, where: str, *, maps: bool) -> int:
    """Return how many classes a Dataset names (`classes`, `targets`), else how many its probed items need.

    maps: whether there may be a class at each of several positions of an item.
    """
    if y.dtype.kind not in "iub" or (y.ndim > 1 and not maps) or y.min() < 0:
        given = f"an item of the Dataset has the target {y[0]}"
        raise TaskError(where, given, "classes must be whole numbers from 0", "Encode the labels.")
    named, everything = getattr(dataset, "classes", None), getattr(dataset, "targets", None)
    if named is not None:
        count = len(named)
    else:
        count = int(np.max(y if everything is None else arrays.as_array(everything))) + 1
    if count < 2:
        rule = "classification needs at least two classes"
        raise TaskError(where, "every item of the Dataset has the target 0", rule, "Check how y is made.")
    return count


def _check_rows(rows: int, where: str) -> None:
    if rows < FEWEST_ROWS:
        rule = f"at least {FEWEST_ROWS} are needed to split them into training, validation and test"
        raise TaskError(where, f"returned {rows} rows", rule, "Return more data.")


__all__ = ["Encoded", "Raw", "kept_with", "probe", "raw_data"]
