"""Which metrics are computed on a task's validation part: names from a table, or functions of the user's own.

They are computed where the task is trained; here is what each is for, and which way is better.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from epochsearch.core.errors import TaskError, UsageError, nearest
from epochsearch.core.measure import AVERAGE, LOSS, THE_LOSS, Measure
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import Target, place
from epochsearch.tasks.prepared import split_rows
from epochsearch.tasks.raw import Raw, raw_data
from epochsearch.tasks.table import TableTask

MetricFunction: TypeAlias = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Metric:
    """What a named metric is for. All that are better the higher they are have 1 as their best."""

    maximise: bool
    targets: tuple[Target, ...]
    two_classes: bool = False  # whether it is of the second of two classes
    one_label: bool = False  # whether a row may have one class only


_CLASSES: tuple[Target, ...] = ("classes", "binary")
_VALUES: tuple[Target, ...] = ("values",)

METRICS: Mapping[str, Metric] = {
    "accuracy": Metric(True, _CLASSES),
    "balanced_accuracy": Metric(True, _CLASSES, one_label=True),
    "precision": Metric(True, _CLASSES, two_classes=True),
    "recall": Metric(True, _CLASSES, two_classes=True),
    "f1": Metric(True, _CLASSES, two_classes=True),
    "precision_macro": Metric(True, _CLASSES),
    "recall_macro": Metric(True, _CLASSES),
    "f1_macro": Metric(True, _CLASSES),
    "precision_weighted": Metric(True, _CLASSES),
    "recall_weighted": Metric(True, _CLASSES),
    "f1_weighted": Metric(True, _CLASSES),
    "roc_auc": Metric(True, _CLASSES),
    "iou": Metric(True, _CLASSES),
    "dice": Metric(True, _CLASSES),
    "perplexity": Metric(False, ("classes",)),
    "mse": Metric(False, _VALUES),
    "rmse": Metric(False, _VALUES),
    "mae": Metric(False, _VALUES),
    "r2": Metric(True, _VALUES),
}
"""The named metrics; `training.metrics` says how each is computed."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a study computes and what its objective reads."""

    names: tuple[str, ...]  # of the metrics of each epoch; none: the task's default, which costs nothing
    measure: Measure


def default_metric(target: Target) -> str:
    """Return the metric that is computed where none is asked for."""
    return "mae" if target == "values" else "accuracy"


def own_metrics(task: Task) -> dict[str, MetricFunction]:
    """Return the functions among a task's `metrics`, by name.

    Raises:
        TaskError: One is neither a name nor a function with one, or has a name that is taken.
    """
    where, own = f"{place(task)} metrics", {}
    for metric in _attribute(task):
        if isinstance(metric, str):
            continue
        name = getattr(metric, "__name__", "")
        if not callable(metric) or not name.isidentifier():
            rule = "must be names, or functions (outputs, targets) -> float with a name"
            raise TaskError(where, repr(metric), rule, f"Names: {', '.join(METRICS)}.")
        if name in METRICS or name in own or name == LOSS:
            raise TaskError(where, name, "that name is taken", "Give the function another name.")
        if name.startswith(AVERAGE):
            rule = f"names that begin with {AVERAGE} are those of averaged weights"
            raise TaskError(where, name, rule, "Give the function another name.")
        own[name] = metric
    return own


def choose_metrics(task: Task, asked: str | None, optimise: str | None, where: Mapping[str, str]) -> Chosen:
    """Return what to compute and what to read.

    asked: names as "accuracy,f1_macro"; None: the task's `metrics`. optimise: a metric, computed whether or
    not it is asked for; None: the validation loss. where: how a message names "metrics" and "optimise".

    Raises:
        UsageError: A name is unknown, does not fit the task's targets, or does not say which way is better.
        TaskError: The task's `metrics` are of the wrong kind.
    """
    if isinstance(task, TableTask):
        return _recorded(task, asked, optimise, where)
    raw, own = raw_data(task), own_metrics(task)
    if asked is None:
        names, place_of_names = _names_of(task), f"{place(task)} metrics"
    else:
        names, place_of_names = _split(asked, where["metrics"]), where["metrics"]
    for name in names:
        _check(name, task, raw, own, place_of_names)
    measure = THE_LOSS
    if optimise is not None and _plain(optimise) != LOSS:
        name = _plain(optimise)
        _check(name, task, raw, own, where["optimise"])
        measure = Measure(name, _maximise(name, own, where["optimise"]))
        names = [*(names or [default_metric(raw.target)]), name]
    in_order = [name for name in (*METRICS, *sorted(own)) if name in names]
    return Chosen(() if in_order == [default_metric(raw.target)] else tuple(in_order), measure)


