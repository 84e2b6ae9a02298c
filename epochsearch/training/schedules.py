"""Learning-rate schedules in absolute epochs: pure functions of progress, plus one that looks at the losses.

A rate is the configuration's learning rate times a factor. `progress` counts epochs and parts of one: 2.5 is
halfway through the third epoch.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from epochsearch.core.choice import Choice, Scalar
from epochsearch.core.trunk import cooldown_start

Options = dict[str, Scalar]


class Schedule:
    """The factor of one curve's learning rate; the plateau rule keeps a small state, all others none."""

    def __init__(self, choice: Choice, length: int | None) -> None:
        """length: planned epochs, for the schedules that look at it."""
        self._options = choice.values
        self._length = length
        self._decay = _DECAYS[choice.name]
        self._watches = choice.name == "plateau"
        self._best, self._waited, self._scale = math.inf, 0, 1.0

    @property
    def by_step(self) -> bool:
        """Whether the factor changes within an epoch (warm-up, cosine, cool-down)."""
        return self._length is not None or _number(self._options, "warmup", "epochs") > 0

    def factor(self, progress: float) -> float:
        """Return the factor at `progress` epochs."""
        warmup = _number(self._options, "warmup", "epochs")
        ramp = min(1.0, (progress + 1.0) / (warmup + 1.0)) if warmup > 0 else 1.0
        return ramp * self._scale * self._decay(self._options, progress, self._length)

    def epoch_ended(self, val_loss: float) -> None:
        """Let the plateau rule see the validation loss of the epoch that ended."""
        if not self._watches:
            return
        least = math.copysign(_number(self._options, "threshold"), self._best)  # a loss may be below 0
        if val_loss < self._best * (1.0 - least):
            self._best, self._waited = val_loss, 0
            return
        self._waited += 1
        if self._waited > _number(self._options, "patience"):
            self._scale, self._waited = self._scale * _number(self._options, "factor"), 0

    def state(self) -> tuple[float, int, float]:
        """Return what `restore` needs."""
        return self._best, self._waited, self._scale

    def restore(self, state: tuple[float, int, float]) -> None:
        """Put back what `state` returned."""
        self._best, self._waited, self._scale = state


def _constant(options: Options, progress: float, length: int | None) -> float:
    return 1.0


def _step(options: Options, progress: float, length: int | None) -> float:
    return _number(options, "factor") ** math.floor(progress / _number(options, "every"))


def _exponential(options: Options, progress: float, length: int | None) -> float:
    return _number(options, "factor") ** math.floor(progress)


def _cosine(options: Options, progress: float, length: int | None) -> float:
    floor = _number(options, "floor")
    share = min(1.0, progress / length) if length else 0.0
    return floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * share))


def _wsd(options: Options, progress: float, length: int | None) -> float:
    """Return 1 up to the cool-down, then 1 - sqrt of how far that has come.

    Source: Hägele et al. 2024, "Scaling laws and compute-optimal training beyond fixed training durations",
    NeurIPS.
    """
    share, whole = _number(options, "cooldown"), length or 0
    cooldown, gone = share * whole, progress - cooldown_start(share, whole)
    return 1.0 if not cooldown or gone <= 0 else 1.0 - math.sqrt(min(1.0, gone / cooldown))


_DECAYS: dict[str, Callable[[Options, float, int | None], float]] = {
    "constant": _constant,
    "warmup": _constant,
    "step": _step,
    "exponential": _exponential,
    "plateau": _constant,
    "cosine": _cosine,
    "wsd": _wsd,
}


def _number(options: Options, *names: str) -> float:
    """Return the first of the named options that is there, as a number; 0 if none is."""
    for name in names:
        if name in options:
            return float(options[name] or 0)
    return 0.0
