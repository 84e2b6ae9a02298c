"""The next character of Python sources: language models on text that every installation carries.

4,096 rows of 128 characters: the first 65,536 characters of each of eight packages of the standard library,
in the order of their files, cut into rows without overlap. The target of a position is the character after
it. Eight successive rows form a group, which is never split over parts. 97 characters: printable ASCII, the
end of a line, and one for all others. Licence: PSF-2.0.

Perplexities of smoothed counts on the validation rows under Python 3.11.7, which the networks are to be
measured by (a script of this comparison is not part of the project):

characters before   3     4     5     6     7
Kneser-Ney          3.75  3.27  3.09  2.99  2.93   modified, interpolated: Chen and Goodman 1999
Witten-Bell         3.83  3.44  3.40  3.44  3.54   Witten and Bell 1991

Figures of the networks below are higher than what was measured, since every version of Python has other
texts.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.library import source_files

PACKAGES = ("asyncio", "email", "http", "importlib", "logging", "multiprocessing", "unittest", "xml")
LENGTH = 128  # characters of a row
ROWS = 512  # of a package
GROUP = 8  # rows
KNOWN = "".join(chr(code) for code in range(32, 127)) + "\n"
TOKENS = 1 + len(KNOWN)  # 0 stands for every other character
WIDTH = 32  # of an embedding
LONGEST, BUCKETS, LEFT_OUT = 6, 4096, 0.3  # n-grams: characters, buckets of each length, share left out


class _Characters(Task):
    """The data that all of them share."""

    epochs = "1:4"
    learning_rate = "1e-4:1e-1"
    batch_size = "16,32,64,128"
    standardise = False
    loss = "cross-entropy"
    metrics = ("accuracy", "perplexity")

    def data(self) -> Any:
        """Return characters (4096, 128) and the ones after them (4096, 128), as int64 numbers below 97."""
        texts = [_tokens(_text(package)) for package in PACKAGES]
        x = np.concatenate([text[:-1].reshape(ROWS, LENGTH) for text in texts])
        y = np.concatenate([text[1:].reshape(ROWS, LENGTH) for text in texts])
        return x, y

    def groups(self) -> Any:
        """Return the number of the stretch of text that each row is of, (4096,)."""
        return np.arange(ROWS * len(PACKAGES)) // GROUP

    def vocabulary(self) -> Any:
        """Return the number of each character, and that of all others."""
        return {"tokens": _places(), "length": LENGTH, "unknown": 0}


class CharactersRnn(_Characters):
    """4,096 rows of 128 characters, 97 classes at each; plain recurrent network. Python, PSF-2.0.

    Reaches a perplexity of 3.7 in 2 epochs (learning rate 0.01, batch size 32).
    After 4 epochs with averaged weights (average 0.5) it was 3.26.
    """

    name = "characters-rnn"

    def model(self, dropout: float = 0.1) -> Any:
        """Return a recurrent layer of 64 cells with tanh on embeddings of n-grams."""
        return _recurrent("rnn", dropout)


class CharactersGru(_Characters):
    """4,096 rows of 128 characters, 97 classes at each; GRU. Python, PSF-2.0.

    Reaches a perplexity of 3.6 in 2 epochs (learning rate 0.01, batch size 32).
    After 4 epochs with averaged weights (average 0.5) it was 3.16.
    """

    name = "characters-gru"

    def model(self, dropout: float = 0.1) -> Any:
        """Return a GRU of 64 cells on embeddings of n-grams."""
        return _recurrent("gru", dropout)


class CharactersLstm(_Characters):
    """4,096 rows of 128 characters, 97 classes at each; LSTM. Python, PSF-2.0.

    Reaches a perplexity of 3.65 in 2 epochs (learning rate 0.01, batch size 32).
    After 4 epochs with averaged weights (average 0.5) it was 3.11.
    """

    name = "characters-lstm"

    def model(self, dropout: float = 0.1) -> Any:
        """Return an LSTM of 64 cells on embeddings of n-grams."""
        return _recurrent("lstm", dropout)


class CharactersTransformer(_Characters):
    """4,096 rows of 128 characters, 97 classes at each; Transformer decoder. Python, PSF-2.0.

    Reaches a perplexity of 3.7 in 2 epochs (learning rate 0.01, batch size 32).
    After 4 epochs with averaged weights (average 0.5) it was 3.23.
    """

    name = "characters-transformer"

    def model(self, dropout: float = 0.1) -> Any:
        """Return a Transformer decoder of one layer with two heads on embeddings of n-grams."""
        from epochsearch.tasks.networks.characters import TransformerCharacters

        return TransformerCharacters(LENGTH, _embedding(), WIDTH, layers=1, heads=2, dropout=dropout)


def _recurrent(cell: str, dropout: float) -> Any:
    from epochsearch.tasks.networks.characters import RecurrentCharacters

    return RecurrentCharacters(cell, _embedding(), WIDTH, cells=64, dropout=dropout)


def _embedding() -> Any:
    from epochsearch.tasks.networks.characters import NGramEmbedding

    return NGramEmbedding(TOKENS, WIDTH, LONGEST, BUCKETS, LEFT_OUT)


@cache
def _text(package: str) -> str:
    """Return the beginning of a package's sources, one character more than its rows need."""
    wanted, text = ROWS * LENGTH + 1, ""
    for file in source_files(package):
        text += file.read_text(encoding="utf-8")
        if len(text) >= wanted:
            break
    return text[:wanted]


def _tokens(text: str) -> Array:
    places = _places()
    return np.array([places.get(character, 0) for character in text], dtype=np.int64)


def _places() -> dict[str, int]:
    return {character: place for place, character in enumerate(KNOWN, 1)}
