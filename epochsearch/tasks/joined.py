"""The rows of a datamodule's parts under one numbering, as its training and as its validation read them.

The two differ where training items are changed at random. A row of another part can be read in both ways if
the parts are Subsets of two Datasets of the same rows; otherwise each row is read as its own part reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from epochsearch.tasks.arrays import Array, as_array
from epochsearch.tasks.kept import same_randomness

_LOOKED_AT = 16  # items of a part that are read to compare


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


def readings(train: Any, validation: Any) -> tuple[Joined, Joined]:
    """Return training and validation rows, numbered through, as training and as validation read them."""
    with same_randomness():
        twins = _twins(train, validation)
    if twins is None:
        both = Joined((train, validation))
        return both, both
    from torch.utils.data import Subset

    (first, second), rows = twins
    return Joined((Subset(first, rows),)), Joined((Subset(second, rows),))


def judges_changed_rows(train: Any, validation: Any) -> bool:
    """Return whether a fold would be judged on items that are changed at random, as validation's are not."""
    with same_randomness():
        return _twins(train, validation) is None and _changes(train) and not _changes(validation)


def _twins(train: Any, validation: Any) -> tuple[tuple[Any, Any], list[int]] | None:
    """Return the two Datasets of the same rows that the parts are Subsets of, and the rows; None: of none.

    The same rows: they are of one kind, as long, their Subsets have no row in common, and targets agree.
    """
    (first, some), (second, others) = _origin(train), _origin(validation)
    alike = first is not second and type(first) is type(second) and len(first) == len(second)
    if not alike or some is None or others is None or set(some) & set(others):
        return None
    rows = [*some, *others]
    looked_at = [rows[place] for place in _spread(len(rows))]
    targets = [[as_array(dataset[row][1]) for row in looked_at] for dataset in (first, second)]
    same = all(np.array_equal(one, other) for one, other in zip(*targets, strict=True))
    return ((first, second), rows) if same else None


def _origin(part: Any) -> tuple[Any, list[int] | None]:
    """Return the Dataset that a Subset, or a Subset of one, is of, and which of its rows; None: all."""
    from torch.utils.data import Subset

    rows: list[int] | None = None
    while type(part) is Subset:
        indices = [int(index) for index in part.indices]
        rows = indices if rows is None else [indices[row] for row in rows]
        part = part.dataset
    return part, rows


def _changes(part: Any) -> bool:
    """Return whether an item is another one when it is read again."""
    return any(
        as_array(part[place][0]).tobytes() != as_array(part[place][0]).tobytes()
        for place in _spread(len(part))
    )


def _spread(rows: int) -> list[int]:
    """Return the places of the items that are looked at, evenly spaced."""
    places: Array = np.unique(np.linspace(0, max(0, rows - 1), min(rows, _LOOKED_AT)).astype(int))
    return [int(place) for place in places]
