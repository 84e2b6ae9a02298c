"""What is fitted on a task's training rows and then done to any row: from raw numbers to those of a model.

It is plain numbers, so that a trained model takes it along, and new rows go through the same arithmetic, bit
for bit, as the rows that it was trained on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from epochsearch.tasks.arrays import Array
from epochsearch.tasks.losses import Target


@dataclass(frozen=True, slots=True, eq=False)
class Preprocessing:
    """The transformation of inputs and targets of one task, as one training part has fitted it."""

    shape: tuple[int, ...]  # of one example
    raw_dtype: str  # of the raw rows: new ones are read in its precision
    dtype: str  # of what the model reads: float32, int64 for tokens, or what the items of a Dataset are of
    target: Target
    outputs: int  # classes, or columns of the target
    labels: tuple[str, ...] = ()  # the classes as the user wrote them, in the order of their indexes
    columns: tuple[str, ...] = ()  # names of the inputs' columns, where the data had any
    mean: Array | None = None  # float64 (columns,); None: inputs are left as they are
    scale: Array | None = None
    target_mean: float = 0.0  # one mean and scale over all columns of the target
    target_scale: float = 1.0

    def inputs(self, x: Array) -> Array:
        """Return raw rows (rows, *shape) as the model reads them."""
        if self.mean is not None:
            x = (x - self.mean) / self.scale
        return np.ascontiguousarray(x, dtype=self.dtype)

    def targets(self, y: Array) -> Array:
        """Return encoded targets in the units of the loss: values scaled, classes as they are."""
        if self.target == "values":
            y = ((y - self.target_mean) / self.target_scale).astype(np.float32)
        return np.ascontiguousarray(y)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values, every number in full; `from_dict` reads it back."""
        return {
            "shape": list(self.shape),
            "raw_dtype": self.raw_dtype,
            "dtype": self.dtype,
            "target": self.target,
            "outputs": self.outputs,
            "labels": list(self.labels),
            "columns": list(self.columns),
            "mean": None if self.mean is None else self.mean.tolist(),
            "scale": None if self.scale is None else self.scale.tolist(),
            "target_mean": self.target_mean,
            "target_scale": self.target_scale,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Preprocessing:
        """Return what `to_dict` wrote."""
        mean, scale = (
            None if stored[name] is None else np.array(stored[name], dtype=np.float64)
            for name in ("mean", "scale")
        )
        listed = {name: tuple(stored[name]) for name in ("shape", "labels", "columns")}
        return cls(**{**stored, **listed, "mean": mean, "scale": scale})
