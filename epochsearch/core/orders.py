"""What a sampler that freezes and thaws ordered: which trial goes on, up to where, and what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Expected:
    """What the objective was expected to read off a curve at its best, up to some epoch."""

    median: float
    low: float  # ends of the 90 % interval
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What was expected of an order when it was given."""

    upto: Expected  # at the end of the order
    end: Expected  # at the largest number of epochs
    gain: float  # expected improvement of the best value of all, as a part of it


@dataclass(frozen=True, slots=True)
class TrialOrder:
    """One order."""

    step: int  # 0-based: how many orders the study had given before
    trial: int  # number
    upto: int  # epochs
    forecast: Forecast | None = None  # None: the order did not rest on a model

    def to_dict(self) -> dict[str, Any]:
        """Return what is kept of it on its trial, as plain JSON values; `from_dict` reads it back."""
        return {"upto": self.upto, "forecast": asdict(self.forecast) if self.forecast else None}

    @classmethod
    def from_dict(cls, step: int, trial: int, kept: Mapping[str, Any]) -> TrialOrder:
        """Return the order that `to_dict` wrote."""
        said = kept["forecast"]
        forecast = said and Forecast(Expected(**said["upto"]), Expected(**said["end"]), said["gain"])
        return cls(step, trial, kept["upto"], forecast)
