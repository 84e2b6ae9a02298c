"""The next character of Python sources: language models on text that every installation carries.

2,048 rows of 64 characters: the first 16,384 characters of each of eight packages of the standard library,
in the order of their files, cut into rows without overlap. The target of a position is the character after
it. Sixteen successive rows form a group, which is never split over parts. 97 characters: printable ASCII, the
end of a line, and one for all others. Licence: PSF-2.0.

Counts of up to four characters before it, smoothed as by Witten and Bell (1991), have a perplexity of 4.8 on
the validation rows under Python 3.11.7: on so little text the networks are behind that in the epochs below.
Figures there are higher than what was measured, since every version of Python has other texts.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.library import source_files

PACKAGES = ("asyncio", "email", "http", "importlib", "logging", "multiprocessing", "unittest", "xml")
LENGTH = 64  # characters of a row
ROWS = 256  # of a package
GROUP = 16  # rows
KNOWN = "".join(chr(code) for code in range(32, 127)) + "\n"
TOKENS = 1 + len(KNOWN)  # 0 stands for every other character


class _Characters(Task):
    """The data that all of them share."""

    epochs = "3:30"
    learning_rate = "1e-4:1e-1"
    batch_size = "16,32,64,128"
    standardise = False
    loss = "cross-entropy"
    metrics = ("accuracy", "perplexity")

    def data(self) -> Any:
        """Return characters (2048, 64) and the ones after them (2048, 64), as int64 numbers below 97."""
        texts = [_tokens(_text(package)) for package in PACKAGES]
        x = np.concatenate([text[:-1].reshape(ROWS, LENGTH) for text in texts])
        y = np.concatenate([text[1:].reshape(ROWS, LENGTH) for text in texts])
        return x, y

    def groups(self) -> Any:
        """Return the number of the stretch of text that each row is of, (2048,)."""
        return np.arange(ROWS * len(PACKAGES)) // GROUP


class CharactersRnn(_Characters):
    """2,048 rows of 64 characters, 97 classes at each; plain recurrent network. Python, PSF-2.0.

    Reaches a perplexity of 7.5 in 15 epochs (learning rate 0.003, batch size 32).
    """

    name = "characters-rnn"

    def model(self) -> Any:
        """Return a recurrent layer of 64 cells with tanh."""
        return _recurrent("rnn")


class CharactersGru(_Characters):
    """2,048 rows of 64 characters, 97 classes at each; GRU. Python, PSF-2.0.

    Reaches a perplexity of 6.7 in 10 epochs (learning rate 0.005, batch size 32).
    """

    name = "characters-gru"

    def model(self) -> Any:
        """Return a GRU of 64 cells."""
        return _recurrent("gru")


class CharactersLstm(_Characters):
    """2,048 rows of 64 characters, 97 classes at each; LSTM. Python, PSF-2.0.

    Reaches a perplexity of 7 in 15 epochs (learning rate 0.005, batch size 32).
    """

    name = "characters-lstm"

    def model(self) -> Any:
        """Return an LSTM of 64 cells."""
        return _recurrent("lstm")


class CharactersTransformer(_Characters):
    """2,048 rows of 64 characters, 97 classes at each; Transformer decoder. Python, PSF-2.0.

    Reaches a perplexity of 7.8 in 8 epochs (learning rate 0.005, batch size 16).
    """

    name = "characters-transformer"

    def model(self) -> Any:
        """Return a Transformer decoder of two layers with four heads on embeddings of 48 numbers."""
        from epochsearch.tasks.networks.characters import TransformerCharacters

        return TransformerCharacters(TOKENS, LENGTH, width=48, layers=2, heads=4)


def _recurrent(cell: str) -> Any:
    from epochsearch.tasks.networks.characters import RecurrentCharacters

    return RecurrentCharacters(cell, TOKENS, width=32, cells=64)


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
    places = {character: place for place, character in enumerate(KNOWN, 1)}
    return np.array([places.get(character, 0) for character in text], dtype=np.int64)
