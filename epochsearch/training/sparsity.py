"""L1 regularisation as a proximal step: after each optimiser step weights move towards 0, and stop there.

The subgradient of |w| that is usually added to the loss never gives an exact zero, under Adam least of all.
As with AdamW's weight decay the pull is apart from the gradient: it does not depend on the optimiser.

Source: Beck & Teboulle 2009, "A fast iterative shrinkage-thresholding algorithm", SIAM J. Imaging Sci. 2(1).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


class Sparsity:
    """Draws weight matrices and kernels towards 0; biases and the scales of norms stay free."""

    def __init__(self, optimiser: torch.optim.Optimizer, strength: float) -> None:
        """strength: how far a weight moves in a step, in learning rates."""
        self._strength = strength
        self._groups: list[tuple[dict[str, Any], list[Tensor]]] = [
            (group, [weight for weight in group["params"] if weight.ndim > 1])
            for group in optimiser.param_groups
        ]

    @torch.no_grad()
    def take(self) -> None:
        """Move each weight by strength x learning rate towards 0, at most to it."""
        for group, weights in self._groups:
            for weight in weights:
                weight.copy_(functional.softshrink(weight, group["lr"] * self._strength))
