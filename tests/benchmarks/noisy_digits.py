"""Digits of which a fifth carries a wrong label, in every part: a task whose curves turn early."""

from __future__ import annotations

from typing import Any

import numpy as np

from epochsearch.tasks.digits import Digits

SHARE = 0.2  # of rows with a wrong label


class NoisyDigits(Digits):
    """The digits task with wrong labels."""

    name = "noisy-digits"

    def data(self) -> Any:
        """Return pixels (1797, 64) and digits (1797,), a fifth of them another one than drawn."""
        pixels, digits = super().data()
        random = np.random.default_rng(0)
        wrong = random.random(len(digits)) < SHARE
        return pixels, np.where(wrong, (digits + random.integers(1, 10, len(digits))) % 10, digits)
