"""A few epochs of a curve, run to see what they take; nothing of it is kept."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from statistics import median

from epochsearch.core.axis import Axis, Range
from epochsearch.core.choice import Scalar
from epochsearch.core.curve import EpochReport, peak_memory
from epochsearch.core.point import Configuration, Point
from epochsearch.core.space import Space
from epochsearch.engines.job import EpochTrained

ENOUGH_SECONDS = 1.5
"""Training time that is measured of a curve, its first epoch left out."""
LONG_SECONDS = 15.0
"""Training time after which what there is must do."""
LEAST_EPOCHS, MOST_EPOCHS = 2, 30
"""Epochs that are measured after the first."""
_OUT_OF_MEMORY = re.compile(r"out of memory|OutOfMemory|MemoryError|can't allocate memory|SIGKILL")


@dataclass(frozen=True, slots=True)
class Measured:
    """What an epoch took."""

    seconds: float  # the median, without the first epoch unless it is the only one
    memory_bytes: int | None
    epochs: int  # that the seconds are of


class Stopwatch:
    """Watches jobs, and says of each when enough of it has been seen."""

    def __init__(self, enough: float = ENOUGH_SECONDS) -> None:
        """enough: seconds of training of a job after its first epoch."""
        self._enough = enough
        self._reports: dict[int, list[EpochReport]] = defaultdict(list)

    def judge(self, message: EpochTrained) -> bool:
        """Take an epoch of a job; return whether another one is wanted."""
        reports = self._reports[message.number]
        reports += message.reports
        seconds = [report.seconds for report in reports]
        first, rest = seconds[0], seconds[1:]
        if sum(seconds) >= LONG_SECONDS and (rest or first >= 2 * LONG_SECONDS):
            return False
        enough = len(rest) >= LEAST_EPOCHS and sum(rest) >= self._enough
        return not enough and len(rest) < MOST_EPOCHS

    def measured(self, number: int) -> Measured:
        """Return what an epoch of a job took."""
        reports = self._reports[number]
        timed = reports[1:] or reports
        return Measured(median(report.seconds for report in timed), peak_memory(reports), len(timed))


def middle_point(space: Space, batch_size: int) -> Point:
    """Return a point of this batch size with every further hyperparameter in the middle of its axis."""
    rate = _middle(space.learning_rate)
    assert isinstance(rate, (int, float))
    extras = tuple((name, _middle(axis)) for name, axis in space.extras)
    return Point(space.max_epochs, Configuration(float(rate), batch_size, extras))


def is_out_of_memory(reason: str) -> bool:
    """Return whether a job failed or died for want of memory, as far as its reason tells."""
    return _OUT_OF_MEMORY.search(reason) is not None


def _middle(axis: Axis) -> Scalar:
    return axis.middle if isinstance(axis, Range) else axis.values[len(axis.values) // 2]
