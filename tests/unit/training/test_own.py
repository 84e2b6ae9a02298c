"""A training step and a learner of one's own: what they do, and what is said of those that are wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import epochsearch
from epochsearch.core.errors import TaskError
from epochsearch.training.learner import make_learner
from tests.contract.subjects import identity

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = (X[:, 0] > 0).astype(int)


class Sound(epochsearch.Task):
    def data(self) -> Any:
        return X, Y

    def model(self) -> nn.Module:
        return nn.Linear(4, 2)


class Same(Sound):
    """What the tool does itself."""

    def training_step(self, model: Any, x: Any, y: Any) -> Any:
        return functional.cross_entropy(model(x), y)


class Learner:
    """Counts its epochs."""

    epochs = 0

    def run_epoch(self) -> Any:
        self.epochs += 1
        return 1.0 / self.epochs, 2.0 / self.epochs, {"b": 1, "a": np.float32(0.5)}

    def freeze(self) -> Any:
        return bytes([self.epochs])

    def thaw(self, state: bytes) -> None:
        self.epochs = state[0]


def with_learner(**methods: Any) -> epochsearch.Task:
    kind = type("Mine", (Learner,), methods)
    return type("Owned", (Sound,), {"model": lambda self: kind()})()  # type: ignore[no-any-return]


def stepping(step: Any, **attributes: Any) -> epochsearch.Task:
    return type("Stepped", (Sound,), {"training_step": step, **attributes})()  # type: ignore[no-any-return]


def test_a_step_that_does_what_the_tool_does_gives_the_same_curve() -> None:
    """Bit for bit, with the same optimiser, bounds and parts of batches."""
    training = {"clip_norm": 0.1, "accumulate": 2, "l1": 0.01}

    own = make_learner(Same(), identity(Same(), training=training))
    tool = make_learner(Sound(), identity(Sound(), training=training))

    for _ in range(3):
        assert own.run_epoch().same_values(tool.run_epoch())


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (lambda self, m, x, y: None, "returned nothing: it takes .* End it with: return loss"),
        (lambda self, m, x, y: 0.5, "returned a float: it takes .*backward"),
        (lambda self, m, x, y: m(x)[:, 0], r"returned a tensor of shape \(8,\): .*loss.mean"),
        (lambda self, m, x, y: m(x).mean().detach(), "no gradient leads from it"),
        (
            lambda self, m, x, y: m(x, y),
            r"raised TypeError: .*\(test_own.py, line \d+\): .*Correct the method",
        ),
        (lambda self, m, x: m(x), "raised TypeError"),
    ],
)
def test_a_step_that_is_wrong_is_told_what_it_must_do(step: Any, message: str) -> None:
    """In four parts."""
    task = stepping(step)

    with pytest.raises(TaskError, match=r"Stepped training_step\(\).*" + message):
        make_learner(task, identity(task)).run_epoch()


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (
            lambda o, t: functional.cross_entropy(t, o),
            r"raised \w+: .* \(of outputs \(\d, 2\), targets \(\d,\)\)",
        ),
        (lambda o, t: functional.cross_entropy(o, t, reduction="none"), r"of shape \(8,\): .*loss.mean"),
        (lambda o, t: (o.argmax(1) != t).float().mean(), "no gradient leads from it to the outputs"),
        (lambda o, t: 0.5, "returned a float"),
    ],
)
def test_a_loss_that_is_wrong_is_told_what_it_must_do(loss: Any, message: str) -> None:
    """With the shapes that it was given."""
    task = type("Lossy", (Sound,), {"loss": staticmethod(loss)})()

    with pytest.raises(TaskError, match=r"Lossy loss\(\).*" + message):
        make_learner(task, identity(task)).run_epoch()


def test_what_a_step_replaces_is_refused_with_it() -> None:
    """Smoothed labels and weighted classes are the loss's, which the step computes."""
    with pytest.raises(TaskError, match="label_smoothing changes the loss of training, which training_step"):
        make_learner(Same(), identity(Same(), training={"label_smoothing": 0.1}))


def test_a_step_needs_a_module() -> None:
    """An estimator trains itself."""
    from sklearn.linear_model import SGDClassifier

    task = stepping(Same.training_step, model=lambda self: SGDClassifier())

    with pytest.raises(TaskError, match="does not apply to SGDClassifier, which trains itself"):
        make_learner(task, identity(task))


