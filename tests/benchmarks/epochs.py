"""What an epoch of each built-in task costs over a bare loop of the same model and batches, and averaging.

One thread, CPU time, in turn, so that other programs do not blur it. The loop of `bare_loop` computes the
validation loss and the metrics that the task asks for beyond its default one, by the same functions.
"""

from __future__ import annotations

import argparse
import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from epochsearch.core.choice import Choice, resolve
from epochsearch.core.curve import CurveIdentity
from epochsearch.core.point import Configuration
from epochsearch.core.recipe import OPTIMISERS, Recipe
from epochsearch.tasks.base import Task
from tests.benchmarks.bare_loop import run_epoch
from tests.benchmarks.measured import Row

if TYPE_CHECKING:
    from torch import Tensor

    from epochsearch.tasks.prepared import Prepared

ROUNDS, SHORTEST, MOST_EPOCHS = 7, 0.15, 40  # a round takes at least so many seconds, at most so many epochs
BATCH_SIZE, RATE = 64, 1e-3
FROZEN = 10  # epochs by which nothing is frozen any more
FEWEST_ROWS = 22
MOST_ROWS = 3_000  # training rows of the larger tasks
LIMIT = 1.3
AVERAGED = ("digits", "digits-cnn", "digits-segmentation", "docstrings-lstm", "characters-gru")
Epoch = Callable[[], object]
"""One epoch of something."""


