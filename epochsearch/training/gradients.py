"""What a recipe does between the backward pass and the step: measures the gradient, and bounds it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from epochsearch.core.recipe import Recipe


class Gradients:
    """The gradients of one epoch's steps."""

    def __init__(self, weights: list[Tensor], recipe: Recipe) -> None:
        """weights: those that are trained."""
        self._weights = weights
        self._most_norm, self._most_value = recipe.clip_norm, recipe.clip_value
        self._measured = recipe.gradient_norm or recipe.clip_norm > 0.0
        self._norms: list[Tensor] = []

    @property
    def wanted(self) -> bool:
        """Whether there is anything to do."""
        return self._measured or self._most_value > 0.0

    @torch.no_grad()
    def take(self) -> None:
        """Note the norm of the gradient over all weights; bound each number of it, then its norm."""
        gradients = [weight.grad for weight in self._weights if weight.grad is not None]
        if self._measured:
            self._norms.append(nn.utils.get_total_norm(gradients))
        if self._most_value > 0.0:
            nn.utils.clip_grad_value_(self._weights, self._most_value)
            if self._most_norm > 0.0:
                nn.utils.clip_grad_norm_(self._weights, self._most_norm)
        elif self._most_norm > 0.0:
            nn.utils.clip_grads_with_norm_(self._weights, self._most_norm, self._norms[-1])

    def largest_norm(self) -> float | None:
        """Return the largest norm of the epoch, before it was bounded; None: not measured."""
        return float(torch.stack(self._norms).max()) if self._norms else None
