"""What the objective reads off an epoch: the validation loss, or a metric; lower is always better.

A metric that is better the higher it is enters as 1 - metric, so that samplers, pruners and analysis need no
second direction. A person is shown the metric itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from epochsearch.core.curve import EpochReport

LOSS = "loss"
AVERAGE = "average_"
"""How the name of a metric begins that is of the averaged weights."""

Metrics: TypeAlias = tuple[tuple[str, float], ...]
Weights: TypeAlias = Literal["raw", "average", "better"]
WEIGHTS: tuple[Weights, ...] = ("raw", "average", "better")
"""Whose weights' result counts: the last ones, their average along the way, or whichever is better."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The validation loss, or a metric of the validation part by name."""

    name: str = LOSS
    maximise: bool = False  # whether the metric is better the higher it is
    weights: Weights = "raw"  # whose result it is

    @property
    def is_loss(self) -> bool:
        """Whether it is the validation loss."""
        return self.name == LOSS

    @property
    def title(self) -> str:
        """How a sentence names it: validation loss, validation balanced accuracy."""
        of = "" if self.weights == "raw" else f" of the {_OF[self.weights]}"
        return f"validation {self.word}{of}"

    @property
    def word(self) -> str:
        """Its name as a person writes it: loss, balanced accuracy."""
        return self.name.replace("_", " ")

    @property
    def extreme(self) -> str:
        """Which of the values that a person is shown is the best: the lowest or the highest."""
        return "highest" if self.maximise else "lowest"

    def of(self, report: EpochReport) -> float:
        """Return what the objective reads off an epoch; NaN if it was not computed."""
        if self.weights_at(report) == "average":
            return self._of_average(report)
        return self.read(report.val_loss, report.metrics)

    def is_in(self, report: EpochReport) -> bool:
        """Return whether an epoch came with it at all, finite or not."""
        return self.is_loss or self.name in dict(report.metrics)

    def weights_at(self, report: EpochReport) -> Weights:
        """Return whether it is the raw or the averaged weights' result that counts after an epoch."""
        if self.weights != "better":
            return self.weights
        raw, average = self.read(report.val_loss, report.metrics), self._of_average(report)
        return "average" if average < raw or math.isnan(raw) else "raw"

    def _of_average(self, report: EpochReport) -> float:
        loss = math.nan if report.average_loss is None else report.average_loss
        return self.read(loss, averaged_metrics(report.metrics))

    def read(self, loss: float, metrics: Metrics) -> float:
        """Return the same of a loss and metrics, of whatever part of the data."""
        return loss if self.is_loss else self.shown(dict(metrics).get(self.name, math.nan))

    def shown(self, value: float) -> float:
        """Return an objective as the metric that it was read off, or a metric as an objective."""
        return 1.0 - value if self.maximise else value

    def shown_difference(self, difference: float) -> float:
        """Return a difference of two objectives as the difference of the two metrics."""
        return -difference if self.maximise else difference


_OF = {"average": "averaged weights", "better": "better of raw and averaged weights"}


def averaged_metrics(metrics: Metrics) -> Metrics:
    """Return the metrics of the averaged weights, under their own names."""
    return tuple((name.removeprefix(AVERAGE), value) for name, value in metrics if name.startswith(AVERAGE))


THE_LOSS = Measure()
"""What the objective reads unless a metric is asked for."""
