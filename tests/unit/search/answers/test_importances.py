"""PED-ANOVA over a study's trials."""

from __future__ import annotations

import math

import numpy as np
import optuna
import pytest

from epochsearch.core.point import Configuration, Point
from epochsearch.core.space import parse_space
from epochsearch.core.trial import Cost, Outcome, TrialRecord
from epochsearch.search.answers.importances import importances

SPACE = parse_space({"epochs": "5:50", "learning_rate": "1e-5:1e-1", "batch_size": "16,32,64"})


def trials(count: int = 100, weight: float = 1.0, outcome: Outcome = Outcome.COMPLETED) -> list[TrialRecord]:
    """Trials at random; the loss is the distance of the rate from 1e-3 in decades, and a little of epochs."""
    random = np.random.default_rng(0)
    found = []
    for number in range(count):
        rate, epochs = 10 ** random.uniform(-5, -1), int(random.integers(5, 51))
        point = Point(epochs, Configuration(rate, int(random.choice([16, 32, 64]))))
        loss = weight * abs(math.log10(rate) + 3) + 0.001 * (50 - epochs)
        found.append(TrialRecord(number, outcome, point, loss, 0, Cost(epochs), epochs))
    return found


def test_what_decides_comes_first() -> None:
    """The learning rate makes nearly all of the loss."""
    found = importances(SPACE, trials())

    assert found is not None
    assert next(iter(found)) == "learning_rate"
    assert found["learning_rate"] > 0.9
    assert math.fsum(found.values()) == pytest.approx(1)


def test_without_the_rate_the_epochs_come_first() -> None:
    """The same trials with another loss."""
    found = importances(SPACE, trials(weight=0.0))

    assert found is not None
    assert next(iter(found)) == "epochs"


def test_it_is_what_optuna_says_of_the_same_trials() -> None:
    """Up to the sum, for a study that Optuna ran."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(_objective, n_trials=60)
    expected = optuna.importance.get_param_importances(
        study, evaluator=optuna.importance.PedAnovaImportanceEvaluator()
    )
    records = [
        TrialRecord(one.number, Outcome.COMPLETED, Point.from_parameters(one.params), one.value, 0, Cost(), 1)
        for one in study.trials
    ]

    assert importances(SPACE, records) == pytest.approx(expected)


def test_pruned_trials_count_as_not_of_the_best() -> None:
    """Whatever their last loss was: those of high rates are all pruned with a loss of 0."""
    records = [
        TrialRecord(one.number, Outcome.PRUNED, one.point, 0.0, 0, one.cost, 1)
        if one.point.learning_rate > 1e-2
        else one
        for one in trials()
    ]

    assert importances(SPACE, records) == pytest.approx(importances(SPACE, trials()))


def test_an_axis_of_one_value_has_no_importance() -> None:
    """It was not searched."""
    space = parse_space({**SPACE.written(), "batch_size": "32"})
    records = [_with_size(one, 32) for one in trials()]

    assert set(importances(space, records) or {}) == {"epochs", "learning_rate"}


@pytest.mark.parametrize(
    "records", [trials(19), trials(40, outcome=Outcome.PRUNED), trials(40, outcome=Outcome.FAILED)]
)
def test_too_little_gives_none(records: list[TrialRecord]) -> None:
    """Fewer than 20 trials, or none that was completed."""
    assert importances(SPACE, records) is None


@pytest.mark.parametrize("better", [0, 1, 4])
def test_losses_of_which_no_tenth_stands_out_give_none(better: int) -> None:
    """All are equal, or so many but the very best that the best tenth is all of them."""
    records = [_with_loss(one, 0.5 if one.number < better else 0.7) for one in trials(40)]

    assert (importances(SPACE, records) is None) is (better < 4)


def _objective(trial: optuna.Trial) -> float:
    epochs = trial.suggest_int("epochs", 5, 50)
    rate = trial.suggest_float("learning_rate", 1e-5, 1e-1, log=True)
    size = trial.suggest_categorical("batch_size", [16, 32, 64])
    return abs(math.log10(rate) + 2) + 1 / epochs + size / 100


def _with_loss(trial: TrialRecord, loss: float) -> TrialRecord:
    return TrialRecord(trial.number, trial.outcome, trial.point, loss, 0, trial.cost, trial.epochs_done)


def _with_size(trial: TrialRecord, size: int) -> TrialRecord:
    point = Point(trial.point.epochs, Configuration(trial.point.learning_rate, size))
    return TrialRecord(trial.number, trial.outcome, point, trial.value, 0, trial.cost, trial.epochs_done)
