"""TPE for a space that is known beforehand: Optuna's own reads it off all trials of the study.

A sampler lives here for one proposal, so what Optuna remembers between two would be lost, and the time for a
search would grow with the square of its trials.
"""

from __future__ import annotations

from optuna.distributions import BaseDistribution
from optuna.samplers import TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from epochsearch.core.space import Space
from epochsearch.search.proposing.encoding import Encoding

_ENDED = (TrialState.COMPLETE, TrialState.PRUNED)


class KnownSpaceTPE(TPESampler):
    """Proposes what `TPESampler(multivariate=True, group=False)` proposes, bit for bit."""

    def on_space(self, space: Space) -> KnownSpaceTPE:
        """Return the sampler, told what every trial's space is."""
        axes = sorted(Encoding(space, ordered=False).proposed.items())
        self._known = {name: distribution for name, distribution in axes if not distribution.single()}
        return self

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return the axes that have more than one value; none before the first trial has ended."""
        ended = any(one.state in _ENDED for one in study.get_trials(deepcopy=False))
        return dict(self._known) if ended else {}
