"""How a spec says that a study is the extension of another: in the name and the options of its sampler.

The most epochs of a curve are those of its space.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from epochsearch.core.choice import Choice
from epochsearch.core.point import Point
from epochsearch.core.spec import StudySpec

EXTEND = "extend"
"""The name of an extension's sampler; `run` does not offer it."""


@dataclass(frozen=True, slots=True)
class ExtensionSettings:
    """What a user asked of an extension; None: nothing was said."""

    top: int | None = None  # configurations
    gain: float | None = None  # share of the loss that an epoch must be predicted to take off it
    max_epochs: int | None = None
    time_limit: float | None = None  # seconds of wall time, in total
    workers: str | None = None  # "auto" or a number
    study: str | None = None  # name of the extension


def extension_choice(study: str, points: Sequence[Point], top: int, gain: float) -> Choice:
    """Return the sampler of an extension of `study`.

    points: where it begins, the best first; top: how many were asked for; gain: share of the loss that an
    epoch must be predicted to take off it.
    """
    written = json.dumps([point.parameters for point in points])
    return Choice(EXTEND, (("study", study), ("points", written), ("top", top), ("gain", gain)))


def is_extension(spec: StudySpec) -> bool:
    """Return whether a study extends another one."""
    return spec.sampler.name == EXTEND


def extended_study(sampler: Choice) -> str:
    """Return the name of the study that is extended."""
    return str(sampler.values["study"])


def starting_points(sampler: Choice) -> tuple[Point, ...]:
    """Return the points that an extension begins at, the best first."""
    return _points(str(sampler.values["points"]))


def least_gain(sampler: Choice) -> float:
    """Return the share of the loss that an epoch must be predicted to take off it."""
    return float(sampler.values["gain"] or 0)


@lru_cache(maxsize=8)
def _points(written: str) -> tuple[Point, ...]:
    return tuple(Point.from_parameters(parameters) for parameters in json.loads(written))
