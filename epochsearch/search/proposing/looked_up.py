"""What the samplers have in common that hold a list of points and look the next one up in it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from epochsearch.core.choice import Scalar


class LookedUp(BaseSampler):
    """Proposes points of its own, one parameter at a time; Optuna never draws for it."""

    @abstractmethod
    def following(self, study: Study, number: int) -> Mapping[str, Scalar]:
        """Return the parameters of trial `number`, which follow from the trials before it."""

    @abstractmethod
    def left(self, study: Study) -> int:
        """Return how many points can be proposed now; 0 ends the search when nothing is running."""

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return nothing: points are looked up one parameter at a time."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return nothing, as above."""
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Return this parameter's value in the point of the trial."""
        return self.following(study, trial.number)[param_name]
