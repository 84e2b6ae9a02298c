"""A small CNN for digits whose backbone can be carried from some classes to others.

The pre-training is the same in every process: its seed, rows, epochs and number of threads are fixed, and it
leaves no trace in the global random sources.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from epochsearch.tasks.arrays import Array

EPOCHS, RATE, BATCH = 30, 3e-3, 32  # of the pre-training, with Adam: all rows of 0 to 4 are right by then
_SEED = 0


class Transfer(nn.Module):
    """A backbone of two convolutions with batch norm, and a linear head."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.backbone = nn.Sequential(*_block(1, 16), *_block(16, 32), nn.Flatten())  # (batch, 128)
        self.head = nn.Linear(32 * 2 * 2, classes)
        self.unfreeze, self.backbone_rate = 1, 1.0  # what a task's `layer_rates` goes by

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, classes) of images (batch, 1, 8, 8)."""
        logits: Tensor = self.head(self.backbone(x))
        return logits


def images_of(digits: Collection[int]) -> tuple[Array, Array]:
    """Return images (rows, 1, 8, 8) as float32 from 0 to 1, and their digits (rows,)."""
    from sklearn.datasets import load_digits

    pixels, classes = load_digits(return_X_y=True)
    wanted = np.isin(classes, list(digits))
    return (pixels[wanted] / 16).reshape(-1, 1, 8, 8).astype(np.float32), classes[wanted]


@cache
def backbone() -> dict[str, Tensor]:
    """Return the state of a backbone that has learned the digits 0 to 4; trained once a process."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(_SEED)
            return _trained()
    finally:
        torch.set_num_threads(threads)


@torch.enable_grad()
def _trained() -> dict[str, Tensor]:
    images, digits = (torch.as_tensor(array) for array in images_of(range(5)))
    model = Transfer(classes=5)
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    for _ in range(EPOCHS):
        for rows in torch.split(torch.randperm(len(images)), BATCH):
            optimiser.zero_grad()
            loss = functional.cross_entropy(model(images[rows]), digits[rows])
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return {name: value.detach().clone() for name, value in model.backbone.state_dict().items()}


def _block(given: int, made: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(given, made, kernel_size=3, padding=1, bias=False)
    return convolution, nn.BatchNorm2d(made), nn.ReLU(), nn.MaxPool2d(2)
