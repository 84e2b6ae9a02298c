"""From what a user's `data` returns to checked numpy arrays: numbers in, class indexes or reals out.

Anything with `to_numpy` (pandas) or `detach` (torch) is recognised by it: neither library is needed here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from epochsearch.core.errors import TaskError
from epochsearch.tasks.categories import Categories, is_missing, read_columns
from epochsearch.tasks.losses import Target

Array: TypeAlias = npt.NDArray[Any]


WIDEST = 1e18  # an input above it would overflow when 32-bit floats are squared


@dataclass(frozen=True, slots=True)
class Inputs:
    """Checked inputs: numbers, and where a table has columns of categories, the codes of these."""

    x: Array  # (rows, ...) in its own precision; NaN for a missing number of a table
    categories: tuple[Categories, ...] = ()  # one a column; none: there are numbers only
    kinds: tuple[str, ...] = ()  # what a column held, as "str"; with `categories`
    gaps: str | None = None  # which rows have missing values, in words; None: no row has


@dataclass(frozen=True, slots=True)
class Encoded:
    """Checked targets: int64 class indexes 0..outputs-1, or float32 of shape (rows, ...)."""

    y: Array
    target: Target
    outputs: int
    labels: tuple[str, ...] = ()  # the classes as the user wrote them, in the order of their indexes


def inputs(given: Any, where: str) -> Inputs:
    """Return x as numbers (rows, ...).

    Of a table columns of text or of a categorical type become codes, and missing values are let through: the
    treatment of a curve says what is done about them.

    Raises:
        TaskError: It holds something else, infinite values, or is no table and has missing values.
    """
    x = _read(given, "x", where)
    columns = [str(name) for name in getattr(given, "columns", ())]
    if x.ndim == 0:
        raise TaskError(where, f"x is a {type(given).__name__}", "x must have one row per example", _EXAMPLE)
    if x.ndim == 1:
        x = x[:, None]
    if 0 in x.shape[1:]:
        raise TaskError(where, f"x has shape {x.shape}", "x must have at least one column", _EXAMPLE)
    categorical = [str(kind).lower().startswith("categor") for kind in getattr(given, "dtypes", ())]
    plain = x.dtype.kind in "fiub" and not any(categorical)
    read = Inputs(x) if plain else _numeric(x, categorical or [False] * x.shape[1], columns, where)
    if read.x.dtype.kind != "f":
        return read
    if not x.size:
        return read
    gaps = _check_finite(read.x, columns, where, missing=x.ndim == 2, but=read.categories)
    widest = max(float(np.fmax.reduce(read.x, axis=None)), -float(np.fmin.reduce(read.x, axis=None)))
    if widest > WIDEST:
        shown = f"x has values up to {widest:.3g}"
        raise TaskError(where, shown, "inputs must fit 32-bit arithmetic", "Scale or clip them.")
    return replace(read, gaps=gaps)


def targets(given: Any, asked: Target | None, where: str, *, by_function: bool = False) -> Encoded:
    """Return y encoded as the target `asked` for; None: whole numbers and text are classes, reals values.

    by_function: the loss is the user's own, so targets of more than one column are values. Asked for, classes
    may stand at several positions a row, as in a mask: then their numbers are kept as they are.

    Raises:
        TaskError: Missing or non-finite values, a single class, or a shape that does not fit the loss.
    """
    y = _read(given, "y", where)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim == 0:
        raise TaskError(where, f"y is a {type(given).__name__}", "y must have one target per row", _EXAMPLE)
    if y.dtype.kind == "f":
        _check_finite(y.reshape(len(y), -1), [], where, name="y")
    elif y.dtype.kind == "O":
        missing = sum(map(is_missing, y.flat))
        if missing:
            raise TaskError(
                where, f"y has {missing} missing values", "y must have none", "Drop or fill those rows."
            )
    if asked == "classes" and _is_map(y):
        return _class_map(y, where)
    if asked is None:
        real = y.dtype.kind == "f" or (by_function and y.ndim > 1)
        asked = "values" if real or (y.dtype.kind == "O" and _all_real(y)) else "classes"
    if asked == "classes":
        return _classes(y, where)
    return _binary(y, where) if asked == "binary" else _values(y, where)


def as_array(given: Any) -> Array:
    """Return a numpy array of a tensor, a DataFrame or Series, a sparse matrix, a list or an array."""
    if hasattr(given, "detach"):
        given = given.detach().cpu()
        return np.asarray(given.float() if str(given.dtype) == "torch.bfloat16" else given)
    if hasattr(given, "to_numpy"):
        return np.asarray(given.to_numpy())
    if hasattr(given, "toarray"):
        return np.asarray(given.toarray())
    return np.asarray(given)


_EXAMPLE = "Return arrays of equal length, as (X, y)."


def _read(given: Any, name: str, where: str) -> Array:
    try:
        return as_array(given)
    except (TypeError, ValueError) as error:
        rule = "rows must be of equal length and hold numbers"
        raise TaskError(
            where, f"{name} is no array: {str(error).rstrip('.')}", rule, "Pad or cut the rows."
        ) from error


def _numeric(x: Array, categorical: list[bool], columns: list[str], where: str) -> Inputs:
    """Return an array of objects or text as float64, columns of categories as codes.

    Raises:
        TaskError: It holds neither, or is no table and holds no numbers.
    """
    if x.dtype.kind not in "OUSfiub":
        raise TaskError(
            where, f"x is of type {x.dtype}", "inputs must be real numbers", "Convert x to float."
        )
    if x.ndim == 2:
        found = read_columns(x, categorical)
        if not isinstance(found, int):
            return Inputs(found.x, found.categories, found.kinds)
        kind = next(type(value).__name__ for value in x[:, found] if not is_missing(value))
        given = f"{_column(found, columns)} of x holds {kind} values"
        action = "Make numbers or texts of that column, or drop it."
        raise TaskError(where, given, "inputs must be numbers", action)
    try:
        return Inputs(x.astype(np.float64))
    except (TypeError, ValueError):
        kind = type(x.flat[0]).__name__
        given = f"x of shape {x.shape} holds {kind} values"
        raise TaskError(where, given, "inputs must be numbers", "Encode them.") from None


def _check_finite(
    values: Array,
    columns: list[str],
    where: str,
    name: str = "x",
    *,
    missing: bool = False,
    but: tuple[Categories, ...] = (),
) -> str | None:
    """Return which rows have missing values, in words; None if no row has.

    missing: whether they are let through; but: columns of categories, which have codes for them.
    """
    finite = np.isfinite(values)
    finite[:, [index for index, names in enumerate(but) if names is not None]] = True
    if finite.all():
        return None
    flat = ~finite.reshape(len(values), -1)
    rows = int(flat.any(axis=1).sum())
    index = int(flat.any(axis=0).argmax())
    part = f", first in {_column(index, columns)}" if values.ndim == 2 and name == "x" else ""
    infinite = bool(np.isinf(values).any())
    kinds = "infinite" if infinite and (missing or not np.isnan(values).any()) else "NaN"
    given = f"{name} has {kinds} values in {rows} of {len(values)} rows{part}"
    if missing and not infinite:
        return given
    raise TaskError(where, given, "all values must be finite", "Drop or fill those rows.")


def _column(index: int, columns: list[str]) -> str:
    return f"column '{columns[index]}'" if index < len(columns) else f"column {index}"


def _all_real(y: Array) -> bool:
    return all(isinstance(value, (float, np.floating)) for value in y.flat)


def _classes(y: Array, where: str) -> Encoded:
    if y.ndim != 1:
        given = f"y has shape {y.shape}"
        action = (
            "Return class indexes (one-hot: y.argmax(1)), or set loss to 'binary-cross-entropy' or 'mse'."
        )
        raise TaskError(where, given, "cross-entropy needs one class per row", action)
    labels, encoded = _unique(y)
    _check_labels(labels, y, where)
    return Encoded(encoded.astype(np.int64), "classes", len(labels), tuple(str(label) for label in labels))


def _is_map(y: Array) -> bool:
    """Return whether y holds a class at each of several positions of a row; one-hot rows do not."""
    if y.ndim < 2 or y.dtype.kind not in "iub":
        return False
    return y.ndim > 2 or not (y.min() >= 0 and (y.sum(axis=1) == 1).all())


def _class_map(y: Array, where: str) -> Encoded:
    lowest, highest = int(y.min()), int(y.max())
    if lowest < 0 or highest == 0:
        given = f"y has the classes {lowest} to {highest}"
        rule = "classes at several positions must be whole numbers from 0, at least two"
        raise TaskError(where, given, rule, "Encode the labels.")
    return Encoded(y.astype(np.int64), "classes", highest + 1)


def _binary(y: Array, where: str) -> Encoded:
    if y.ndim == 1:
        labels, encoded = _unique(y)
        _check_labels(labels, y, where)
        if len(labels) == 2:
            return Encoded(encoded.astype(np.float32), "binary", 1, tuple(str(label) for label in labels))
    rule = "binary cross-entropy needs two classes, or numbers from 0 to 1"
    if y.dtype.kind not in "fiub" or y.min() < 0 or y.max() > 1:
        given = f"y has {len(np.unique(y.astype(str)))} different values in shape {y.shape}"
        raise TaskError(where, given, rule, "Use loss = 'cross-entropy' for several classes.")
    return Encoded(y.astype(np.float32), "binary", int(np.prod(y.shape[1:])))


def _values(y: Array, where: str) -> Encoded:
    try:
        real = y.astype(np.float32)
    except (TypeError, ValueError):
        action = "Convert y to numbers, or use loss = 'cross-entropy'."
        raise TaskError(where, f"y is of type {y.dtype}", "regression needs real numbers", action) from None
    _check_finite(real.reshape(len(real), -1), [], where, name="y")
    return Encoded(real, "values", 1 if real.ndim == 1 else int(np.prod(real.shape[1:])))


def _unique(y: Array) -> tuple[Array, Array]:
    if y.dtype.kind == "O" and len({type(value) for value in y}) > 1:
        y = y.astype(str)
    labels, encoded = np.unique(y, return_inverse=True)
    return labels, encoded.reshape(-1)


def _check_labels(labels: Array, y: Array, where: str) -> None:
    if len(labels) == 1:
        rule = "classification needs at least two classes"
        raise TaskError(where, f"y is {labels[0]!s} in every row", rule, "Check how y is made.")
    if len(labels) > max(20, len(y) // 2):
        given = f"y has {len(labels)} different whole numbers or labels in {len(y)} rows"
        action = "For regression set loss = 'mse' or make y float."
        raise TaskError(where, given, "that is too many to be classes", action)
