"""Columns of categories: each different text gets a code, the number of its place among all of them in order.

A code says which text it was and nothing else, so giving codes fits nothing. A missing value, or an empty
text, is a category of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Categories: TypeAlias = tuple[str | None, ...] | None
"""The texts of a column by their codes; None in a text's place: it counts for nothing. None: numbers."""

MISSING = ""
"""The text of a missing value."""

UNKNOWN = -1.0
"""The code of a text that was not there when codes were given."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A table of objects as numbers."""

    x: npt.NDArray[np.float64]  # (rows, columns); NaN for a missing number
    categories: tuple[Categories, ...]  # one a column; none: all hold numbers
    kinds: tuple[str, ...]  # what each holds, as "str"


def read_columns(x: npt.NDArray[Any], categorical: Sequence[bool]) -> Coded | int:
    """Return a table (rows, columns) of objects or text as numbers; the number of a column that holds others.

    categorical: which columns hold categories whatever they look like.
    """
    numbers = np.empty(x.shape, dtype=np.float64)
    categories: list[Categories] = []
    kinds: list[str] = []
    for index, is_category in enumerate(categorical):
        column = x[:, index].tolist()
        values = None if is_category else _as_numbers(column)
        texts = None
        if values is not None:
            numbers[:, index] = values
        else:
            present = [value for value in column if not is_missing(value)]
            if not is_category and not all(isinstance(value, (str, bool)) for value in present):
                return index
            texts = tuple(sorted({text_of(value) for value in column}))
            numbers[:, index] = codes(column, texts)
        categories.append(texts)
        kinds.append(next((type(value).__name__ for value in column if not is_missing(value)), "missing"))
    known = tuple(categories) if any(names is not None for names in categories) else ()
    return Coded(numbers, known, tuple(kinds))


def codes(column: Iterable[Any], texts: Sequence[str | None]) -> npt.NDArray[np.float64]:
    """Return the code of each value, (rows,); UNKNOWN where it has none."""
    places = {text: float(code) for code, text in enumerate(texts) if text is not None}
    return np.array([places.get(text_of(value), UNKNOWN) for value in column], dtype=np.float64)


def text_of(value: Any) -> str:
    """Return the text of a category: whole numbers read the same as 3 and as 3.0."""
    if is_missing(value):
        return MISSING
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def is_missing(value: Any) -> bool:
    """Return whether a value is None, not a number, or what pandas writes in its place."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return bool(isinstance(value, (float, np.floating)) and value != value)


def _as_numbers(column: list[Any]) -> list[float] | None:
    """Return the column as numbers, NaN where one is missing; None if it holds others."""
    try:
        return [np.nan if is_missing(value) else float(value) for value in column]
    except (TypeError, ValueError):
        return None
