"""Estimators with partial_fit obey the laws: prefix, resume, independence."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Perceptron, SGDClassifier, SGDRegressor
from sklearn.naive_bayes import MultinomialNB
from sklearn.neural_network import MLPClassifier, MLPRegressor

from epochsearch import Task
from epochsearch.core.choice import Choice
from epochsearch.core.curve import CurveIdentity
from epochsearch.core.errors import TaskError
from epochsearch.core.point import Configuration
from epochsearch.core.recipe import Recipe
from epochsearch.training.sklearn_learner import SklearnLearner

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 5))
CLASSES = (X[:, 0] + 0.3 * RNG.normal(size=90) > 0).astype(int) + (X[:, 1] > 0.5)
VALUES = X @ np.arange(5.0) + RNG.normal(size=90)
COUNTS = RNG.integers(0, 9, size=(90, 5))


def learner(
    model: Callable[[], Any], y: Any, x: Any = X, seed: int = 0, schedule: str = "constant", **attributes: Any
) -> SklearnLearner:
    task = type("Mine", (Task,), {"data": lambda self: (x, y), **attributes})()
    recipe = Recipe(Choice("adam"), Choice(schedule))
    identity = CurveIdentity("mine", "f", Configuration(0.01, 16), recipe, seed, 0, 1, "cpu", "2", 1)
    return SklearnLearner(task, identity, model())


ESTIMATORS: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "sgd-log": (lambda: SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.01), {"y": CLASSES}),
    "sgd-averaged": (lambda: SGDClassifier(loss="log_loss", average=True), {"y": CLASSES}),
    "sgd-hinge": (SGDClassifier, {"y": CLASSES}),
    "perceptron": (Perceptron, {"y": CLASSES}),
    "mlp-adam": (lambda: MLPClassifier(hidden_layer_sizes=(8,)), {"y": CLASSES}),
    "mlp-sgd": (lambda: MLPClassifier(hidden_layer_sizes=(8,), solver="sgd"), {"y": CLASSES}),
    "naive-bayes": (MultinomialNB, {"y": CLASSES, "x": COUNTS, "standardise": False}),
    "binary": (lambda: SGDClassifier(loss="log_loss"), {"y": CLASSES > 0, "loss": "binary-cross-entropy"}),
    "sgd-regression": (SGDRegressor, {"y": VALUES}),
    "mlp-regression": (lambda: MLPRegressor(hidden_layer_sizes=(8,)), {"y": np.c_[VALUES, -VALUES]}),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_thawed_curve_goes_on_bit_for_bit(name: str) -> None:
    """Two epochs, freeze, thaw in another learner, two more: the same as four in one go."""
    model, keywords = ESTIMATORS[name]
    whole, first, second = (learner(model, **keywords) for _ in range(3))
    expected = [whole.run_epoch() for _ in range(4)]

    reports = [first.run_epoch(), first.run_epoch()]
    second.thaw(first.freeze())
    reports += [second.run_epoch(), second.run_epoch()]

    assert all(a.same_values(b) for a, b in zip(reports, expected, strict=True))
    assert second.freeze()  # it can be frozen again
    assert [report.epoch for report in reports] == [1, 2, 3, 4]


def test_learning_lowers_the_loss() -> None:
    """A logistic regression learns, and its accuracy is on the validation part."""
    model, keywords = ESTIMATORS["sgd-log"]
    curve = learner(model, **keywords)

    reports = [curve.run_epoch() for _ in range(5)]

    assert reports[-1].train_loss < reports[0].train_loss
    assert 0.5 < dict(reports[-1].metrics)["accuracy"] <= 1


def test_another_seed_is_another_curve() -> None:
    """The seed decides the order of the rows."""
    model, keywords = ESTIMATORS["sgd-log"]

    assert (
        learner(model, seed=0, **keywords).run_epoch().val_loss
        != learner(model, seed=1, **keywords).run_epoch().val_loss
    )


def test_a_classifier_without_probabilities_is_scored_by_its_errors() -> None:
    """The loss of a perceptron is the share of wrong answers."""
    model, keywords = ESTIMATORS["perceptron"]

    report = learner(model, **keywords).run_epoch()

    assert report.val_loss == pytest.approx(1 - dict(report.metrics)["accuracy"])


def test_a_scaled_target_is_reported_in_its_own_units() -> None:
    """The loss is in units of the target's variance, the mean absolute error in the target's."""
    plain = learner(SGDRegressor, VALUES)
    scaled = learner(SGDRegressor, VALUES * 1000, standardise_target=True)

    errors = [[curve.run_epoch() for _ in range(20)][-1] for curve in (plain, scaled)]

    assert errors[1].val_loss < 1
    assert dict(errors[1].metrics)["mae"] == pytest.approx(1000 * dict(errors[0].metrics)["mae"], rel=0.1)


@pytest.mark.parametrize(
    "model",
    [
        lambda: SGDRegressor(learning_rate="constant", eta0=1e200),
        lambda: MLPRegressor(solver="sgd", learning_rate_init=1e9),
    ],
)
def test_weights_that_run_away_are_a_diverged_curve(model: Callable[[], Any]) -> None:
    """An overflow in the estimator is a report of losses that are not finite, and no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        curve = learner(model, VALUES)
        reports = [curve.run_epoch() for _ in range(5)]

    assert not reports[-1].finite


@pytest.mark.parametrize(
    ("model", "keywords", "words"),
    [
        (SGDClassifier, {"y": VALUES}, "classifier SGDClassifier for real targets"),
        (SGDRegressor, {"y": CLASSES}, "regressor SGDRegressor for classes"),
        (SGDClassifier, {"y": CLASSES, "schedule": "step"}, "schedule step"),
        (MultinomialNB, {"y": CLASSES}, "MultinomialNB raised ValueError: Negative values"),
        (SGDClassifier, {"y": CLASSES, "loss": staticmethod(lambda a, b: a)}, "loss of your own"),
    ],
)
def test_an_estimator_that_does_not_fit_is_refused(
    model: Callable[[], Any], keywords: dict[str, Any], words: str
) -> None:
    """The message says what does not fit."""
    with pytest.raises(TaskError, match=words):
        learner(model, **keywords).run_epoch()


def test_a_state_with_foreign_types_is_not_read() -> None:
    """A checkpoint that somebody exchanged runs no code of its own."""
    from fractions import Fraction

    from skops import io

    model, keywords = ESTIMATORS["sgd-log"]

    with pytest.raises(TaskError, match="Fraction"):
        learner(model, **keywords).thaw(io.dumps({"epoch": 1, "model": Fraction(1, 3)}))
