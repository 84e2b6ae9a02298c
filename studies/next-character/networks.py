"""The next character of Python's sources, with the network as an axis of the search."""

from __future__ import annotations

from typing import Any

from epochsearch.tasks.characters import (
    CharactersGru,
    CharactersLstm,
    CharactersRnn,
    CharactersTransformer,
)

NETWORKS = {
    "rnn": CharactersRnn,
    "gru": CharactersGru,
    "lstm": CharactersLstm,
    "transformer": CharactersTransformer,
}


class Characters(CharactersLstm):
    """4,096 rows of 128 characters; `network` says what reads them."""

    name = "characters"
    hyperparameters = {"network": ",".join(NETWORKS)}  # noqa: RUF012 - as a task's file says it

    def model(self, network: str) -> Any:
        """Return the network of that name."""
        return NETWORKS[network]().model()
