"""Cutting rows in two between groups: of many draws of whole groups, the nearest to what was asked for."""

from __future__ import annotations

import math

import numpy as np

from epochsearch.tasks.arrays import Array

_SEED = 0
_DRAWS = 20  # of each number of groups
_NUMBERS = (0.5, 0.75, 1.0, 1.5, 2.0)  # of groups, in parts of the share: groups are of different sizes


def cut_between_groups(
    rows: Array, share: float, labels: Array | None, groups: Array, least: int
) -> tuple[Array, Array]:
    """Return the rows in two, the second with about this share of them, no group in both.

    The draw taken is the nearest to the share of rows, and to the shares of the classes of all rows (half the
    sum of what they are off by). labels: the class of each row; groups: numbers from 0; both by row number.
    least: so many groups the second part has at least; there must be one more.
    """
    from sklearn.model_selection import GroupShuffleSplit

    own = groups[rows]
    count = len(np.unique(own))
    sizes = {min(max(math.ceil(share * count * part), least), count - 1) for part in _NUMBERS}
    draws = [
        (rows[first], rows[second])
        for size in sorted(sizes)
        for first, second in GroupShuffleSplit(_DRAWS, test_size=size, random_state=_SEED).split(
            rows, groups=own
        )
    ]
    return min(draws, key=lambda draw: _distance(rows, draw[1], share, labels))


def _distance(rows: Array, part: Array, share: float, labels: Array | None) -> float:
    """Return how far a part is off, in shares of the rows."""
    off = abs(len(part) / len(rows) - share)
    if labels is None:
        return off
    classes = int(labels.max()) + 1
    of_all, of_part = (np.bincount(labels[some].astype(int), minlength=classes) for some in (rows, part))
    return off + float(np.abs(of_all / len(rows) - of_part / len(part)).sum()) / 2
