"""What is fitted on a task's training rows and then done to any row: from raw numbers to those of a model.

In this order: missing numbers are filled, numbers scaled, categories become columns of 0 and 1 behind those
of numbers (a text that no training row has: 0 in all of them), and columns that were not selected are held at
0. It is plain numbers and texts, so that a trained model takes it along, and new rows go through the same
arithmetic, bit for bit, as the rows that it was trained on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from epochsearch.tasks.arrays import Array
from epochsearch.tasks.categories import Categories
from epochsearch.tasks.losses import Target
from epochsearch.tasks.tokenised import Packing


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
    fields: tuple[str, ...] = ()  # of a tokenised dataset: what stands in each of an example's rows
    answer: int = 0  # of a tokenised dataset: the most labels that a row has, of several
    mean: Array | None = None  # float64 (columns of numbers,), taken off; None: inputs are not scaled
    scale: Array | None = None  # by which the rest is divided
    fill: Array | None = None  # float64 (columns of numbers,), for missing ones; None: there must be none
    categories: tuple[Categories, ...] = ()  # of each column, those of the training rows; none: numbers only
    selected: tuple[int, ...] | None = None  # of what the model reads; all others are held at 0; None: all
    target_mean: float = 0.0  # one mean and scale over all columns of the target
    target_scale: float = 1.0

    @property
    def packing(self) -> Packing:
        """How tokens lie in an example."""
        return Packing(self.fields, self.shape[1], self.answer) if self.fields else Packing()

    @property
    def reads(self) -> tuple[int, ...]:
        """The shape of one example as the model reads it."""
        if not self.categories:
            return self.shape
        numbers = sum(texts is None for texts in self.categories)
        return (numbers + sum(text is not None for texts in self.categories for text in texts or ()),)

    def inputs(self, x: Array) -> Array:
        """Return raw rows (rows, *shape) as the model reads them, (rows, *reads)."""
        coded = [(index, texts) for index, texts in enumerate(self.categories) if texts is not None]
        numbers = np.delete(x, [index for index, _ in coded], axis=1) if coded else x
        if self.fill is not None:
            numbers = np.where(np.isnan(numbers), self.fill, numbers)
        if self.mean is not None:
            numbers = (numbers - self.mean) / self.scale
        if coded:
            held = [
                x[:, index] == code
                for index, texts in coded
                for code, text in enumerate(texts)
                if text is not None
            ]
            numbers = np.column_stack([numbers, *held])
        if self.selected is not None:
            chosen = np.isin(np.arange(numbers.shape[1]), self.selected)
            numbers = np.where(chosen, numbers, 0)
        return np.ascontiguousarray(numbers, dtype=self.dtype)

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
            "fields": list(self.fields),
            "answer": self.answer,
            "mean": None if self.mean is None else self.mean.tolist(),
            "scale": None if self.scale is None else self.scale.tolist(),
            "fill": None if self.fill is None else self.fill.tolist(),
            "categories": [None if texts is None else list(texts) for texts in self.categories],
            "selected": None if self.selected is None else list(self.selected),
            "target_mean": self.target_mean,
            "target_scale": self.target_scale,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Preprocessing:
        """Return what `to_dict` wrote, now or when there were no fields, answers, fills, categories yet."""
        numbers = {
            name: None if stored.get(name) is None else np.array(stored[name], dtype=np.float64)
            for name in ("mean", "scale", "fill")
        }
        listed = {name: tuple(stored.get(name, ())) for name in ("shape", "labels", "columns", "fields")}
        categories = tuple(None if texts is None else tuple(texts) for texts in stored.get("categories", ()))
        chosen = stored.get("selected")
        selected = None if chosen is None else tuple(chosen)
        return cls(**{**stored, **listed, **numbers, "categories": categories, "selected": selected})
