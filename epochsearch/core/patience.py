"""Early stopping as a way to read a curve: where a reader without more patience closes it.

The curve itself goes on as far as anybody trains it; whoever has more patience reads on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How many epochs in a row may bring nothing, and what counts as something."""

    epochs: int = 0  # 0: endless
    min_delta: float = 0.0  # by how much more than this a value must be lower than the best before it

    def is_out(self, values: Sequence[float]) -> bool:
        """Return whether the last `epochs` of these values, lower being better, brought nothing.

        Source: Prechelt 1998, "Early stopping - but when?", its criterion UP on single epochs.
        """
        if self.epochs == 0:
            return False
        best, waited = float("inf"), 0
        for value in values:
            better = value < best - self.min_delta
            best, waited = (value, 0) if better else (best, waited + 1)
        return waited >= self.epochs


ENDLESS = Patience()
"""No early stopping."""
