"""How much each hyperparameter matters, by PED-ANOVA over the trials of a study."""

from __future__ import annotations

import math
from collections.abc import Sequence

import optuna
from optuna.importance import PedAnovaImportanceEvaluator
from optuna.trial import TrialState, create_trial

from epochsearch.core.space import Space
from epochsearch.core.trial import Outcome, TrialRecord
from epochsearch.search.proposing.encoding import Encoding

optuna.logging.set_verbosity(optuna.logging.ERROR)

BEST_SHARE = 0.1
FEWEST_TRIALS = 20
"""So that the best tenth is at least two trials."""
WORST = 1e300
"""Stands for the loss of a trial that was pruned or diverged: only ranks count, and it is not of the best."""


def importances(space: Space, trials: Sequence[TrialRecord]) -> dict[str, float] | None:
    """Return the share of each axis in what makes a trial one of the best tenth, the largest first.

    They add up to 1; an axis with a single value is not among them. Pruned and diverged trials count as
    proposed and not of the best, failed and interrupted ones not at all. None for fewer than 20 trials, if
    fewer than a tenth were completed, or if nothing matters: also where losses are equal, so that no tenth
    stands out.

    Source: Watanabe, Bansal, Hutter 2023, "PED-ANOVA: efficiently quantifying hyperparameter importance in
    arbitrary subspaces", IJCAI; as Optuna has it, against what the search tried rather than the whole space.
    """
    losses = [(trial, loss) for trial in trials if (loss := _loss(trial)) is not None]
    best = math.ceil(BEST_SHARE * len(losses))
    ranked = sorted(loss for _, loss in losses)
    if len(losses) < FEWEST_TRIALS or ranked[best - 1] >= ranked[-1] or ranked[best - 1] >= WORST:
        return None
    distributions = Encoding(space, ordered=False).stored
    study = optuna.create_study(direction="minimize")
    study.add_trials(
        [
            create_trial(
                state=TrialState.COMPLETE,
                value=loss,
                params=trial.point.parameters,
                distributions=distributions,
            )
            for trial, loss in losses
        ]
    )
    found = PedAnovaImportanceEvaluator(target_quantile=BEST_SHARE).evaluate(study)
    varied = {name: value for name, value in found.items() if not distributions[name].single()}
    total = math.fsum(varied.values())
    if not total > 0:
        return None
    return {name: varied[name] / total for name in sorted(varied, key=lambda name: -varied[name])}


def _loss(trial: TrialRecord) -> float | None:
    if trial.outcome in (Outcome.PRUNED, Outcome.DIVERGED):
        return WORST
    if trial.outcome is not Outcome.COMPLETED or trial.value is None:
        return None
    return trial.value if math.isfinite(trial.value) else WORST
