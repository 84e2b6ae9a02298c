"""What the objective reads off an epoch: the validation loss, or a metric; lower is always better.

A metric that is better the higher it is enters as 1 - metric, so that samplers, pruners and analysis need no
second direction. A person is shown the metric itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from epochsearch.core.curve import EpochReport

LOSS = "loss"


@dataclass(frozen=True, slots=True)
class Measure:
    """The validation loss, or a metric of the validation part by name."""

    name: str = LOSS
    maximise: bool = False  # whether the metric is better the higher it is

    @property
    def is_loss(self) -> bool:
        """Whether it is the validation loss."""
        return self.name == LOSS

    @property
    def title(self) -> str:
        """How a sentence names it: validation loss, validation balanced accuracy."""
        return f"validation {self.word}"

    @property
    def word(self) -> str:
        """Its name as a person writes it: loss, balanced accuracy."""
        return self.name.replace("_", " ")

    def of(self, report: EpochReport) -> float:
        """Return what the objective reads off an epoch; NaN if it was not computed."""
        return self.read(report.val_loss, report.metrics)

    def read(self, loss: float, metrics: tuple[tuple[str, float], ...]) -> float:
        """Return the same of a loss and metrics, of whatever part of the data."""
        return loss if self.is_loss else self.shown(dict(metrics).get(self.name, math.nan))

    def shown(self, value: float) -> float:
        """Return an objective as the metric that it was read off, or a metric as an objective."""
        return 1.0 - value if self.maximise else value


THE_LOSS = Measure()
"""What the objective reads unless a metric is asked for."""
