"""A task whose epochs take a tenth of a second of a core, whatever the machine."""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import Tensor, nn

import epochsearch

SECONDS = 0.1  # an epoch
BATCHES = 4


class Spinning(epochsearch.Task):
    """A small classifier that works for its share of the epoch in every batch of training."""

    learning_rate = "1e-4:1e-1"
    batch_size = "64"
    epochs = "50"

    def data(self) -> Any:
        """Return rows whose training part is so many batches."""
        x = torch.randn(BATCHES * 64 * 10 // 7 + 1, 8, generator=torch.Generator().manual_seed(0))
        return x, (x[:, 0] + x[:, 1] > 0).long()

    def model(self) -> nn.Module:
        """Return the network."""
        return nn.Sequential(_Work(), nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))


class _Work(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        """Return the input after the batch's share of the time; in evaluation at once."""
        end = time.perf_counter() + SECONDS / BATCHES
        while self.training and time.perf_counter() < end:
            pass
        return x