def epochs(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """An epoch of each built-in task whose data are here against a bare loop."""
    from epochsearch.engines.inline import limit_threads
    from epochsearch.tasks.datasets.places import find
    from epochsearch.tasks.loading import load_task
    from epochsearch.tasks.registry import ENTRIES

    limit_threads(1)
    for name, entry in ENTRIES.items():
        if entry.origin.data_set and find(entry.origin.data_set) is None:
            yield Row(f"{name}, its data are not here", "not measured")
            continue
        task = load_task(name)
        if entry.rows > 2 * MOST_ROWS:
            task.train_rows = MOST_ROWS
        ours, bare = _in_turn(_tool(task), _bare(task))
        ratio = ours / bare
        figures = f"{ours * 1e3:.1f}, {bare * 1e3:.1f}, {ratio:.2f}"
        yield Row(f"{name}, ms an epoch, the loop's, times", figures, f"at most {LIMIT}", ratio <= LIMIT)


def averaging(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """What raw and averaged evaluation cost over raw alone, in validation passes; one step an epoch.

    A pass of less than a millisecond has no limit: memory that is not in a cache yet counts for more.
    """
    from epochsearch.engines.inline import limit_threads
    from epochsearch.tasks.loading import load_task

    limit_threads(1)
    for name in AVERAGED:
        task = load_task(name)
        task.train_rows = FEWEST_ROWS  # an epoch is little more than its evaluation
        whole = replace(_identity(task), configuration=Configuration(RATE, 1_000_000))
        averaged = replace(whole, recipe=replace(whole.recipe, average=1.0))
        plain, both, one = _in_turn(_tool(task, whole), _tool(task, averaged), _validation(task))
        passes = (both - plain) / one
        limited = one >= 1e-3
        yield Row(
            f"{name}, passes of {one * 1e3:.1f} ms that averaging adds",
            f"{passes:.2f}",
            "at most 1.2" if limited else "",
            passes <= 1.2 if limited else None,
        )


def _in_turn(*measured: Epoch) -> list[float]:
    """Return the median CPU seconds of one call of each, measured in turn, after a few that warm up."""
    counts = []
    for one in measured:
        one()
        one()
        started = time.process_time()
        one()
        counts.append(max(1, min(MOST_EPOCHS, math.ceil(SHORTEST / (time.process_time() - started + 1e-9)))))
    counted = list(zip(measured, counts, strict=True))
    rounds = [[_seconds(one, count) / count for one, count in counted] for _ in range(ROUNDS)]
    return [median(times) for times in zip(*rounds, strict=True)]


def _seconds(one: Epoch, count: int) -> float:
    started = time.process_time()
    for _ in range(count):
        one()
    return time.process_time() - started


def _identity(task: Task) -> CurveIdentity:
    from epochsearch.tasks.metrics import choose_metrics

    return CurveIdentity(
        task=task.name,
        fingerprint="",
        configuration=Configuration(RATE, BATCH_SIZE),
        recipe=Recipe(resolve(Choice("adam"), OPTIMISERS, "optimiser"), Choice("constant")),
        seed=0,
        fold=0,
        folds=1,
        device="cpu",
        torch="",
        threads=1,
        metrics=choose_metrics(task, None, None, {}).names,
    )


def _tool(task: Task, identity: CurveIdentity | None = None) -> Epoch:
    """Return an epoch of the tool; parts of a model that are frozen at first are trained by then."""
    from epochsearch.training.learner import make_learner

    learner = make_learner(task, identity or _identity(task))
    for _ in range(0 if type(task).layer_rates is Task.layer_rates else FROZEN):
        learner.run_epoch()
    return learner.run_epoch


def _bare(task: Task) -> Epoch:
    """Return an epoch of a loop by hand: the same model, optimiser, batches and validation rows."""
    import torch
    from torch import nn

    from epochsearch.tasks.models import build_model
    from epochsearch.tasks.prepared import prepare
    from epochsearch.training.evaluation import choose_loss

    data, model = prepare(task), build_model(task, _identity(task))
    if not isinstance(model, nn.Module):
        return _bare_estimator(task, model)
    training, validation = (
        (torch.as_tensor(part.x), torch.as_tensor(part.y)) for part in (data.train, data.validation)
    )
    with torch.no_grad():
        loss = choose_loss(task, data, model(training[0][:2]), training[1][:2])
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    seeds, further = itertools.count(), _further(task, data)

    def one() -> float:
        batches = _batches(task, training[0], next(seeds))
        return run_epoch(model, optimiser, loss, training, validation, batches, further)

    return one


def _further(task: Task, data: Prepared) -> Callable[[Tensor, Tensor], object] | None:
    """Return what computes the metrics that a task asks for beyond the default one."""
    from epochsearch.training.answers import answers_of, for_functions
    from epochsearch.training.metrics import MetricSet

    metrics = MetricSet(task, _identity(task).metrics, data)
    if not metrics.needs_all_rows:
        return None
    return lambda outputs, targets: metrics.of(
        math.nan, answers_of(data, outputs, targets), *for_functions(data, outputs, targets)
    )


def _batches(task: Task, x: Tensor, seed: int) -> Sequence[Tensor]:
    """Return row numbers in batches; rows of like length together where the tool does so too."""
    import torch

    from epochsearch.tasks.prepared import Part
    from epochsearch.training.batches import TensorSource

    lengths = task.lengths(x.numpy())
    if lengths is None:
        return torch.randperm(len(x)).split(BATCH_SIZE)
    numbers = np.arange(len(x))
    source = TensorSource(Part(numbers, numbers, len(x)), torch.device("cpu"), torch.as_tensor(lengths))
    return [rows for rows, _ in source.shuffled(BATCH_SIZE, seed)]


def _bare_estimator(task: Task, model: Any) -> Epoch:
    """Return an epoch of `partial_fit` by hand, and the log loss of the validation rows."""
    from sklearn.metrics import log_loss

    from epochsearch.tasks.prepared import prepare

    data, random = prepare(task), np.random.default_rng(0)
    (x, y), (x_val, y_val) = ((part.x, part.y) for part in (data.train, data.validation))
    classes = np.unique(y)

    def one() -> float:
        order = random.permutation(len(x))
        for start in range(0, len(x), BATCH_SIZE):
            rows = order[start : start + BATCH_SIZE]
            model.partial_fit(x[rows], y[rows], classes=classes)
        return float(log_loss(y_val, model.predict_proba(x_val), labels=classes))

    return one


def _validation(task: Task) -> Epoch:
    """Return a pass over the validation rows by the tool, with the task's metrics."""
    import torch

    from epochsearch.tasks.models import build_model
    from epochsearch.tasks.prepared import prepare
    from epochsearch.training.batches import TensorSource
    from epochsearch.training.evaluation import choose_loss, evaluate
    from epochsearch.training.metrics import MetricSet

    identity, data = _identity(task), prepare(task)
    model, source = build_model(task, identity), TensorSource(data.validation, torch.device("cpu"))
    metrics = MetricSet(task, identity.metrics, data)
    x, y = next(source.ordered(2))
    loss = choose_loss(task, data, model(x), y)
    return lambda: evaluate(model, source, loss, data, metrics)