def test_a_learner_of_ones_own_is_asked_for_each_epoch() -> None:
    """Its losses and metrics are the report's; its state goes with the number of the epoch."""
    learner, other = (make_learner(task := with_learner(), identity(task)) for _ in range(2))

    first = learner.run_epoch()
    other.thaw(learner.freeze())
    second = other.run_epoch()

    assert (first.epoch, first.train_loss, first.val_loss) == (1, 1.0, 2.0)
    assert first.metrics == (("a", 0.5), ("b", 1.0))
    assert (second.epoch, second.train_loss) == (2, 0.5)


def test_it_is_given_its_parts_treated() -> None:
    """Of the fold that it is for; the test part only by `test`, once it is asked for."""
    seen: dict[str, Any] = {}

    def model(self: Any, train: Any, validation: Any) -> Any:
        seen.update(train=train, validation=validation)
        return type("Tested", (Learner,), {"test": lambda self, part: float(len(part[0]))})()

    task = type("Owned", (Sound,), {"model": model})()
    learner = make_learner(task, identity(task, fold=1, folds=3))

    assert [len(part[0]) for part in seen.values()] == [34, 17]
    assert np.allclose(seen["train"][0].mean(axis=0), 0, atol=1e-6)
    score = learner.test()
    assert score is not None
    assert score.loss == 9.0


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        ({"run_epoch": lambda self: None}, r"Mine.run_epoch\(\) returned nothing: it returns \(training"),
        ({"run_epoch": lambda self: 0.5}, r"returned a float"),
        ({"run_epoch": lambda self: (1, 2, 3)}, r"returned a tuple"),
        ({"run_epoch": lambda self: ("a", 2)}, r"returned a tuple"),
        ({"run_epoch": lambda self: 1 / 0}, r"raised ZeroDivisionError: division by zero"),
        ({"freeze": lambda self: None}, r"Mine.freeze\(\) returned nothing: it returns the whole state"),
    ],
)
def test_a_learner_that_is_wrong_is_told_what_it_must_do(methods: Any, message: str) -> None:
    """With its class and its method."""
    task = with_learner(**methods)
    learner = make_learner(task, identity(task))

    with pytest.raises(TaskError, match=message):
        (learner.run_epoch(), learner.freeze())


def test_a_learner_that_lacks_a_method_is_told_which() -> None:
    """All three are needed."""
    half = type("Half", (), {"run_epoch": None, "freeze": lambda self: b"", "thaw": lambda self, state: None})
    task = type("Owned", (Sound,), {"model": lambda self: half()})()

    with pytest.raises(TaskError, match="a Half with freeze and thaw, but without run_epoch"):
        make_learner(task, identity(task))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"schedule": "step"}, "a schedule does not apply to Mine, which sets its own learning rate"),
        (
            {"training": {"clip_norm": 1.0}},
            "techniques of training do not apply to Mine, which trains itself",
        ),
        ({"metrics": ("f1_macro",)}, "gave no f1_macro: its metrics are those that it returns"),
    ],
)
def test_what_only_the_tools_own_training_can_do_is_refused(options: Any, message: str) -> None:
    """Nothing that is asked for goes without effect."""
    task = with_learner()

    with pytest.raises(TaskError, match=message):
        make_learner(task, identity(task, **options)).run_epoch()


def test_a_test_that_is_not_there_is_told() -> None:
    """Only when somebody asks for the final evaluation."""
    task = with_learner()

    with pytest.raises(TaskError, match=r"Mine has no method test.*Define test\(self, part\)"):
        make_learner(task, identity(task)).test()


def test_mixed_precision_covers_the_step() -> None:
    """The model computes in bfloat16 in it; the loss is a 32-bit number."""
    kinds = []

    def step(self: Any, model: Any, x: Any, y: Any) -> Any:
        outputs = model(x)
        kinds.append(outputs.dtype)
        return functional.cross_entropy(outputs, y)

    task = stepping(step)

    make_learner(task, identity(task, training={"precision": "bf16"})).run_epoch()

    assert set(kinds) == {torch.bfloat16}
