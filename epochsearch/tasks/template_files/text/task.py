"""Text: which module of Python's standard library a docstring is from, by the mean of its words' vectors."""

import importlib
import inspect
import re
import zlib

import numpy as np
from torch import nn

import epochsearch

MODULES = ("asyncio", "ftplib", "inspect", "mailbox", "statistics", "tarfile")
WORDS = 2000  # rows of the table of vectors; a word's row is its hash, so that nothing is fitted on test rows
LENGTH = 40  # words that are read of a docstring


class Docstrings(epochsearch.Task):
    """Docstrings of classes and functions; tokens, padded with 0 to one length."""

    epochs = "5:60"
    learning_rate = "1e-4:3e-2"
    batch_size = "8,16,32"
    hyperparameters = {"size": "16,32,64"}  # model() gets those it names

    standardise = False  # whole numbers that are not standardised are tokens
    training = {"token_dropout": 0.1}  # makes some training tokens unknown (1), never padding (0)

    def data(self):
        """Return tokens (rows, LENGTH) and the index of the module (rows,)."""
        modules = {}
        for index, name in enumerate(MODULES):
            for text in sorted(docstrings(name)):
                modules.setdefault(tokens(text), index)  # a row that stands twice would leak into validation
        return np.array(list(modules)), np.array(list(modules.values()))

    def model(self, size):
        """Return the mean of the vectors of a docstring's words, padding left out, and a linear layer."""
        return nn.Sequential(
            nn.EmbeddingBag(WORDS, size, mode="mean", padding_idx=0),
            nn.Dropout(0.3),
            nn.Linear(size, len(MODULES)),
        )


def docstrings(name):
    """Return the different docstrings of what a module defines."""
    module = importlib.import_module(name)
    found = set()
    for _, item in inspect.getmembers(module):
        if inspect.isclass(item) or inspect.isfunction(item):
            members = inspect.getmembers(item, inspect.isfunction) if inspect.isclass(item) else []
            found |= {inspect.getdoc(one) or "" for one in (item, *(member for _, member in members))}
    return {text for text in found if len(text.split()) > 4}


def tokens(text):
    """Return LENGTH whole numbers: 0 is padding, 1 an unknown word."""
    words = re.findall(r"[a-z]+", text.lower())[:LENGTH]
    numbers = [2 + zlib.crc32(word.encode()) % (WORDS - 2) for word in words]
    return tuple(numbers + [0] * (LENGTH - len(numbers)))
