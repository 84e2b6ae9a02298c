"""The sampler of an extension: the same few configurations again and again, each time with more epochs.

What it proposes follows from the losses alone (`analysis.extension`), which the study's trials carry: so it
can be killed and go on. The configuration that was tried least is next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from epochsearch.analysis.extension import Decision, ExtensionRule, decide
from epochsearch.core.choice import Scalar
from epochsearch.core.point import Point
from epochsearch.search.proposing.looked_up import LookedUp


class CarryingSampler(LookedUp):
    """Proposes each starting point as it is, then its configuration with as many epochs as the rule says."""

    def __init__(self, points: Sequence[Point], rule: ExtensionRule) -> None:
        self._points, self._rule = points, rule

    def following(self, study: Study, number: int) -> Mapping[str, Scalar]:
        """Return the point of the configuration that is next."""
        return self._open(study, number)[0].parameters

    def left(self, study: Study) -> int:
        """Return how many configurations can be carried on now; one that is being trained waits for it."""
        return len(self._open(study, len(study.get_trials(deepcopy=False))))

    def _open(self, study: Study, before: int) -> list[Point]:
        """Return the points that can be proposed, those of the least tried configurations first."""
        trials = study.get_trials(deepcopy=False)[:before]
        found = []
        for rank, start in enumerate(self._points):
            mine = [trial for trial in trials if _same_configuration(trial.params, start)]
            upto = self._next_epochs(start, mine)
            if upto is not None:
                found.append((len(mine), rank, Point(upto, start.configuration)))
        return [point for _, _, point in sorted(found, key=lambda item: item[:2])]

    def _next_epochs(self, start: Point, trials: Sequence[FrozenTrial]) -> int | None:
        if not trials:
            return start.epochs
        if any(trial.state is not TrialState.COMPLETE for trial in trials):
            return None  # it is being trained, or it came to a bad end
        longest = max(trials, key=lambda trial: len(trial.intermediate_values))
        losses = tuple(loss for _, loss in sorted(longest.intermediate_values.items()))
        upto = _decided(losses, self._rule).upto
        return upto if upto is not None and upto > longest.params["epochs"] else None


@lru_cache(maxsize=256)
def _decided(losses: tuple[float, ...], rule: ExtensionRule) -> Decision:
    """Return the rule's decision; the search asks after every epoch whether anything is left to do."""
    return decide(losses, rule)


def _same_configuration(params: Mapping[str, Scalar], start: Point) -> bool:
    return all(params.get(name) == value for name, value in start.parameters.items() if name != "epochs")
