"""What batch sizes cost, and what follows for sizes and searches that were not measured.

An epoch takes so much for each row and so much for each optimiser step; a batch takes so much memory for each
of its rows, beside what is there anyway. Both laws are fitted to what was measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class BatchCost:
    """What training at one batch size took."""

    batch_size: int
    accumulate: int  # parts in which each batch is taken
    steps: int  # optimiser steps of an epoch
    rows: int  # training rows of an epoch
    seconds: float  # of an epoch, evaluation included: the median of those measured
    memory_bytes: int | None  # peak of the process, on CUDA of the device; None: not measured
    epochs: int  # that were measured

    @property
    def samples_per_second(self) -> float:
        """Training rows a second."""
        return self.rows / self.seconds if self.seconds > 0 else math.inf


@dataclass(frozen=True, slots=True)
class MemoryLaw:
    """Memory as a straight line in the rows that are taken at once."""

    base: float  # bytes
    per_row: float  # bytes, at least 0

    def at(self, batch_size: int) -> float:
        """Return the bytes that a batch of that size takes."""
        return self.base + self.per_row * batch_size

    def largest(self, limit_bytes: float, rows: int) -> int:
        """Return the largest batch size up to `rows` that stays within the limit; 0 if none does."""
        if self.at(rows) <= limit_bytes:
            return rows
        return max(0, math.floor((limit_bytes - self.base) / self.per_row)) if self.per_row > 0 else 0


@dataclass(frozen=True, slots=True)
class TimeLaw:
    """Seconds of an epoch: so much for all its rows, so much for each of its steps."""

    per_row: float  # seconds, at least 0
    per_step: float  # seconds, at least 0

    def at(self, rows: int, batch_size: int) -> float:
        """Return the seconds of an epoch over so many rows."""
        return self.per_row * rows + self.per_step * math.ceil(rows / batch_size)


def memory_law(batch_sizes: Sequence[int], memory_bytes: Sequence[int]) -> MemoryLaw:
    """Return the line through what was measured, by least squares with a slope of at least 0.

    At least one batch size; with one there is no slope.
    """
    sizes, values = np.asarray(batch_sizes, dtype=np.float64), np.asarray(memory_bytes, dtype=np.float64)
    spread = sizes - sizes.mean()
    square = float(spread @ spread)
    slope = max(0.0, float(spread @ values) / square) if square > 0 else 0.0
    return MemoryLaw(float(values.mean() - slope * sizes.mean()), slope)


def time_law(rows: int, batch_sizes: Sequence[int], seconds: Sequence[float]) -> TimeLaw:
    """Return the law nearest to what was measured, in relative error, with both parts at least 0.

    rows: of an epoch. At least one batch size, all seconds above 0.

    Source of the fit: Lawson and Hanson 1974, "Solving Least Squares Problems", ch. 23 (NNLS).
    """
    from scipy.optimize import nnls

    steps = np.ceil(rows / np.asarray(batch_sizes, dtype=np.float64))
    design = np.stack([np.full_like(steps, rows), steps], axis=1)  # (sizes, 2)
    weights = 1 / np.asarray(seconds, dtype=np.float64)
    (per_row, per_step), _ = nnls(design * weights[:, None], np.ones(len(steps)))
    return TimeLaw(float(per_row), float(per_step))
