"""Learning curves whose truth is known: the label follows from the noise-free curve, by how it was made.

The labels were decided before the rule was tuned. One correction since: a fall that was to be over was not
yet on short curves, so that their labels were untrue; it lowered the score. A curve has a noise-free part
and noise that is multiplied in, partly carried over from epoch to epoch. The rule was tuned on seeds from
1000 on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from epochsearch.analysis.findings import Verdict

TUNING_SEED = 1000


@dataclass(frozen=True)
class LabelledCurve:
    label: Verdict
    kind: str
    train: list[float]
    val: list[float]
    reachable: float  # lowest loss that some other curve of the task is known to reach
    chance: float  # what learning nothing scores


def labelled_curves(count: int, seed: int) -> list[LabelledCurve]:
    """Return `count` curves, the kinds in turn."""
    rng = np.random.default_rng(seed)
    return [KINDS[i % len(KINDS)](rng) for i in range(count)]


def well_fitted(rng: np.random.Generator) -> LabelledCurve:
    """Falls to what is reachable and stays there."""
    made = Maker(rng)
    floor = made.reachable * rng.uniform(0.97, 1.1)
    val = floor + (made.chance - floor) * made.settling(floor)
    train = floor * rng.uniform(0.5, 0.98) + (made.chance - floor) * made.settling(floor)
    return made.curve(Verdict.WELL_FITTED, "settled", train, val)


def over_fitted(rng: np.random.Generator) -> LabelledCurve:
    """Falls, then rises by 15 to 150 % while the training loss goes on down; the rise may level off."""
    made = Maker(rng)
    floor = made.reachable * rng.uniform(1.0, 1.5)
    turn = rng.uniform(0.1, 0.55)
    after = np.clip((made.x - turn) / (1 - turn), 0, None)
    rise = after if rng.random() < 0.6 else (1 - np.exp(-3 * after)) / (1 - math.exp(-3))
    val = (
        floor
        + (made.chance - floor) * made.settling(floor, turn)
        + floor * made.log_uniform(0.15, 1.5) * rise
    )
    rest = floor * rng.uniform(0.02, 0.5)
    train = rest + (made.chance - rest) * made.settling(rest, 2 * turn)
    return made.curve(Verdict.OVER_FITTED, "risen", train, val)


def under_fitted(rng: np.random.Generator) -> LabelledCurve:
    """Comes to rest well above what others reach, training loss and all."""
    made = Maker(rng)
    floor = min(made.reachable * made.log_uniform(1.6, 6), 0.97 * made.chance)
    val = floor + (made.chance - floor) * made.settling(floor)
    train = floor * rng.uniform(0.92, 1.0) + (made.chance - floor) * made.settling(floor)
    return made.curve(Verdict.UNDER_FITTED, "stuck", train, val)


def diverged(rng: np.random.Generator) -> LabelledCurve:
    """Ends in a number that is none, or both losses go up by a multiple and stay there."""
    made = Maker(rng)
    floor = made.reachable * rng.uniform(1, 3)
    fall = floor + (made.chance - floor) * made.settling(floor, 0.3)
    turn = rng.uniform(0.1, 0.7)
    after = np.clip((made.x - turn) / (1 - turn), 0, None)
    kind = rng.choice(["not a number", "explosion", "jump"])
    if kind == "explosion":
        factor = np.exp(after * made.log_uniform(2, 10))
    elif kind == "jump":
        factor = np.where(after > 0, made.chance / fall * rng.uniform(1.1, 4), 1.0)
    else:
        factor = np.ones(made.epochs)
    curve = made.curve(Verdict.DIVERGED, str(kind), fall * factor, fall * factor * 1.02)
    if kind != "not a number":
        return curve
    end = max(2, int(turn * made.epochs))
    last = [float(rng.choice([math.nan, math.inf]))]
    return LabelledCurve(
        curve.label,
        curve.kind,
        curve.train[:end] + last,
        curve.val[:end] + last,
        curve.reachable,
        curve.chance,
    )


def not_yet_decided(rng: np.random.Generator) -> LabelledCurve:
    """Still falling, too short, a rise that has just begun, or a rise and a second fall."""
    made = Maker(rng)
    kind = str(rng.choice(["slow", "slow", "creeping", "creeping", "short", "new rise", "second fall"]))
    floor = made.reachable * rng.uniform(1.0, 1.3)
    if kind == "creeping":  # the learning rate is far too low
        val = made.chance * (1 - made.log_uniform(0.04, 0.4) * made.x)
        return made.curve(Verdict.NOT_YET_DECIDED, kind, val * rng.uniform(0.97, 1.01), val, calm=True)
    fall = made.chance - floor
    if kind == "slow":
        decay = np.exp(-made.x / rng.uniform(0.35, 2))
        return made.curve(Verdict.NOT_YET_DECIDED, kind, floor * 0.8 + fall * decay, floor + fall * decay)
    val = floor + fall * made.settling(floor)
    train = floor * 0.6 + fall * made.settling(floor)
    if kind == "short":
        curve = made.curve(Verdict.NOT_YET_DECIDED, kind, train, val)
        few = int(rng.integers(1, 5))
        return LabelledCurve(
            curve.label, kind, curve.train[:few], curve.val[:few], curve.reachable, curve.chance
        )
    size = floor * made.log_uniform(0.25, 1.0)
    if kind == "new rise":
        begun = made.epochs - int(rng.integers(2, 5))
        val = val + size * np.clip((np.arange(made.epochs) - begun + 1) / 3, 0, 1)
        return made.curve(Verdict.NOT_YET_DECIDED, kind, train, val)
    top = rng.uniform(0.45, 0.65)
    val = val + size * np.exp(-(((made.x - top) / 0.15) ** 2))
    val = val - 0.2 * floor * np.clip((made.x - top) / (1 - top), 0, 1)  # below where it turned, and falling
    return made.curve(Verdict.NOT_YET_DECIDED, kind, train, val)


KINDS = (well_fitted, over_fitted, under_fitted, diverged, not_yet_decided)


class Maker:
    """What the curves of all labels have in common: a task, a number of epochs, and noise."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.epochs = int(rng.integers(20, 81))
        self.x = np.arange(1, self.epochs + 1) / self.epochs  # (epochs,)
        self.chance = rng.uniform(0.5, 3.0)
        self.reachable = self.chance * self.log_uniform(0.02, 0.3)
        self.spread = self.log_uniform(0.003, 0.04)
        self.carried = rng.uniform(0, 0.5)

    def log_uniform(self, low: float, high: float) -> float:
        return math.exp(self.rng.uniform(math.log(low), math.log(high)))

    def settling(self, floor: float, latest: float = 0.7) -> np.ndarray:
        """Return a fall from 1 towards 0 of which, from the share `latest` of the epochs on, less than 1 % of
        the floor is left, exponential or as a power.
        """
        left = min(0.5, 0.01 * floor / (self.chance - floor))
        over = latest * self.rng.uniform(0.3, 1.0)
        if self.rng.random() < 0.5:
            return np.exp(math.log(left) * self.x / over)
        power = self.rng.uniform(1.5, 3)
        return (1 + self.x / over * (left ** (-1 / power) - 1)) ** -power

    def noise(self) -> np.ndarray:
        steps = self.rng.normal(0, self.spread * math.sqrt(1 - self.carried**2), self.epochs)
        noise = [self.rng.normal(0, self.spread)]
        for step in steps[1:]:
            noise.append(self.carried * noise[-1] + step)
        return np.exp(noise)

    def curve(
        self, label: Verdict, kind: str, train: np.ndarray, val: np.ndarray, *, calm: bool = False
    ) -> LabelledCurve:
        """Return the curve with its noise; calm: with as little as a low learning rate makes."""
        if calm:
            self.spread *= 0.15
        seen = val * self.noise()
        self.spread /= 3  # a mean over the training part, which is larger
        return LabelledCurve(
            label, kind, (train * self.noise()).tolist(), seen.tolist(), self.reachable, self.chance
        )
