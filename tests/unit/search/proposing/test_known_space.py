"""TPE that knows its space beforehand proposes what Optuna's own does."""

from __future__ import annotations

import warnings

import optuna
import pytest

from epochsearch.core.space import Space, parse_space
from epochsearch.search.proposing.encoding import Encoding
from epochsearch.search.proposing.samplers import SAMPLERS, KnownSpaceTPE

AXES = (
    {"epochs": "5:50", "learning_rate": "1e-5:1e-1", "batch_size": "16,32,64"},
    {"epochs": "20", "learning_rate": "1e-5:1e-1", "batch_size": "8:64", "dropout": "0.0:0.5"},
    {"epochs": "20", "learning_rate": "0.1", "batch_size": "64"},
)


@pytest.mark.parametrize("axes", AXES, ids=["the triple", "one epochs value", "one point"])
@pytest.mark.parametrize("startup", [0, 5])
def test_every_proposal_is_optunas_own(axes: dict[str, str], startup: int) -> None:
    """Forty trials, some of them pruned or failed, two still running: the parameters are the same."""
    space = parse_space(axes)

    assert proposals(space, startup, known=True) == proposals(space, startup, known=False)


def proposals(space: Space, startup: int, *, known: bool) -> list[dict[str, object]]:
    """Return the parameters of forty trials, a fresh sampler for each."""
    study = optuna.create_study()
    options = {**SAMPLERS["tpe"], "n_startup_trials": startup}
    distributions = Encoding(space, ordered=False).proposed
    trials = []
    for number in range(40):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            study.sampler = (
                KnownSpaceTPE(seed=number, **options).on_space(space)
                if known
                else optuna.samplers.TPESampler(seed=number, **options)
            )
        trials.append(study.ask(fixed_distributions=distributions))
        if number >= 2:
            end(study, trials[number - 2])
    return [trial.params for trial in trials]


def end(study: optuna.Study, trial: optuna.Trial) -> None:
    """Tell the study how a trial ended: mostly well, now and then pruned, now and then failed."""
    rate = float(trial.params["learning_rate"])
    trial.report(rate, 1)
    if trial.number % 5 == 3:
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    elif trial.number % 11 == 7:
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    else:
        study.tell(trial, abs(rate - 0.01) + trial.number % 3)
