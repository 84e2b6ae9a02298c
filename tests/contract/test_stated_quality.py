"""Each built-in task reaches the quality that its docstring states, in the epochs stated there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest

from epochsearch.core.techniques import TECHNIQUES
from epochsearch.tasks.base import Task
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.metrics import METRICS, choose_metrics, own_metrics
from epochsearch.tasks.registry import ENTRIES
from epochsearch.training.learner import make_learner
from tests.contract.subjects import identity

SENTENCE = re.compile(
    r"Reaches (?P<figures>.+?) in (?P<epochs>\d+) epochs(?:, the mean of (?P<folds>\d+) folds)? "
    r"\(learning rate (?P<rate>[\d.e-]+), batch size (?P<size>\d+)(?P<others>(?:, [a-z0-9_ ]+? [\d.]+)*)\)\."
)
FIGURE = re.compile(r"\ban? ([a-z0-9 ]+?) of (\d+(?:\.\d+)?)")

CARRIED = [name for name, entry in ENTRIES.items() if not entry.origin.data_set]
"""Tasks whose data every installation has; those of data sets that are fetched can be missing."""


@dataclass(frozen=True)
class Stated:
    """What a task's docstring says."""

    figures: Mapping[str, float]  # by the metric, or "loss"
    epochs: int
    folds: int
    rate: float
    size: int
    others: Mapping[str, float]  # techniques and hyperparameters


def stated(task: Task) -> Stated:
    """Return what the docstring of the task's own class says."""
    said = SENTENCE.search(" ".join((type(task).__doc__ or "").split()))
    assert said, f"the docstring of {type(task).__name__} has no sentence 'Reaches ... in N epochs (...).'"
    others = dict(one.rsplit(" ", 1) for one in said["others"].split(", ") if one)
    return Stated(
        figures={named(name): float(value) for name, value in FIGURE.findall(said["figures"])},
        epochs=int(said["epochs"]),
        folds=int(said["folds"] or 1),
        rate=float(said["rate"]),
        size=int(said["size"]),
        others={named(name): float(value) for name, value in others.items()},
    )


def named(words: str) -> str:
    return words.replace(" ", "_")


def reached(task: Task, said: Stated) -> dict[str, float]:
    """Return loss and metrics after the last epoch, of averaged weights where there are; means over folds."""
    names = choose_metrics(task, None, None, {"metrics": "", "optimise": ""}).names
    techniques = {name: value for name, value in said.others.items() if name in TECHNIQUES}
    found: dict[str, list[float]] = {}
    for fold in range(said.folds):
        curve = identity(
            task,
            learning_rate=said.rate,
            batch_size=said.size,
            training=techniques,
            extras={name: value for name, value in said.others.items() if name not in TECHNIQUES},
            seed=0,
            fold=fold,
            folds=said.folds,
            metrics=names,
        )
        learner = make_learner(task, curve)
        report = [learner.run_epoch() for _ in range(said.epochs)][-1]
        values = {"loss": report.val_loss, **dict(report.metrics)}
        if report.average_loss is not None:
            values = {name: values[f"average_{name}"] for name in values if f"average_{name}" in values}
            values["loss"] = report.average_loss
        for name, value in values.items():
            found.setdefault(name, []).append(value)
    return {name: float(np.mean(values)) for name, values in found.items()}


def higher_is_better(task: Task, name: str) -> bool:
    if name == "loss":
        return False
    own = own_metrics(task)
    return bool(own[name].higher_is_better if name in own else METRICS[name].maximise)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", CARRIED)
def test_a_task_says_what_it_reaches(name: str) -> None:
    """Figures of metrics that it has, in the words of its options."""
    said = stated(load_task(name))

    assert said.figures
    assert said.epochs >= 1


@pytest.mark.slow
@pytest.mark.parametrize("name", CARRIED)
def test_a_task_reaches_what_it_says(name: str) -> None:
    """On its validation part, on the first seed."""
    task = load_task(name)
    said = stated(task)

    values = reached(task, said)

    for metric, value in said.figures.items():
        if higher_is_better(task, metric):
            assert values[metric] >= value, metric
        else:
            assert values[metric] <= value, metric
