"""L1 regularisation as a proximal step: after each optimiser step weights move towards 0, and stop there.

The subgradient of |w| that is usually added to the loss never gives an exact zero, under Adam least of all.
As with AdamW's weight decay the pull is apart from the gradient: it does not depend on the optimiser.

Source: Beck & Teboulle 2009, "A fast iterative shrinkage-thresholding algorithm", SIAM J. Imaging Sci. 2(1).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


class Sparsity:
    """Draws weight matrices and kernels towards 0; biases and the scales of norms stay free."""

    def __init__(self, optimiser: torch.optim.Optimizer, strength: float) -> None:
        """strength: how far a weight moves in a step, in learning rates."""
        self._group, self._strength = optimiser.param_groups[0], strength
        self._weights: list[Tensor] = [weight for weight in self._group["params"] if weight.ndim > 1]

    @torch.no_grad()
    def take(self) -> None:
        """Move each weight by strength x learning rate towards 0, at most to it."""
        distance = self._group["lr"] * self._strength
        for weight in self._weights:
            weight.copy_(functional.softshrink(weight, distance))
