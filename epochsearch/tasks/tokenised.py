"""A tokenised dataset as two arrays: fields of tokens, padded to one length, and labels.

It is a mapping of columns, or a Dataset whose items are mappings: `input_ids`, `attention_mask` and the like,
and `labels` (or `label`). Padding is masked out: tokens get the task's `padding_token`, the mask 0, labels of
tokens IGNORED, which no loss and no metric looks at. What a decoder reads comes from the labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from epochsearch.core.errors import TaskError
from epochsearch.tasks.arrays import Array, as_array

IGNORED = -100
"""The label of a token that does not count."""

_LABELS = ("labels", "label")
_MASK = "attention_mask"
_TOKENS = "input_ids"
_DECODER = "decoder_"


@dataclass(frozen=True, slots=True)
class Packing:
    """How tokens lie in x, int64 (rows, fields, length)."""

    fields: tuple[str, ...] = ()  # none: they are of no tokenised dataset
    length: int = 0
    answer: int = 0  # labels of a row that has most of them; 0: it has one, or numbers


@dataclass(frozen=True, slots=True)
class Tokenised:
    """A tokenised dataset in memory."""

    x: Array  # int64 (rows, fields, length)
    y: Array  # (rows,), (rows, labels) or int64 (rows, most labels of a row): what the labels were
    fields: tuple[str, ...]  # input_ids first, then attention_mask, then what else there is


def is_tokenised(given: Any) -> bool:
    """Return whether it is a mapping of columns of tokens, or a list of items that are mappings."""
    if isinstance(given, Mapping):
        return _TOKENS in given
    return isinstance(given, list) and bool(given) and isinstance(given[0], Mapping)


def read_tokenised(given: Any, padding_token: int, where: str) -> Tokenised:
    """Return a tokenised dataset as arrays; columns that are no sequences of whole numbers are left out.

    Raises:
        TaskError: There are no tokens or no labels, or rows of which a field is longer than the tokens.
    """
    columns = _columns(given)
    label = next((name for name in _LABELS if name in columns), None)
    for name, present in ((_TOKENS, _TOKENS in columns), ("labels", label is not None)):
        if not present:
            rule = f"a tokenised dataset needs {_TOKENS} and labels in every item"
            raise TaskError(
                where, f"returned items without {name}", rule, f"They have: {', '.join(columns)}."
            )
    tokens = [_sequence(row) for row in columns[_TOKENS]]
    lengths = np.array([len(row) for row in tokens])
    found = {_TOKENS: tokens, _MASK: [np.ones(length, dtype=np.int64) for length in lengths]}
    for name, rows in columns.items():
        known = name in (_TOKENS, label) or name.startswith(_DECODER)
        if not known and _holds_sequences(rows):
            found[name] = [_sequence(row) for row in rows]
    for name, sequences in found.items():
        if any(len(row) != length for row, length in zip(sequences, lengths, strict=True)):
            rule = f"every field of an item must be as long as its {_TOKENS}"
            raise TaskError(
                where, f"returned {name} of another length", rule, "Tokenise all fields together."
            )
    fills = {_TOKENS: padding_token}
    x = np.stack([_padded(rows, lengths, fills.get(name, 0)) for name, rows in found.items()], axis=1)
    assert label is not None
    return Tokenised(x, _labels(columns[label], tokens, lengths), tuple(found))


def _columns(given: Any) -> dict[str, Sequence[Any]]:
    if isinstance(given, Mapping):
        return {str(name): _rows(given[name]) for name in given}
    items = [given[index] for index in range(len(given))]
    return {str(name): [item[name] for item in items] for name in items[0]}


def _rows(column: Any) -> Any:
    return as_array(column) if hasattr(column, "shape") else column


def _sequence(row: Any) -> Array:
    return as_array(row).astype(np.int64)


def _holds_sequences(rows: Sequence[Any]) -> bool:
    first = as_array(rows[0])
    return first.ndim == 1 and first.dtype.kind in "iub"


def _padded(rows: Iterable[Array], lengths: Array, fill: int) -> Array:
    padded = np.full((len(lengths), int(lengths.max())), fill, dtype=np.int64)
    for index, row in enumerate(rows):
        padded[index, : len(row)] = row
    return padded


def _labels(rows: Sequence[Any], tokens: Sequence[Array], lengths: Array) -> Array:
    """Return one label a row; several of a row; or one a token, those of next-token modelling marked.

    Where the labels are the tokens themselves a model foretells each from those before it: the first one of a
    row does not count then. Labels of lengths of their own are those that a decoder is to say.
    """
    first = as_array(rows[0])
    if first.ndim == 0 or first.dtype.kind == "f":
        return np.array([as_array(row) for row in rows])
    labels = [_sequence(row) for row in rows]
    if any(len(row) != length for row, length in zip(labels, lengths, strict=True)):
        return _padded(labels, np.array([len(row) for row in labels]), IGNORED)
    padded = _padded(labels, lengths, IGNORED)
    same = all(((row == token) | (row == IGNORED)).all() for row, token in zip(labels, tokens, strict=True))
    if same:
        padded[:, 0] = IGNORED
    return padded
