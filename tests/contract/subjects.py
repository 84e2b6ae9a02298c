"""What the contract tests run on: one entry for each kind of learner, model, schedule and technique."""

from __future__ import annotations

import lzma
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset

import epochsearch
from epochsearch.core.choice import parse_choice, resolve
from epochsearch.core.curve import CurveIdentity
from epochsearch.core.point import Configuration
from epochsearch.core.recipe import LENGTH_BOUND_SCHEDULES, OPTIMISERS, SCHEDULES, Recipe
from epochsearch.core.techniques import TECHNIQUES
from epochsearch.tasks.base import Task
from epochsearch.tasks.loading import load_task
from tests.contract.task_subjects import TASKS
from tests.contract.transformers_subjects import PRETRAINED, SEQUENCES

ROWS, COLUMNS = 97, 6  # 97 = 12 x 8 + 1: the last batch would be a single row


def _blobs() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    y = np.arange(ROWS) % 3
    return random.normal(size=(ROWS, COLUMNS)) + y[:, None], y


class Plain(epochsearch.Task):
    """A small classifier."""

    def data(self):
        return _blobs()

    def model(self):
        return nn.Sequential(nn.Linear(COLUMNS, 16), nn.ReLU(), nn.Linear(16, 3))


class Noisy(Plain):
    """Batch norm, dropout, and a layer that draws from torch's global generator."""

    def model(self):
        return nn.Sequential(
            nn.Linear(COLUMNS, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3)
        )


class Lazy(Noisy):
    """The same rows as a Dataset that is read item by item and augments with random noise."""

    def data(self):
        return _NoisyDataset()


class _NoisyDataset(TensorDataset):
    def __init__(self):
        x, y = _blobs()
        super().__init__(torch.tensor(x, dtype=torch.float32), torch.tensor(y))

    def __getitem__(self, index):
        x, y = super().__getitem__(index)
        return x + 0.1 * torch.randn(COLUMNS) + 0.1 * float(np.random.rand()), y


class Tokens(Plain):
    """Rows of tokens, some of them padding."""

    standardise = False

    def data(self):
        return np.random.default_rng(0).integers(0, 9, size=(ROWS, COLUMNS)), np.arange(ROWS) % 3

    def model(self):
        return nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(4 * COLUMNS, 3))


class Stepped(Noisy):
    """A training step of its own, which draws at random and calls the model twice."""

    def training_step(self, model, x, y):
        noisy = model(x + 0.1 * torch.randn_like(x))
        return nn.functional.cross_entropy(noisy, y) + 0.1 * (noisy - model(x)).square().mean()


class Softmax:
    """A learner of one's own: softmax regression in NumPy, with momentum and random noise."""

    def __init__(self, train, validation, rate):
        self.parts, self.rate = {"train": train, "validation": validation}, rate
        self.weights, self.speed = np.zeros((COLUMNS, 3)), np.zeros((COLUMNS, 3))

    def run_epoch(self):
        x, y = self.parts["train"]
        noisy = x + 0.1 * np.random.normal(size=x.shape)
        self.speed = 0.9 * self.speed + noisy.T @ (self._shares(noisy) - np.eye(3)[y]) / len(y)
        self.weights = self.weights - self.rate * self.speed
        accuracy = (self._shares(self.parts["validation"][0]).argmax(1) == self.parts["validation"][1]).mean()
        return self.test(self.parts["train"]), self.test(self.parts["validation"]), {"accuracy": accuracy}

    def test(self, part):
        x, y = part
        return -np.log(self._shares(x)[np.arange(len(y)), y]).mean()

    def freeze(self):
        return np.stack([self.weights, self.speed]).tobytes()

    def thaw(self, state):
        self.weights, self.speed = np.frombuffer(state).reshape(2, COLUMNS, 3)

    def _shares(self, x):
        powers = np.exp(x @ self.weights)
        return powers / powers.sum(axis=1, keepdims=True)


class Own(Plain):
    """A learner that is neither torch's nor scikit-learn's."""

    def model(self, train, validation, learning_rate):
        return Softmax(train, validation, learning_rate)


