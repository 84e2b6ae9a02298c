"""An exponential average of a model's weights along its way: where steps are noisy it is better, and earlier.

The model is trained as if there were none; after each epoch both are evaluated. Batch norm's running
statistics are those of the model as it is, or are computed anew for the average in one more pass.

Sources: Polyak & Juditsky 1992, "Acceleration of stochastic approximation by averaging", SIAM J. Control
Optim. 30(4); for the statistics Izmailov et al. 2018, "Averaging weights leads to wider optima and better
generalization", UAI.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from epochsearch.training.batches import Source

ROWS_AT_ONCE = 1024
"""Rows over which batch norm takes one mean and variance when its statistics are computed anew."""


class Average:
    """The average of one curve's weights."""

    def __init__(self, model: nn.Module, horizon: float, norms: str) -> None:
        """horizon: optimiser steps that the average reaches back; norms: copied or recomputed."""
        self._model, self._recomputed = model, norms == "recomputed"
        self._weights: list[Tensor] = [weight for weight in model.parameters() if weight.requires_grad]
        self._average = [weight.detach().clone() for weight in self._weights]
        self._decay = max(0.0, 1.0 - 1.0 / horizon)
        self._steps = 0

    @torch.no_grad()
    def follow(self) -> None:
        """Take the weights after one more step in; the decay grows, so that the start is forgotten."""
        decay = min(self._decay, (1.0 + self._steps) / (10.0 + self._steps))
        torch._foreach_lerp_(self._average, self._weights, 1.0 - decay)
        self._steps += 1

    @contextmanager
    def in_place(self, train: Source) -> Iterator[None]:
        """Give the model the averaged weights for the block.

        train: the training rows, read only where batch norm's statistics are computed anew.
        """
        norms = [module for module in self._model.modules() if isinstance(module, _BatchNorm)]
        kept = [{name: value.clone() for name, value in norm.named_buffers()} for norm in norms]
        self._swap()
        if self._recomputed and norms:
            _recompute(self._model, norms, train)
        try:
            yield
        finally:
            self._swap()
            for norm, buffers in zip(norms, kept, strict=True):
                for name, value in norm.named_buffers():
                    value.copy_(buffers[name])

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs."""
        return {"steps": self._steps, "weights": self._average}

    def restore(self, state: dict[str, Any]) -> None:
        """Put back what `state` returned."""
        self._steps = state["steps"]
        with torch.no_grad():
            for average, saved in zip(self._average, state["weights"], strict=True):
                average.copy_(saved)

    def _swap(self) -> None:
        for index, weight in enumerate(self._weights):
            weight.data, self._average[index] = self._average[index], weight.data


@torch.no_grad()
def _recompute(model: nn.Module, norms: list[_BatchNorm], train: Source) -> None:
    """Set the running statistics to their plain means over batches of all training rows."""
    momenta = [norm.momentum for norm in norms]
    model.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over all batches
        norm.train()
    for x, _ in train.ordered(ROWS_AT_ONCE):
        if len(x) > 1:
            model(x)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    model.eval()
