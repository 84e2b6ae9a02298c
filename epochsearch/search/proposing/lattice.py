"""A lattice that proposals are moved to before they reach the sampler's study, so that searches share curves.

On a logarithmic axis it has so many values a decade, on a linear one twice as many from end to end; lists and
whole numbers are left as they are. On a recorded table it is the table's own learning rates.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from epochsearch.core.axis import Range
from epochsearch.core.choice import Scalar
from epochsearch.core.space import Space

Lattice = Mapping[str, tuple[float, ...]]
"""Axis -> its values, rising; axes that are not in it are free."""


def make_lattice(space: Space, resolution: int, recorded: Sequence[float] = ()) -> Lattice:
    """Return the lattice of a space; empty if `resolution` is 0.

    resolution: values a decade. recorded: the learning rates of a table, in its place.
    """
    if not resolution:
        return {}
    lattice: dict[str, tuple[float, ...]] = {}
    for name, axis in space.axes.items():
        if isinstance(axis, Range) and not axis.integer:
            lattice[name] = _values(axis, resolution)
    rates = space.learning_rate
    if recorded and isinstance(rates, Range):
        inside = tuple(rate for rate in sorted(recorded) if rates.contains(rate))
        lattice["learning_rate"] = inside or lattice["learning_rate"]
    return lattice


def snap(lattice: Lattice, space: Space, name: str, value: Scalar) -> Scalar:
    """Return the lattice's value nearest to `value` (in the logarithm on a logarithmic axis)."""
    if name not in lattice or not isinstance(value, (int, float)):
        return value
    values, axis = lattice[name], space.axes[name]
    i = bisect.bisect_left(values, value)
    near = values[max(0, i - 1) : i + 1]
    measure = math.log if isinstance(axis, Range) and axis.log else float
    return min(near, key=lambda candidate: abs(measure(candidate) - measure(value)))


class OnLattice(BaseSampler):
    """A sampler whose proposals are moved to the lattice."""

    def __init__(self, sampler: BaseSampler, lattice: Lattice, space: Space) -> None:
        self._sampler, self._lattice, self._space = sampler, lattice, space

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return what the sampler does."""
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return what the sampler does, moved."""
        params = self._sampler.sample_relative(study, trial, search_space)
        return {name: snap(self._lattice, self._space, name, value) for name, value in params.items()}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Return what the sampler does, moved."""
        value = self._sampler.sample_independent(study, trial, param_name, param_distribution)
        return snap(self._lattice, self._space, param_name, value)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Let the sampler know."""
        self._sampler.before_trial(study, trial)

    def after_trial(
        self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """Let the sampler know."""
        self._sampler.after_trial(study, trial, state, values)

    def reseed_rng(self) -> None:
        """Let the sampler do so."""
        self._sampler.reseed_rng()


def _values(axis: Range, resolution: int) -> tuple[float, ...]:
    """Return the lattice on an axis: both ends, and between them values that other ranges have too."""
    if not axis.log:
        steps = 2 * resolution
        inner = [axis.low + (axis.high - axis.low) * i / steps for i in range(steps + 1)]
        return tuple(dict.fromkeys(inner))
    first, last = math.log10(axis.low) * resolution, math.log10(axis.high) * resolution
    rounded = [
        float(f"{10 ** (i / resolution):.6g}")
        for i in range(math.ceil(first - 1e-9), math.floor(last + 1e-9) + 1)
    ]
    inside = [min(max(value, axis.low), axis.high) for value in rounded]
    return tuple(sorted({axis.low, *inside, axis.high}))
