"""Every named metric against its definition, written out; and what models of each kind are measured on."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from sklearn.linear_model import SGDClassifier, SGDRegressor
from torch import nn

import epochsearch
from epochsearch.core.curve import EpochReport
from epochsearch.core.errors import TaskError
from epochsearch.tasks.metrics import METRICS
from epochsearch.tasks.prepared import prepare
from epochsearch.training.answers import answers_of
from epochsearch.training.learner import make_learner
from epochsearch.training.metrics import FUNCTIONS, Answers, metric
from tests.contract.subjects import identity

RNG = np.random.default_rng(0)
Array = np.ndarray


def classes(count: int, rows: int = 60) -> Answers:
    shares = RNG.dirichlet(np.ones(count), rows)
    targets = np.array([RNG.choice(count, p=row) for row in shares])
    return Answers(targets, shares.argmax(axis=1), count, shares)


def values(columns: int, rows: int = 40) -> Answers:
    targets = RNG.normal(50, 10, (rows, columns))
    return Answers(targets, targets + RNG.normal(0, 3, (rows, columns)))


THREE, TWO, NUMBERS = classes(3), classes(2), values(2)


def of_class(given: Answers, label: int) -> tuple[float, float, float, int]:
    """Return precision, recall and F1 of a class, and how many rows it has, by counting."""
    said, right = given.answers == label, given.targets == label
    both = (said & right).sum()
    precision, recall = both / max(said.sum(), 1), both / right.sum()
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-300), int(right.sum())


def mean_of(given: Answers, part: int, *, weighted: bool) -> float:
    found = [of_class(given, label) for label in range(given.classes)]
    weights = [one[3] if weighted else 1 for one in found]
    return float(np.average([one[part] for one in found], weights=weights))


def area(scores: Array, right: Array) -> float:
    """Return how often a row of the class is ranked above one that is not: ROC AUC by counting pairs."""
    inside, outside = scores[right], scores[~right]
    return float(np.mean([(s > outside).mean() + (s == outside).mean() / 2 for s in inside]))


def overlap(given: Answers, label: int) -> float:
    said, right = given.answers == label, given.targets == label
    return float((said & right).sum() / (said | right).sum())


BY_HAND: dict[str, tuple[Answers, float]] = {
    "accuracy": (THREE, float(np.mean(THREE.answers == THREE.targets))),
    "balanced_accuracy": (THREE, mean_of(THREE, 1, weighted=False)),
    "precision": (TWO, of_class(TWO, 1)[0]),
    "recall": (TWO, of_class(TWO, 1)[1]),
    "f1": (TWO, of_class(TWO, 1)[2]),
    "precision_macro": (THREE, mean_of(THREE, 0, weighted=False)),
    "recall_macro": (THREE, mean_of(THREE, 1, weighted=False)),
    "f1_macro": (THREE, mean_of(THREE, 2, weighted=False)),
    "precision_weighted": (THREE, mean_of(THREE, 0, weighted=True)),
    "recall_weighted": (THREE, mean_of(THREE, 1, weighted=True)),
    "f1_weighted": (THREE, mean_of(THREE, 2, weighted=True)),
    "roc_auc": (
        THREE,
        float(np.mean([area(THREE.shares[:, label], THREE.targets == label) for label in range(3)])),
    ),
    "iou": (THREE, float(np.mean([overlap(THREE, label) for label in range(3)]))),
    "dice": (THREE, mean_of(THREE, 2, weighted=False)),
    "perplexity": (
        THREE,
        math.exp(-np.mean([math.log(THREE.shares[i, t]) for i, t in enumerate(THREE.targets)])),
    ),
    "mse": (NUMBERS, float(((NUMBERS.targets - NUMBERS.answers) ** 2).mean())),
    "rmse": (
        NUMBERS,
        float(np.sqrt(((NUMBERS.targets - NUMBERS.answers) ** 2).mean(axis=0)).mean()),
    ),
    "mae": (NUMBERS, float(np.abs(NUMBERS.targets - NUMBERS.answers).mean())),
    "r2": (
        NUMBERS,
        float(
            np.mean(
                1
                - ((NUMBERS.targets - NUMBERS.answers) ** 2).sum(axis=0)
                / ((NUMBERS.targets - NUMBERS.targets.mean(axis=0)) ** 2).sum(axis=0)
            )
        ),
    ),
}


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_what_its_definition_says(name: str) -> None:
    """The value by scikit-learn equals the one counted by hand; a new metric must be added here."""
    given, expected = BY_HAND[name]

    assert metric(name, given) == pytest.approx(expected, rel=1e-12)


def test_every_named_metric_can_be_computed() -> None:
    """The names that may be asked for are those that there are functions for."""
    assert list(METRICS) == list(FUNCTIONS)


def test_two_classes_and_several_labels_have_the_metrics_of_their_kind() -> None:
    """Of two classes ROC AUC, overlap and Dice are of the second; of several labels, the mean over them."""
    labels = Answers(np.array([[1, 0], [0, 1], [1, 1], [0, 0]]), np.array([[1, 0], [0, 0], [1, 1], [1, 0]]))
    shares = np.array([[0.9, 0.2], [0.4, 0.4], [0.8, 0.7], [0.6, 0.1]])
    several = Answers(labels.targets, labels.answers, 0, shares)

    assert metric("roc_auc", TWO) == pytest.approx(area(TWO.shares[:, 1], TWO.targets == 1))
    assert metric("iou", TWO) == pytest.approx(overlap(TWO, 1))
    assert metric("dice", TWO) == pytest.approx(of_class(TWO, 1)[2])
    assert metric("accuracy", several) == 6 / 8
    assert metric("roc_auc", several) == 1.0
    assert metric("iou", several) == 3 / 5


def test_a_metric_without_a_value_is_not_a_number() -> None:
    """ROC AUC without rows of both classes, or without shares; a class never predicted has precision 0."""
    ones = Answers(np.ones(5, int), np.ones(5, int), 2, np.full((5, 2), 0.5))
    silent = Answers(np.array([0, 1, 1]), np.array([0, 0, 0]), 2)

    assert math.isnan(metric("roc_auc", ones))
    assert math.isnan(metric("roc_auc", silent))
    assert math.isnan(metric("perplexity", silent))
    assert metric("precision", silent) == 0.0


def test_masks_that_are_empty_on_both_sides_overlap_by_nothing() -> None:
    """Zero divided by zero is 0, as scikit-learn and torchmetrics have it."""
    empty = Answers(np.zeros((2, 4), int), np.zeros((2, 4), int), 2)

    assert metric("iou", empty) == metric("dice", empty) == 0.0


class Rows(epochsearch.Task):
    """90 rows of 4 numbers; targets and model are set by each test."""

    y: object
    made: Callable[[], object]

    def data(self):
        return np.random.default_rng(1).normal(size=(90, 4)), self.y

    def model(self):
        return self.made()


def task_of(y: object, made: Callable[[], object], **attributes: object) -> Rows:
    task = type("Mine", (Rows,), attributes)()
    task.y, task.made = y, made
    return task


def first_epoch(task: Rows, *names: str) -> EpochReport:
    return make_learner(task, identity(task, metrics=names)).run_epoch()


KINDS = np.arange(90) % 3
REALS = np.random.default_rng(2).normal(100.0, 20.0, 90)
MASKS = (np.random.default_rng(3).random((90, 4)) > 0.6).astype(float)


@pytest.mark.parametrize(
    ("task", "names"),
    [
        (task_of(KINDS, lambda: nn.Linear(4, 3)), ("accuracy", "f1_macro", "roc_auc", "iou", "perplexity")),
        (task_of(KINDS > 0, lambda: nn.Linear(4, 1)), ("accuracy", "f1", "roc_auc", "dice")),
        (task_of(MASKS, lambda: nn.Linear(4, 4), loss="binary-cross-entropy"), ("roc_auc", "iou")),
        (task_of(REALS, lambda: nn.Linear(4, 1), standardise_target=True), ("mse", "mae", "r2")),
        (task_of(KINDS, lambda: SGDClassifier(loss="log_loss")), ("accuracy", "roc_auc", "perplexity")),
        (task_of(KINDS, SGDClassifier), ("balanced_accuracy", "f1_weighted")),
        (task_of(REALS, SGDRegressor, standardise_target=True), ("rmse", "r2")),
    ],
)
def test_a_model_of_each_kind_reports_the_metrics_asked_for(task: Rows, names: tuple[str, ...]) -> None:
    """By name, in the order asked for, finite, and the same when the curve is trained again."""
    report = first_epoch(task, *names)

    assert tuple(name for name, _ in report.metrics) == names
    assert all(math.isfinite(value) for _, value in report.metrics)
    assert report.same_values(first_epoch(task, *names))


def test_metrics_asked_for_leave_the_training_as_it_is() -> None:
    """Losses, and the metric that is there by default, are the same with and without others."""
    task = task_of(KINDS, lambda: nn.Linear(4, 3))

    plain, more = first_epoch(task), first_epoch(task, "accuracy", "f1_macro")

    assert (plain.train_loss, plain.val_loss) == (more.train_loss, more.val_loss)
    assert plain.metrics == more.metrics[:1]


def test_the_perplexity_is_the_exponential_of_the_cross_entropy() -> None:
    """Of a module and of an estimator."""
    for made in (lambda: nn.Linear(4, 3), lambda: SGDClassifier(loss="log_loss")):
        report = first_epoch(task_of(KINDS, made), "perplexity")

        assert dict(report.metrics)["perplexity"] == pytest.approx(math.exp(report.val_loss), rel=1e-5)


def test_errors_are_in_the_units_of_the_target() -> None:
    """A target that is standardised for training is measured as the user knows it."""
    task = task_of(REALS, lambda: nn.Linear(4, 1), standardise_target=True)
    scale = prepare(task).target_scale

    report = first_epoch(task, "mse", "r2")

    assert dict(report.metrics)["mse"] == pytest.approx(report.val_loss * scale**2, rel=1e-5)
    y = prepare(task).validation.y
    assert dict(report.metrics)["r2"] == pytest.approx(1 - report.val_loss / y.var(), rel=1e-4)


def test_masks_are_measured_position_by_position() -> None:
    """A class at each position of an image: logits (rows, classes, height, width)."""
    targets = np.random.default_rng(4).integers(0, 3, (90, 2, 2))
    task = task_of(
        targets, lambda: nn.Sequential(nn.Linear(4, 12), nn.Unflatten(1, (3, 2, 2))), loss="cross-entropy"
    )
    logits = torch.randn(5, 3, 2, 2)

    answers = answers_of(prepare(task), logits, torch.tensor(targets[:5]))
    report = first_epoch(task, "accuracy", "iou", "perplexity")

    assert answers is not None
    assert answers.targets.tolist() == targets[:5].reshape(-1).tolist()
    assert answers.answers.tolist() == logits.argmax(1).reshape(-1).tolist()
    assert dict(report.metrics)["perplexity"] == pytest.approx(math.exp(report.val_loss), rel=1e-5)
    assert 0 < dict(report.metrics)["iou"] < dict(report.metrics)["accuracy"] < 1


def test_a_yes_or_no_mask_is_two_classes_over_all_positions() -> None:
    """Intersection over union and Dice of the second, over the pixels of all images together."""
    targets = (np.random.default_rng(5).random((90, 2, 2)) > 0.5).astype(float)
    made = lambda: nn.Sequential(nn.Linear(4, 4), nn.Unflatten(1, (2, 2)))  # noqa: E731
    task = task_of(targets, made, loss="binary-cross-entropy")

    found = dict(first_epoch(task, "iou", "dice").metrics)

    assert found["dice"] == pytest.approx(2 * found["iou"] / (1 + found["iou"]))


def share_of_zeros(outputs, targets):
    return float((targets == 0).float().mean()) if hasattr(targets, "float") else float((targets == 0).mean())


def broken(outputs, targets):
    raise ValueError("no such thing")


@pytest.mark.parametrize("made", [lambda: nn.Linear(4, 3), SGDClassifier])
def test_a_function_of_ones_own_is_a_metric(made: Callable[[], object]) -> None:
    """It gets outputs and targets of all validation rows at once; its name is the metric's."""
    task = task_of(KINDS, made, metrics=("accuracy", share_of_zeros))

    found = dict(first_epoch(task, "accuracy", "share_of_zeros").metrics)

    assert found["share_of_zeros"] == pytest.approx(float((prepare(task).validation.y == 0).mean()))


def test_a_function_that_fails_is_told_as_the_users() -> None:
    """Which one, and what it raised."""
    task = task_of(KINDS, lambda: nn.Linear(4, 3), metrics=(broken,))

    with pytest.raises(
        TaskError, match=r"metric broken raised ValueError: no such thing \(test_metrics.py, line \d+\)"
    ):
        first_epoch(task, "broken")


def test_the_test_part_is_measured_alike() -> None:
    """The final evaluation has the same metrics."""
    task = task_of(KINDS, lambda: nn.Linear(4, 3))
    learner = make_learner(task, identity(task, metrics=("f1_macro", "roc_auc")))
    learner.run_epoch()

    score = learner.test()

    assert score is not None
    assert [name for name, _ in score.metrics] == ["f1_macro", "roc_auc"]
