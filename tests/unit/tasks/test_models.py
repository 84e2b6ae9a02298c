"""What `model` is given and what it must return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from epochsearch import Task
from epochsearch.core.choice import Choice, Scalar
from epochsearch.core.curve import CurveIdentity
from epochsearch.core.errors import TaskError
from epochsearch.core.point import Configuration
from epochsearch.core.recipe import Recipe
from epochsearch.tasks.losses import loss_of
from epochsearch.tasks.models import build_model


class Estimator:
    def __init__(self, **given: Any) -> None:
        self.given = given

    def partial_fit(self, x: Any, y: Any) -> None:
        pass


def identity(**extras: Scalar) -> CurveIdentity:
    configuration = Configuration(0.1, 32, tuple(extras.items()))
    recipe = Recipe(Choice("adam"), Choice("constant"))
    return CurveIdentity("mine", "f", configuration, recipe, 0, 0, 1, "cpu", "2", 1)


def task_of(model: Callable[..., Any]) -> Task:
    return type("Mine", (Task,), {"model": model})()


def test_model_is_given_what_it_names() -> None:
    """Hyperparameters that it does not name are not passed."""
    task = task_of(lambda self, learning_rate, width=3: Estimator(learning_rate=learning_rate, width=width))

    model = build_model(task, identity(width=8, weight_decay=0.1))

    assert model.given == {"learning_rate": 0.1, "width": 8}


def test_a_model_with_keywords_is_given_all_extras() -> None:
    """Learning rate and batch size only if it names them."""
    task = task_of(lambda self, batch_size, **extras: Estimator(batch_size=batch_size, **extras))

    assert build_model(task, identity(width=8)).given == {"batch_size": 32, "width": 8}


def test_a_torch_module_is_a_model() -> None:
    """It comes back as it is."""
    from torch import nn

    assert isinstance(build_model(task_of(lambda self: nn.Linear(2, 2)), identity()), nn.Linear)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (lambda self: None, "returned nothing"),
        (
            lambda self: 3,
            "returned a int: .*, or make int a learner of your own: with run_epoch, freeze, thaw",
        ),
        (lambda self: Estimator, r"Return Estimator\(...\)"),
        (lambda self: {}["x"], r"raised KeyError: 'x' \(test_models.py, line \d+\): model\(\) must"),
        (lambda self, witdh: Estimator(), "asks for 'witdh'.*Did you mean 'width'"),
        (lambda self: Estimator(), "'width': neither model\\(\\) nor the optimiser adam takes it"),
    ],
)
def test_what_is_no_model_is_refused(model: Any, words: str) -> None:
    """The message says what came instead."""
    extras = {"width": 8} if "width" in words else {}

    with pytest.raises(TaskError, match=words):
        build_model(task_of(model), identity(**extras))


def test_an_estimator_that_cannot_be_trained_by_epochs_is_refused() -> None:
    """A forest has no epochs."""
    from sklearn.ensemble import RandomForestClassifier

    with pytest.raises(TaskError, match="cannot be trained epoch by epoch"):
        build_model(task_of(lambda self: RandomForestClassifier()), identity())


def test_a_task_without_a_model_is_told_to_define_it() -> None:
    """The method is named."""
    with pytest.raises(TaskError, match=r"Define model\(self\)"):
        build_model(type("Mine", (Task,), {})(), identity())


def plain_loss(outputs: Any, targets: Any) -> Any:
    return ("plain", outputs, targets)


def test_a_plain_function_as_loss_is_not_bound_to_the_task() -> None:
    """`loss = function` in a class takes (outputs, targets), and so does a method."""

    class Plain(Task):
        loss = plain_loss

    class Method(Task):
        def loss(self, outputs: Any, targets: Any) -> Any:  # type: ignore[override]
            return ("method", outputs, targets)

    plain, method = loss_of(Plain()), loss_of(Method())

    assert callable(plain)
    assert plain(1, 2) == ("plain", 1, 2)
    assert callable(method)
    assert method(1, 2) == ("method", 1, 2)


def test_an_unknown_loss_gets_the_nearest_one() -> None:
    """A slip of the pen is answered with the name that was meant."""
    with pytest.raises(TaskError, match="Did you mean 'cross-entropy'"):
        loss_of(type("Mine", (Task,), {"loss": "crossentropy"})())
