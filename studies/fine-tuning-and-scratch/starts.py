"""Digits 5 to 9 for a network that knows 0 to 4, or knows nothing, with the way to begin as an axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from epochsearch.tasks.digits_transfer import DigitsScratch, DigitsTransfer

NEVER = 10**6  # an epoch that no search reaches


class Start20(DigitsTransfer):
    """20 training rows of 5 classes; a CNN from scratch, or one that knows five other digits."""

    name = "digits-start-20"
    train_rows = 20
    hyperparameters: Mapping[str, Any] = {"start": "scratch,head,slow,full"}

    def model(self, start: str = "scratch") -> Any:
        """Return the network; of a pre-trained one the head alone is trained, or all, slowly or fully."""
        if start == "scratch":
            model = DigitsScratch().model()
            model.unfreeze, model.backbone_rate = 1, 1.0
            return model
        unfreeze, rate = {"head": (NEVER, 0.0), "slow": (1, 0.1), "full": (1, 1.0)}[start]
        return super().model(unfreeze=unfreeze, backbone_rate=rate)


class Start100(Start20):
    """The same, 100 training rows."""

    name = "digits-start-100"
    train_rows = 100
