"""A trial of several folds is stopped only where the pruner would stop it within its standard error too."""

from __future__ import annotations

import math

import optuna
import pytest

from epochsearch.core.choice import Choice, resolve
from epochsearch.core.space import parse_space
from epochsearch.search.proposing.pruners import PRUNERS, make_pruner, pruner_defaults
from epochsearch.search.proposing.stopping import is_stopped

optuna.logging.set_verbosity(optuna.logging.ERROR)
EPOCHS = 12
SPACE = parse_space({"epochs": str(EPOCHS), "learning_rate": "0.1", "batch_size": "16"})
STOPPING = [name for name in PRUNERS if name != "none"]


def study_with(pruner: str, count: int = 12, **options: object) -> optuna.Study:
    """Return a study in which trials of falling curves ended at 0.10, 0.11, 0.12 and so on."""
    defaults = pruner_defaults(SPACE, 1.0)
    choice = resolve(Choice(pruner, tuple(options.items())), defaults, "--pruner")
    study = optuna.create_study(
        study_name="s", sampler=optuna.samplers.RandomSampler(seed=0), pruner=make_pruner(choice)
    )
    for number in range(count):
        trial = study.ask()
        for epoch in range(1, EPOCHS + 1):
            trial.report(0.10 + 0.01 * number + 1.0 / epoch, epoch)
            if epoch < EPOCHS:
                trial.should_prune()
        study.tell(trial, 0.10 + 0.01 * number + 1.0 / EPOCHS)
    return study


def stopped_at(study: optuna.Study, excess: float, error: float) -> int | None:
    """Return the epoch at which a trial is stopped that is `excess` above the best one and soon rises."""
    trial = study.ask()
    for epoch in range(1, EPOCHS):
        trial.report(0.10 + excess + 1.0 / min(epoch, 2) + 0.01 * epoch, epoch)
        if is_stopped(trial, error):
            return epoch
    return None


@pytest.mark.parametrize("pruner", STOPPING)
def test_a_trial_is_stopped_that_is_behind_by_more_than_its_error(pruner: str) -> None:
    """Far behind it is stopped, with one fold, or with folds that agree, at the same epoch."""
    alone = stopped_at(study_with(pruner), 5.0, math.nan)
    agreeing = stopped_at(study_with(pruner), 5.0, 1e-9)

    assert alone is not None
    assert agreeing == alone


@pytest.mark.parametrize("pruner", STOPPING)
def test_a_trial_goes_on_while_it_is_within_its_error_of_the_border(pruner: str) -> None:
    """Just as far behind, but with folds so far apart that its mean may be the best of all."""
    assert stopped_at(study_with(pruner), 5.0, 6.0) is None


def test_the_border_of_the_median_is_met_to_one_standard_error() -> None:
    """At the median plus 0.1 an error of 0.09 does not save a trial, one of 0.11 does."""
    study = study_with("median")
    step = 4
    median = 0.10 + 0.01 * 5.5 + 1.0 / step

    def asked(error: float) -> bool:
        trial = study.ask()
        for epoch in range(1, step + 1):
            trial.report(median + 0.1 + (1.0 if epoch < step else 0.0), epoch)
        return is_stopped(trial, error)

    assert asked(0.09)
    assert not asked(0.11)


def test_a_lower_bound_is_a_border_too() -> None:
    """A threshold below: what lies within one error of it on the other side goes on."""
    study = study_with("threshold", lower=0.5, upper=9.0, n_warmup_steps=0)

    def asked(error: float) -> bool:
        trial = study.ask()
        trial.report(0.4, 1)
        return is_stopped(trial, error)

    assert asked(0.05)
    assert not asked(0.2)


@pytest.mark.parametrize("pruner", STOPPING)
def test_what_a_pruner_notes_is_of_the_mean(pruner: str) -> None:
    """Other trials are compared with the mean that was reported, never with an imagined value."""
    doubted, plain = study_with(pruner), study_with(pruner)
    trials = doubted.ask(), plain.ask()

    for epoch in range(1, EPOCHS):
        for trial in trials:
            trial.report(5.0, epoch)
        is_stopped(trials[0], 6.0)
        trials[1].should_prune()

    noted = [study._storage.get_trial(trial._trial_id) for study, trial in zip((doubted, plain), trials)]  # noqa: B905
    assert noted[0].intermediate_values == noted[1].intermediate_values
    assert noted[0].system_attrs == noted[1].system_attrs


def test_without_a_pruner_nothing_is_stopped() -> None:
    """However far behind."""
    assert stopped_at(study_with("none"), 50.0, 0.0) is None
