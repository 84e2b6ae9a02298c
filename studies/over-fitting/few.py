"""200 digits for a network with 85,000 weights: enough to learn every one of them by heart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from epochsearch.tasks.digits import DigitsCnn


class Few(DigitsCnn):
    """The images of digits-cnn, 200 of them to train on; MLP 64-256-256-10 with ReLU and dropout."""

    name = "digits-200"
    batch_size = "16,32,64"
    train_rows = 200
    hyperparameters: Mapping[str, Any] = {"dropout": "0.0,0.5"}

    def model(self, dropout: float = 0.0) -> Any:
        """Return an MLP with dropout after each hidden layer."""
        from torch import nn

        return nn.Sequential(
            nn.Flatten(),
            *(nn.Linear(64, 256), nn.ReLU(), nn.Dropout(dropout)),
            *(nn.Linear(256, 256), nn.ReLU(), nn.Dropout(dropout)),
            nn.Linear(256, 10),
        )
