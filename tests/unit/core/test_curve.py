"""The identity under which a curve is kept, and the reports it is made of."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

from epochsearch.core.choice import Choice
from epochsearch.core.curve import CurveIdentity, EpochReport, mean_report
from epochsearch.core.point import Configuration
from epochsearch.core.recipe import Recipe

RECIPE = Recipe(Choice("adam", (("eps", 1e-8),)), Choice("constant"))
IDENTITY = CurveIdentity(
    task="digits",
    fingerprint="f",
    configuration=Configuration(0.1, 16, (("act", "relu"), ("width", 8))),
    recipe=RECIPE,
    seed=0,
    fold=0,
    folds=1,
    device="cpu-x86_64-avx2",
    torch="2.9.0",
    threads=1,
)
OTHER = {
    "task": "digits-cnn",
    "fingerprint": "g",
    "configuration": Configuration(0.1, 17),
    "recipe": Recipe(Choice("sgd"), Choice("constant")),
    "seed": 1,
    "fold": 1,
    "folds": 2,
    "device": "cuda",
    "torch": "2.9.1",
    "threads": 2,
    "length": 50,
    "metrics": ("accuracy", "f1_macro"),
}


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(CurveIdentity)])
def test_another_value_of_any_field_is_another_curve(field: str) -> None:
    """Nothing that determines a curve is left out of its key; a new field must be added here."""
    assert dataclasses.replace(IDENTITY, **{field: OTHER[field]}).key != IDENTITY.key


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(CurveIdentity)])
def test_an_identity_is_read_back_from_its_text(field: str) -> None:
    """The same fields and the same key, whatever they hold."""
    identity = dataclasses.replace(IDENTITY, **{field: OTHER[field]})

    again = CurveIdentity.from_canonical(identity.canonical)

    assert again == identity
    assert again.key == identity.key


def test_a_curve_with_the_tasks_own_metrics_keeps_the_key_it_had() -> None:
    """Curves that were stored before metrics could be asked for are found under the same key."""
    assert '"metrics"' not in IDENTITY.canonical
    assert list(json.loads(IDENTITY.canonical)) == sorted(OTHER.keys() - {"metrics"})


@pytest.mark.parametrize(
    "configuration",
    [
        Configuration(0.1 + 1e-16, 16, (("act", "relu"), ("width", 8))),
        Configuration(0.1, 16, (("act", "relu"), ("width", "8"))),
        Configuration(0.1, 16, (("act", None), ("width", 8))),
        Configuration(0.1, 16, (("act", "relu"),)),
    ],
)
def test_another_configuration_is_another_curve(configuration: Configuration) -> None:
    """The last bit of a number counts, and so do the types of words and numbers."""
    assert dataclasses.replace(IDENTITY, configuration=configuration).key != IDENTITY.key


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(Choice("adam", (("eps", 1e-7),)), Choice("constant")),
        Recipe(RECIPE.optimiser, Choice("step")),
        dataclasses.replace(RECIPE, accumulate=2),
        dataclasses.replace(RECIPE, gradient_norm=True),
    ],
)
def test_another_recipe_is_another_curve(recipe: Recipe) -> None:
    """Every option of the optimiser and the schedule counts, and every technique that is on."""
    other = dataclasses.replace(IDENTITY, recipe=recipe)

    assert other.key != IDENTITY.key
    assert CurveIdentity.from_canonical(other.canonical) == other


def test_techniques_that_are_off_are_not_in_the_text_of_an_identity() -> None:
    """A curve keeps its key when a new technique is invented that it does not use."""
    assert json.loads(IDENTITY.canonical)["recipe"].keys() == {"optimiser", "schedule"}


def test_the_same_fields_give_the_same_key() -> None:
    """The key is a hash of the canonical text, the same in every process and for any order of names."""
    turned = Configuration(0.1, 16, (("width", 8), ("act", "relu")))

    same = dataclasses.replace(IDENTITY, configuration=turned)

    assert same.key == IDENTITY.key
    assert len(same.key) == 64
    assert json.loads(same.canonical)["configuration"]["learning_rate"] == 0.1


def test_a_report_is_finite_only_with_both_losses() -> None:
    """One loss that is no number or infinite ends a curve."""
    assert EpochReport(1, 0.5, 0.5, 1.0).finite
    assert not EpochReport(1, math.nan, 0.5, 1.0).finite
    assert not EpochReport(1, 0.5, math.inf, 1.0).finite


def test_reports_are_compared_bit_for_bit_but_for_their_time() -> None:
    """NaN equals NaN, the last bit counts, seconds do not."""
    report = EpochReport(1, math.nan, 0.1, 1.0, (("accuracy", 0.5),))

    zero = dataclasses.replace(report, val_loss=0.0)
    assert zero.same_values(dataclasses.replace(zero, val_loss=-0.0))
    assert report.same_values(dataclasses.replace(report, seconds=2.0))
    assert not report.same_values(dataclasses.replace(report, val_loss=math.nextafter(0.1, 1)))
    assert not report.same_values(dataclasses.replace(report, metrics=(("accuracy", 0.6),)))
    assert not report.same_values(dataclasses.replace(report, metrics=()))


def test_the_mean_over_folds_sums_the_seconds() -> None:
    """Losses and metrics are averaged, the time of all folds is what the epoch took."""
    folds = (
        EpochReport(3, 1.0, 2.0, 0.5, (("accuracy", 0.5),)),
        EpochReport(3, 3.0, 5.0, 0.25, (("accuracy", 1.0),)),
    )

    assert mean_report(folds) == EpochReport(3, 2.0, 3.5, 0.75, (("accuracy", 0.75),))
    assert mean_report(folds[:1]) is folds[0]


@pytest.mark.parametrize("broken", [0, 1])
def test_a_fold_that_lacks_a_metric_leaves_its_mean_without_a_value(broken: int) -> None:
    """One fold of a regression diverged: the trial has, and says so instead of failing."""
    whole, without = EpochReport(3, 1.0, 1.0, 0.1, (("mae", 2.0),)), EpochReport(3, math.nan, math.nan, 0.1)
    reports = (without, whole) if broken == 0 else (whole, without)

    mean = mean_report(reports)

    assert [name for name, _ in mean.metrics] == ["mae"]
    assert math.isnan(mean.metrics[0][1])
    assert not mean.finite


@pytest.mark.parametrize(
    ("one", "other", "mean"),
    [
        (math.inf, 1.0, math.inf),
        (math.nan, 1.0, math.nan),
        (math.inf, -math.inf, math.nan),
        (1.7e308, 1.7e308, math.inf),
    ],
)
def test_the_mean_of_losses_that_ran_away_is_not_finite(one: float, other: float, mean: float) -> None:
    """One fold that diverged makes the mean diverge; no sum is too large to be taken."""
    folds = (EpochReport(1, one, 0.5, 1.0), EpochReport(1, other, 0.5, 1.0))

    report = mean_report(folds)

    assert str(report.train_loss) == str(mean)
    assert report.val_loss == 0.5
