"""Texts as rows of whole numbers: each word's hash, cut or padded with 0 to one length.

Hashing fits nothing, so no row of the test part has a say in what the words are called (law 7).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from epochsearch.tasks.arrays import Array

PADDING, UNKNOWN = 0, 1  # as `Task.padding_token` and `Task.unknown_token` have them
_WORD = re.compile(r"[a-z]+|[0-9]+")


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, names_with_underscores and CamelCase as several."""
    return _WORD.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower())


def hashed(texts: Sequence[str], length: int, buckets: int) -> Array:
    """Return int64 (texts, length): 2 to buckets - 1 for the first words of each text, then PADDING."""
    rows = np.full((len(texts), length), PADDING, dtype=np.int64)
    for row, text in zip(rows, texts, strict=True):
        found = [2 + zlib.crc32(word.encode()) % (buckets - 2) for word in words(text)[:length]]
        row[: len(found)] = found
    return rows


def vocabulary(length: int, buckets: int) -> dict[str, Any]:
    """Return how `words` and `hashed` make a row of a text, for programs in any language."""
    return {
        "text": ["a space between a-z and a following A-Z", "lower case", "the matches of `word`, in order"],
        "word": _WORD.pattern,
        "token": f"2 + CRC-32 of the word's UTF-8 bytes modulo {buckets - 2}",
        "modulo": buckets - 2,
        "first": 2,
        "length": length,
        "padding": PADDING,
        "unknown": UNKNOWN,
    }


def lengths(rows: Array) -> Array:
    """Return how many tokens of each row are no padding, int64 (rows,)."""
    return np.asarray((rows != PADDING).sum(axis=1))