class Mixed(Plain):
    """A table of numbers, some of them missing, and texts, some of them rare."""

    def data(self):
        x, y = _blobs()
        x[::7, 1] = np.nan
        texts = np.array([f"t{number}" for number in np.arange(ROWS) // 9], dtype=object)
        return np.column_stack([x.astype(object), texts]), y

    def model(self, inputs, outputs):
        return nn.Sequential(nn.Linear(inputs, 16), nn.ReLU(), nn.Linear(16, outputs))


class Estimator(Plain):
    """A scikit-learn estimator."""

    def model(self, learning_rate):
        from sklearn.linear_model import SGDClassifier

        return SGDClassifier(loss="log_loss", learning_rate="constant", eta0=learning_rate)


class MixedEstimator(Mixed):
    """The same, read by a scikit-learn estimator."""

    model = Estimator.model


class Network(Plain):
    """A scikit-learn network with an optimiser of its own."""

    def model(self, learning_rate):
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier((8,), learning_rate_init=learning_rate)


def write_table(path: Path, epochs: int = 12) -> Path:
    """Write recorded curves of 7 learning rates and 3 batch sizes, one of them diverging."""
    lines = ["learning_rate,batch_size,seed,epoch,val_loss,val_accuracy,seconds"]
    for i, rate in enumerate(np.logspace(-4, -1, 7)):
        for size in (16, 64, 256):
            for epoch in range(1, epochs + 1):
                loss = 0.2 + abs(i - 4) * 0.1 + size / 2000 + 2.0 / epoch
                shown = "nan" if i == 6 and epoch > 3 else f"{loss:.6f}"
                lines.append(f"{rate:.6g},{size},0,{epoch},{shown},{1 / (1 + loss):.4f},{0.01 * epoch}")
    text = "\n".join(lines) + "\n"
    if path.suffix == ".xz":
        path.write_bytes(lzma.compress(text.encode()))
    else:
        path.write_text(text)
    return path


def identity(
    task: Task,
    *,
    optimiser: str = "adam",
    schedule: str = "constant",
    learning_rate: float = 0.01,
    batch_size: int = 8,
    training: Mapping[str, object] | None = None,
    extras: Mapping[str, float | str] | None = None,
    seed: int = 3,
    fold: int = 0,
    folds: int = 1,
    length: int | None = None,
    metrics: tuple[str, ...] = (),
) -> CurveIdentity:
    """Return the identity of a curve of `task`."""
    recipe = Recipe(
        resolve(parse_choice(optimiser, "optimiser"), OPTIMISERS, "optimiser"),
        resolve(parse_choice(schedule, "schedule"), SCHEDULES, "schedule"),
        **(training or {}),
    )
    return CurveIdentity(
        task=task.name,
        fingerprint="f",
        configuration=task.snap(Configuration(learning_rate, batch_size, tuple((extras or {}).items()))),
        recipe=recipe,
        seed=seed,
        fold=fold,
        folds=folds,
        device="cpu",
        torch="t",
        threads=1,
        length=length,
        metrics=metrics,
    )


OWN_LEARNER = "learner of one's own"
DATAMODULE = "lightning: a module and its datamodule"
HERE = "tests/contract/subjects.py"
MIXED = {"impute": "mean", "one_hot": True, "scaling": "minmax", "select_best": 9}
AUGMENTED = str(TECHNIQUES["augment"].checked("rotate+shift+crop+flip+colour"))
TECHNIQUES_ON: dict[str, object] = {
    "accumulate": 2,
    "clip_norm": 0.1,
    "clip_value": 0.01,
    "label_smoothing": 0.2,
    "l1": 0.1,
    "class_weights": "balanced",
    "precision": "bf16",
    "scaling": "minmax",
    "impute": "median",
    "one_hot": True,
    "select_best": 4,
    "select_recursive": 0,
    "train_rows": 30,
    "augment": "none",
    "noise": 0.1,
    "token_dropout": 0.0,
    "average": 2.0,
    "average_norms": "recomputed",
    "gradient_norm": True,
}
"""A value for each technique; those that are off need data of another kind."""

SUBJECTS: dict[str, tuple[str, dict[str, object]]] = {
    "plain": (f"{HERE}:Plain", {}),
    "batch norm and dropout": (f"{HERE}:Noisy", {}),
    "lazy, augmented data": (f"{HERE}:Lazy", {}),
    "second fold of three": (f"{HERE}:Noisy", {"fold": 1, "folds": 3}),
    "searched weight decay": (f"{HERE}:Noisy", {"optimiser": "adamw", "extras": {"weight_decay": 0.1}}),
    "step of one's own": (f"{HERE}:Stepped", {}),
    "step of one's own in mixed precision": (
        f"{HERE}:Stepped",
        {"training": {"precision": "bf16", "accumulate": 2, "average": 1.0, "clip_norm": 0.1}},
    ),
    OWN_LEARNER: (f"{HERE}:Own", {"training": {"scaling": "minmax"}, "fold": 1, "folds": 3}),
    "transformers: a class for each sentence": (
        PRETRAINED["transformers: a class for each sentence"],
        {"batch_size": 16, "training": {"token_dropout": 0.1, "average": 1.0}},
    ),
    "transformers: the token after each": (
        PRETRAINED["transformers: the token after each"],
        {"batch_size": 16, "optimiser": "adamw"},
    ),
    SEQUENCES: (
        PRETRAINED[SEQUENCES],
        {"batch_size": 16, "training": {"token_dropout": 0.1, "average": 1.0}},
    ),
    DATAMODULE: ("tests/contract/lightning_subjects.py:WithDataModule", {"batch_size": 16}),
    "lightning: a fold of a datamodule": (
        "tests/contract/lightning_subjects.py:InFolds",
        {"batch_size": 16, "fold": 1, "folds": 3},
    ),
    "scikit-learn": (f"{HERE}:Estimator", {}),
    "scikit-learn network": (f"{HERE}:Network", {}),
    "metrics that were asked for": (f"{HERE}:Noisy", {"metrics": ("accuracy", "f1_macro", "roc_auc")}),
    "metrics of the task's own": (
        TASKS["FewScenesToDetectIn"],
        {"batch_size": 16, "metrics": ("mean_average_precision", "box_iou")},
    ),
    "table": ("table", {}),
    "digits-cnn": ("digits-cnn", {"batch_size": 256}),
    **{name: (reference, {"batch_size": 16}) for name, reference in TASKS.items()},
    **{f"optimiser {name}": (f"{HERE}:Noisy", {"optimiser": name}) for name in OPTIMISERS},
    **{
        f"schedule {name}": (
            f"{HERE}:Noisy",
            {"schedule": name, "length": 6 if name in LENGTH_BOUND_SCHEDULES else None},
        )
        for name in SCHEDULES
    },
    "plateau that waits for nothing": (f"{HERE}:Noisy", {"schedule": "plateau(patience=0, threshold=0.5)"}),
    **{
        f"{name} {value}": (f"{HERE}:Noisy", {"training": {name: value}})
        for name, value in TECHNIQUES_ON.items()
        if value not in ("none", 0)
    },
    "augmented images": (
        "digits-cnn",
        {"batch_size": 256, "training": {"augment": AUGMENTED, "noise": 0.1, "average": 1.0}},
    ),
    "columns selected one by one": (f"{HERE}:Plain", {"extras": {"select_recursive": 3}}),
    "gaps and categories": (f"{HERE}:Mixed", {"training": MIXED}),
    "gaps and categories in a fold": (f"{HERE}:Mixed", {"training": MIXED, "fold": 1, "folds": 3}),
    "gaps and categories of an estimator": (f"{HERE}:MixedEstimator", {"training": MIXED}),
    "dropped tokens": (f"{HERE}:Tokens", {"training": {"token_dropout": 0.2}}),
    "average with batch norm's statistics": (
        f"{HERE}:Noisy",
        {"training": {"average": 1.0, "average_norms": "recomputed"}},
    ),
    "lazy, averaged data": (f"{HERE}:Lazy", {"training": {"average": 1.0}}),
    "all of the step's techniques": (f"{HERE}:Noisy", {"training": TECHNIQUES_ON, "optimiser": "rmsprop"}),
    "searched techniques": (
        f"{HERE}:Noisy",
        {"extras": {"clip_norm": 0.5, "label_smoothing": 0.1, "optimiser": "nesterov", "momentum": 0.8}},
    ),
    "step every epoch after warm-up": (f"{HERE}:Noisy", {"schedule": "step(every=1, warmup=2)"}),
}
"""Name -> (task reference, options of `identity`)."""


def subject(name: str, table: Path) -> tuple[Task, CurveIdentity]:
    """Return a fresh task and the identity of a curve of it; skip the test where its package is absent."""
    for package in ("transformers", "lightning"):
        if name.startswith(f"{package}: "):
            pytest.importorskip(package, reason=f"the extra [{package}] is not installed")
    reference, options = SUBJECTS[name]
    task = load_task(f"table:{table}" if reference == "table" else reference)
    return task, identity(task, **options)  # type: ignore[arg-type]
