"""Each technique of the step does what it is for, on data where that is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch import nn

import epochsearch
from epochsearch.core.errors import TaskError
from epochsearch.tasks.prepared import prepare
from epochsearch.training.learner import make_learner
from epochsearch.training.torch_learner import TorchLearner
from tests.contract.subjects import identity

ROWS = 96


class Blobs(epochsearch.Task):
    """Three classes in six columns; all training rows are one batch unless a test says otherwise."""

    split = (0.7, 0.3, 0.0)

    def data(self):
        random = np.random.default_rng(0)
        y = np.arange(ROWS) % 3
        return random.normal(size=(ROWS, 6)) + y[:, None], y

    def model(self):
        return nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))


class Rare(Blobs):
    """One row in twelve is of class 1, and hard to tell."""

    def data(self):
        random = np.random.default_rng(0)
        y = (np.arange(600) % 12 == 0).astype(int)
        return random.normal(size=(600, 2)) + y[:, None], y

    def model(self):
        return nn.Linear(2, 2)


class RareOneLogit(Rare):
    """The same with one output."""

    loss = "binary-cross-entropy"

    def model(self):
        return nn.Linear(2, 1)


class Irrelevant(epochsearch.Task):
    """Two of thirty columns matter."""

    def data(self):
        x = np.random.default_rng(0).normal(size=(300, 30))
        return x, x[:, 0] - 2 * x[:, 1]

    def model(self):
        return nn.Linear(30, 1)


def trained(
    task: epochsearch.Task, epochs: int = 1, training: Mapping[str, object] | None = None, **options: object
) -> TorchLearner:
    """Return the learner after some epochs."""
    curve = identity(task, training=training, **{"batch_size": 67, "optimiser": "sgd", **options})
    learner = make_learner(task, curve)
    assert isinstance(learner, TorchLearner)
    for _ in range(epochs):
        learner.run_epoch()
    return learner


def weights(learner: TorchLearner) -> torch.Tensor:
    return torch.cat([weight.detach().reshape(-1) for weight in learner.trained().module.parameters()])


@pytest.mark.parametrize("parts", [2, 3, 8])
def test_a_batch_in_parts_gives_the_step_of_the_whole_batch(parts: int) -> None:
    """Also where the parts are of unequal size: the mean is over the examples of the whole batch."""
    whole = trained(Blobs(), epochs=5, batch_size=32, learning_rate=0.5)

    in_parts = trained(Blobs(), epochs=5, batch_size=32, learning_rate=0.5, training={"accumulate": parts})

    assert (weights(in_parts) - weights(whole)).abs().max() < 1e-6


def test_no_part_of_a_batch_is_a_single_row() -> None:
    """Batch normalisation has no variance on one row: too many parts are as many as there can be."""

    class Normalised(Blobs):
        def model(self):
            return nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.Linear(4, 3))

    report = make_learner(
        Normalised(), identity(Normalised(), batch_size=8, training={"accumulate": 100})
    ).run_epoch()

    assert report.finite


def test_a_clipped_norm_bounds_the_step() -> None:
    """At a rate of 1, plain descent moves the weights by the norm allowed and no more."""
    before, free, bounded = (
        weights(trained(Blobs(), epochs=epochs, learning_rate=1.0, training=training))
        for epochs, training in ((0, {}), (1, {}), (1, {"clip_norm": 0.01}))
    )

    assert (free - before).norm() > 0.1
    assert (bounded - before).norm() == pytest.approx(0.01, rel=1e-3)


def test_clipped_values_bound_each_weight() -> None:
    """No weight moves further than rate x value."""
    before = weights(trained(Blobs(), epochs=0))
    after = weights(trained(Blobs(), learning_rate=1.0, training={"clip_value": 0.001}))

    assert (after - before).abs().max() == pytest.approx(0.001, rel=1e-3)


def test_the_norm_that_is_reported_is_of_the_gradient_before_it_is_bounded() -> None:
    """The largest of an epoch: here of its only step, the way that the weights go at a rate of 1."""
    before = weights(trained(Blobs(), epochs=0))
    step = (weights(trained(Blobs(), learning_rate=1.0)) - before).norm()
    task = Blobs()
    bounded = make_learner(task, identity(task, batch_size=67, training={"clip_norm": 0.01}))
    measured = make_learner(task, identity(task, batch_size=67, training={"gradient_norm": True}))

    assert bounded.run_epoch().gradient_norm == pytest.approx(float(step), rel=1e-4)
    assert measured.run_epoch().gradient_norm == pytest.approx(float(step), rel=1e-4)


def test_measuring_the_gradient_changes_no_weight() -> None:
    """The curve is the same; only its reports say more."""
    plain, measured = trained(Blobs(), epochs=3), trained(Blobs(), 3, {"gradient_norm": True})

    assert torch.equal(weights(plain), weights(measured))


def test_without_a_need_the_gradient_is_not_measured() -> None:
    """It costs time."""
    task = Blobs()

    assert make_learner(task, identity(task)).run_epoch().gradient_norm is None


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_l1_makes_zeros_where_nothing_is_to_be_learned(optimiser: str) -> None:
    """The weights of the 28 columns that do not matter are exactly 0, those of the two that do are not."""
    options = {"optimiser": optimiser, "learning_rate": 0.02, "batch_size": 30}

    drawn = trained(Irrelevant(), 60, {"l1": 0.3}, **options).trained().module.weight[0]
    free = trained(Irrelevant(), 60, {}, **options).trained().module.weight[0]

    assert (free == 0).sum() == 0
    assert (drawn[2:] == 0).sum() >= 24
    assert (drawn[:2].abs() > 0.5).all()


def test_smoothed_labels_keep_the_model_from_being_sure() -> None:
    """Nothing is gained by outputs beyond the smoothed share; without it they grow on and on."""

    def confidence(training: Mapping[str, object]) -> float:
        learner = trained(Blobs(), 100, training, optimiser="adam", learning_rate=0.05)
        x = torch.as_tensor(prepare(Blobs()).train.x)
        return float(learner.trained().module.eval()(x).detach().softmax(1).max(1).values.mean())

    assert confidence({}) > 0.96
    assert 0.7 < confidence({"label_smoothing": 0.2}) < 0.93


@pytest.mark.parametrize("task", [Rare(), RareOneLogit()])
def test_balanced_classes_make_rare_ones_count(task: epochsearch.Task) -> None:
    """A class of one row in twelve is hardly ever named; weighted, about as many of its rows are found."""

    def found(training: Mapping[str, object]) -> float:
        learner = trained(task, 40, training, optimiser="adam", learning_rate=0.05, batch_size=60)
        part = prepare(task).train
        x, y = torch.as_tensor(part.x), torch.as_tensor(part.y)
        outputs = learner.trained().module(x)
        named = outputs.argmax(1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0)
        return float(named[y == 1].float().mean())

    assert found({}) < 0.35
    assert found({"class_weights": "balanced"}) > 0.6


def test_mixed_precision_computes_in_bfloat16_and_keeps_weights_in_float32() -> None:
    """Close to full precision, not equal to it; what is stored and evaluated is float32."""
    plain, mixed = trained(Blobs(), 3), trained(Blobs(), 3, {"precision": "bf16"})

    assert all(weight.dtype is torch.float32 for weight in mixed.trained().module.parameters())
    assert not torch.equal(weights(plain), weights(mixed))
    assert torch.allclose(weights(plain), weights(mixed), atol=0.01)


def test_nesterov_looks_ahead() -> None:
    """By name the same as momentum with the option, and not the same as momentum without."""
    by_name = trained(Blobs(), 3, optimiser="nesterov", batch_size=16)
    by_option = trained(Blobs(), 3, optimiser="momentum(nesterov=true)", batch_size=16)
    without = trained(Blobs(), 3, optimiser="momentum", batch_size=16)

    assert torch.equal(weights(by_name), weights(by_option))
    assert not torch.equal(weights(by_name), weights(without))


@pytest.mark.parametrize("training", [{"label_smoothing": 0.1}, {"class_weights": "balanced"}])
def test_a_technique_of_classes_is_refused_for_real_targets(training: Mapping[str, object]) -> None:
    """In words of the task, before the first epoch."""
    with pytest.raises(TaskError, match=f"{next(iter(training))} needs classes as targets"):
        trained(Irrelevant(), training=training)
