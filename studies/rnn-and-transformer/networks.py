"""Which package a docstring comes from, with the network as an axis of the search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from epochsearch.tasks.docstrings import DocstringsLstm, DocstringsTransformer


class Docstrings(DocstringsLstm):
    """The built-in tasks docstrings-lstm and docstrings-transformer in one."""

    name = "docstrings-networks"
    hyperparameters: Mapping[str, Any] = {"network": "lstm,transformer"}

    def model(self, network: str = "lstm") -> Any:
        """Return an LSTM or a Transformer encoder, of 404,744 and 416,504 weights."""
        task = DocstringsTransformer() if network == "transformer" else DocstringsLstm()
        return task.model(dropout=0.3)