def check_defined(task: Task, measure: Measure, folds: int, where: str) -> None:
    """Make sure that what the objective reads has a value on every validation part.

    Raises:
        UsageError: It is ROC AUC, and a validation part has no row of one of the classes.
    """
    if measure.name != "roc_auc" or task.recorded:
        return
    raw = raw_data(task)
    if raw.y is None or raw.y.ndim > 1:
        return
    for fold in range(folds):
        present = np.unique(raw.y[split_rows(task, fold, folds).validation])
        missing = sorted(set(np.unique(raw.y).tolist()) - set(present.tolist()))
        if missing:
            part = f"the validation part of fold {fold + 1}" if folds > 1 else "the validation part"
            name = raw.labels[int(missing[0])] if raw.labels else f"{missing[0]:g}"
            rule = f"{part} has no row of class {name}, so it has no value"
            raise UsageError(where, measure.name, rule, "Ask for another metric, or split otherwise.")


def _attribute(task: Task) -> Sequence[Any]:
    given: object = task.metrics  # a user's class may hold anything
    if inspect.isroutine(given):
        rule = "must be a tuple of names and functions"
        name = "my_metric" if given.__name__ == "metrics" else given.__name__
        action = f"Write it outside the class, and there: metrics = ({name},)"
        raise TaskError(f"{place(task)} metrics", "is one function", rule, action)
    if isinstance(given, str) or not isinstance(given, Sequence):
        rule = "must be a tuple of names and functions"
        example = 'Example: metrics = ("accuracy", "f1_macro")'
        raise TaskError(f"{place(task)} metrics", repr(given), rule, example)
    return given


def _names_of(task: Task) -> list[str]:
    return [metric if isinstance(metric, str) else metric.__name__ for metric in _attribute(task)]


def _split(text: str, where: str) -> list[str]:
    names = [_plain(name) for name in text.split(",") if name.strip()]
    if not names:
        rule = "must name at least one metric"
        raise UsageError(where, repr(text), rule, "Example: --metrics accuracy,f1_macro")
    return names


def _plain(name: str) -> str:
    return name.strip().replace("-", "_")


def _check(name: str, task: Task, raw: Raw, own: Mapping[str, MetricFunction], where: str) -> None:
    """Raise a UsageError unless the metric exists and fits the task's targets."""
    if name in own:
        return
    fitting = [*(known for known, metric in METRICS.items() if not _misfit(metric, raw)), *own]
    if name not in METRICS:
        raise UsageError(where, name, "there is no such metric", nearest(name, fitting))
    problem = _misfit(METRICS[name], raw)
    if problem:
        raise UsageError(where, name, f"{problem} of {task.name}", f"Those that fit: {', '.join(fitting)}.")


def _misfit(metric: Metric, raw: Raw) -> str:
    if raw.target not in metric.targets:
        kinds = {"classes": "classes", "binary": "yes-or-no targets", "values": "real numbers"}
        wanted = " or ".join(kinds[target] for target in metric.targets)
        return f"it is for {wanted}, not for the {kinds[raw.target]}"
    several = raw.y is not None and raw.target == "binary" and raw.y.ndim == 2
    if metric.two_classes and (several or (raw.target == "classes" and raw.outputs != 2)):
        return f"it is of one of two classes, not of the {raw.outputs} {'labels' if several else 'classes'}"
    if metric.one_label and several:
        return f"it needs one class a row, not the {raw.outputs} labels"
    return ""


def _maximise(name: str, own: Mapping[str, MetricFunction], where: str) -> bool:
    """Return whether a metric is better the higher it is; a function of the user's own has to say it."""
    if name in METRICS:
        return METRICS[name].maximise
    said = getattr(own[name], "higher_is_better", None)
    if not isinstance(said, bool):
        rule = "a function of your own must say which way is better"
        raise UsageError(where, name, rule, f"Below it: {name}.higher_is_better = True  (or False)")
    return said


def _recorded(task: TableTask, asked: str | None, optimise: str | None, where: Mapping[str, str]) -> Chosen:
    """Return what the objective reads of recorded curves; they have the metrics that they have."""
    if asked is not None:
        rule = "a recorded table has the metrics of its columns, no others"
        raise UsageError(where["metrics"], asked, rule, "Leave the option out.")
    if optimise is None or _plain(optimise) == LOSS:
        return Chosen((), THE_LOSS)
    name = _plain(optimise)
    if name not in task.recorded_metrics:
        rule = f"the table has no column val_{name}"
        raise UsageError(where["optimise"], name, rule, nearest(name, (LOSS, *task.recorded_metrics)))
    if name not in METRICS:
        rule = "which way is better is known of named metrics only"
        raise UsageError(where["optimise"], name, rule, nearest(name, METRICS))
    return Chosen((), Measure(name, METRICS[name].maximise))
