"""One optimiser step on one batch: forward, loss, backward, the gradient bounded, the weights moved.

A technique that is off costs nothing here: what is to be done is put together once an epoch.
"""

from __future__ import annotations

import torch
from torch import Tensor

from epochsearch.core.recipe import Recipe
from epochsearch.training.average import Average
from epochsearch.training.batch_loss import BatchLoss
from epochsearch.training.counted import counted
from epochsearch.training.fused_step import FusedStep
from epochsearch.training.gradients import Gradients
from epochsearch.training.sparsity import Sparsity


class Step:
    """The steps of one epoch."""

    def __init__(
        self,
        loss: BatchLoss,
        optimiser: torch.optim.Optimizer,
        recipe: Recipe,
        average: Average | None = None,
    ) -> None:
        """loss: of a batch; recipe: with searched parts in place; average: what follows the weights."""
        self._fused = FusedStep(optimiser)
        self._backward = _backward(loss, recipe.accumulate)
        weights = [weight for group in optimiser.param_groups for weight in group["params"]]
        self._gradients = Gradients(weights, recipe)
        self._before = (self._gradients.take,) if self._gradients.wanted else ()
        sparsity = (Sparsity(optimiser, recipe.l1).take,) if recipe.l1 > 0.0 else ()
        self._after = (*sparsity, *((average.follow,) if average else ()))

    def take(self, x: Tensor, y: Tensor) -> Tensor:
        """Move the weights along the gradient of the batch; return its mean loss before that."""
        self._fused.clear()
        loss = self._backward(x, y)
        for bound in self._before:
            bound()
        self._fused.take()
        for follow in self._after:
            follow()
        return loss

    def largest_norm(self) -> float | None:
        """Return the largest norm of a gradient so far; None: not measured."""
        return self._gradients.largest_norm()


def _backward(loss_of: BatchLoss, parts: int) -> BatchLoss:
    """Return what leaves a batch's gradient with the weights and returns its mean loss."""

    def whole(x: Tensor, y: Tensor) -> Tensor:
        loss = loss_of(x, y)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    def in_parts(x: Tensor, y: Tensor) -> Tensor:
        count = max(1, min(parts, len(x) // 2))  # batch normalisation has no variance on one row
        all_of_them, losses = max(1, counted(y)), []
        for some_x, some_y in zip(x.tensor_split(count), y.tensor_split(count), strict=True):
            loss = loss_of(some_x, some_y) * (counted(some_y) / all_of_them)
            loss.backward()  # type: ignore[no-untyped-call]
            losses.append(loss.detach())
        return torch.stack(losses).sum()

    return whole if parts == 1 else in_parts
