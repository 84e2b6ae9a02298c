"""A LightningDataModule as a task's data: its own three parts, set up once and the same in every process.

Nothing of `lightning` is imported here: such a datamodule is known by its class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import current_process
from typing import Any

from epochsearch.core.errors import EpochsearchError, TaskError
from epochsearch.tasks.kept import same_randomness


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A datamodule that is set up, and what its loaders read."""

    given: Any
    datasets: tuple[Any, Any, Any]  # training, validation, test; an empty one where there is no test loader

    @property
    def parts(self) -> tuple[int, int, int]:
        """The rows of each part."""
        train, validation, test = (len(part) for part in self.datasets)
        return train, validation, test

    def with_batch_size(self, size: int, where: str) -> Any:
        """Return the datamodule with its batch size set, as its training loader has it.

        where: how a message names the task's method.

        Raises:
            TaskError: It has no attribute of that name, or its loader does not read it.
        """
        given = f"returned a {type(self.given).__name__}"
        rule = "the batch size that is searched must reach its training loader"
        holders = [self.given, getattr(self.given, "hparams", None)]
        holders = [holder for holder in holders if holder is not None and hasattr(holder, "batch_size")]
        if not holders:
            action = "Give it an attribute batch_size that its loaders read."
            raise TaskError(where, f"{given} without batch_size", rule, action)
        for holder in holders:
            holder.batch_size = size
        loader = self.given.train_dataloader()
        got = getattr(loader, "batch_size", None)
        if getattr(loader, "num_workers", 0) and current_process().daemon:
            action = "Give its loaders num_workers=0."
            raise TaskError(where, given, "a worker of the search cannot start others", action)
        if got != size:
            action = "Read self.batch_size in train_dataloader()."
            raise TaskError(
                where, f"{given} that loads batches of {got} where {size} are asked for", rule, action
            )
        return self.given


class Joined:
    """The items of several datasets under one numbering."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def __getitem__(self, index: int) -> Any:
        for part in self._parts:
            if index < len(part):
                return part[index]
            index -= len(part)
        raise IndexError(index)


def is_datamodule(given: object) -> bool:
    """Return whether it is a LightningDataModule, of `lightning` or `pytorch_lightning`."""
    return _base(type(given)) is not None


def set_up(given: Any, where: str) -> Module:
    """Set a datamodule up, for good.

    It is prepared and set up under one randomness, so that what it splits at random is split alike in every
    process; a trainer that would set it up again finds nothing left to do.

    Raises:
        TaskError: It raises an exception, or its loaders are not of one map-style Dataset each.
    """
    names = ("train_dataloader", "val_dataloader", "test_dataloader")
    tested = getattr(type(given), names[2], None) is not getattr(_base(type(given)), names[2], None)
    try:
        with same_randomness():
            given.prepare_data()
            given.setup("fit")
            loaders = [given.train_dataloader(), given.val_dataloader()]
            if tested:
                given.setup("test")
                loaders.append(given.test_dataloader())
    except EpochsearchError:
        raise
    except Exception as error:
        said = f"returned a {type(given).__name__} that raised {type(error).__name__}: {error}"
        rule = "the datamodule must be set up and give its loaders"
        raise TaskError(where, said, rule, "Correct the datamodule.") from error
    given.prepare_data, given.setup, given.teardown = _prepared, _at_stage, _at_stage
    datasets = [_dataset(loader, name, where) for loader, name in zip(loaders, names, strict=False)]
    train, validation, *test = datasets
    return Module(given, (train, validation, test[0] if test else ()))


def _base(kind: type) -> type | None:
    packages = ("lightning.", "pytorch_lightning.")
    found = (base for base in kind.__mro__ if base.__name__ == "LightningDataModule")
    return next((base for base in found if base.__module__.startswith(packages)), None)


def _prepared() -> None:
    """Stand where data were prepared."""


def _at_stage(stage: str) -> None:
    """Stand where a datamodule was set up, or torn down."""


def _dataset(loader: Any, name: str, where: str) -> Any:
    dataset = getattr(loader, "dataset", None)
    if not hasattr(dataset, "__getitem__") or not hasattr(dataset, "__len__"):
        given = f"returned a datamodule whose {name}() returns a {type(loader).__name__}"
        rule = "every part must have a known number of rows"
        raise TaskError(where, given, rule, "Return one DataLoader of a map-style Dataset.")
    return dataset
