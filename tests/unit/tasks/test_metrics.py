"""Which metrics a task may be asked for, and which way each is better."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import epochsearch
from epochsearch.core.errors import EpochsearchError, TaskError, UsageError
from epochsearch.core.measure import Measure
from epochsearch.tasks.metrics import METRICS, check_defined, choose_metrics, own_metrics
from epochsearch.tasks.table import TableTask
from tests.contract.subjects import write_table

WHERE = {"metrics": "--metrics", "optimise": "--optimise"}


def share_right(outputs, targets):
    return 0.5


share_right.higher_is_better = True


def excess(outputs, targets):
    return 0.5


def average_excess(outputs, targets):
    return excess(outputs, targets)


def task_of(y: object, **attributes: object) -> epochsearch.Task:
    x = np.zeros((60, 2))
    return type("Mine", (epochsearch.Task,), {"data": lambda self: (x, y), **attributes})()


THREE = task_of(np.arange(60) % 3)
TWO = task_of(np.arange(60) % 2)
REAL = task_of(np.arange(60) / 7)
LABELS = task_of(np.eye(60)[:, :4], loss="binary-cross-entropy")


@pytest.mark.parametrize(
    ("task", "asked", "optimise", "names", "measure"),
    [
        (THREE, None, None, (), Measure()),
        (THREE, None, "loss", (), Measure()),
        (THREE, None, "accuracy", (), Measure("accuracy", maximise=True)),
        (THREE, "accuracy", None, (), Measure()),
        (REAL, "mae", "mae", (), Measure("mae")),
        (THREE, "f1-macro, accuracy", None, ("accuracy", "f1_macro"), Measure()),
        (THREE, None, "f1-macro", ("accuracy", "f1_macro"), Measure("f1_macro", maximise=True)),
        (THREE, "iou", "perplexity", ("iou", "perplexity"), Measure("perplexity")),
        (TWO, "f1,roc_auc", None, ("f1", "roc_auc"), Measure()),
        (REAL, "r2", "mse", ("mse", "r2"), Measure("mse")),
        (LABELS, "f1_macro,roc_auc,iou", None, ("f1_macro", "roc_auc", "iou"), Measure()),
    ],
)
def test_what_is_asked_for_is_computed_and_the_default_costs_nothing(
    task: epochsearch.Task, asked: str | None, optimise: str | None, names: tuple[str, ...], measure: Measure
) -> None:
    """Names come in one order however they were written; what is optimised is computed too."""
    chosen = choose_metrics(task, asked, optimise, WHERE)

    assert (chosen.names, chosen.measure) == (names, measure)


def test_a_task_names_its_own_metrics() -> None:
    """Names and functions of the class; an option on the command line takes their place."""
    task = task_of(np.arange(60) % 3, metrics=("f1_macro", share_right, excess))

    assert choose_metrics(task, None, None, WHERE).names == ("f1_macro", "excess", "share_right")
    assert choose_metrics(task, "share_right", None, WHERE).names == ("share_right",)
    best = choose_metrics(task, None, "share_right", WHERE).measure
    assert best == Measure("share_right", maximise=True)
    assert own_metrics(task) == {"share_right": share_right, "excess": excess}


@pytest.mark.parametrize(
    ("task", "asked", "optimise", "message"),
    [
        (THREE, "acuracy", None, "--metrics acuracy: there is no such metric. Did you mean 'accuracy'?"),
        (THREE, None, "f1", "--optimise f1: it is of one of two classes, not of the 3 classes of Mine."),
        (THREE, "r2", None, "--metrics r2: it is for real numbers, not for the classes of Mine. Those that"),
        (REAL, "accuracy", None, "it is for classes or yes-or-no targets, not for the real numbers of Mine"),
        (LABELS, "balanced_accuracy", None, "it needs one class a row, not the 4 labels of Mine"),
        (THREE, " , ", None, "--metrics ' , ': must name at least one metric. Example: --metrics"),
        (
            task_of(np.arange(60) % 3, metrics=(excess,)),
            None,
            "excess",
            "--optimise excess: a function of your own must say which way is better. Below it: excess.hi",
        ),
        (
            task_of(np.arange(60) % 3, metrics="accuracy"),
            None,
            None,
            "Mine metrics 'accuracy': must be a tuple of names and functions. Example: metrics = (",
        ),
        (
            task_of(np.arange(60) % 3, metrics=excess),
            None,
            None,
            "Mine metrics is one function: must be a tuple of names and functions. Write it outside the ",
        ),
        (task_of(np.arange(60) % 3, metrics=(3,)), None, None, "Mine metrics 3: must be names, or functions"),
        (task_of(np.arange(60) % 3, metrics=("f2",)), None, None, "Mine metrics f2: there is no such metric"),
        (
            task_of(np.arange(60) % 3, metrics=(excess, excess)),
            None,
            None,
            "Mine metrics excess: that name is taken. Give the function another name.",
        ),
        (
            task_of(np.arange(60) % 3, metrics=(average_excess,)),
            None,
            None,
            "Mine metrics average_excess: names that begin with average_ are those of averaged weights.",
        ),
    ],
)
def test_what_cannot_be_computed_is_refused_before_anything_is_trained(
    task: epochsearch.Task, asked: str | None, optimise: str | None, message: str
) -> None:
    """Where, what, the rule, and what to write instead."""
    with pytest.raises((UsageError, TaskError)) as error:
        choose_metrics(task, asked, optimise, WHERE)

    assert message in error.value.message


def test_a_table_has_the_metrics_of_its_columns(tmp_path: Path) -> None:
    """One of them can be what the objective reads; others cannot be computed any more."""
    table = TableTask(write_table(tmp_path / "curves.csv"))

    chosen = choose_metrics(table, None, "accuracy", WHERE)

    assert (chosen.names, chosen.measure) == ((), Measure("accuracy", maximise=True))
    for asked, optimise, message in (
        ("f1_macro", None, "a recorded table has the metrics of its columns, no others"),
        (None, "f1_macro", "the table has no column val_f1_macro"),
    ):
        with pytest.raises(EpochsearchError, match=message):
            choose_metrics(table, asked, optimise, WHERE)


def test_an_area_under_no_curve_is_refused() -> None:
    """In the order of time the rare class may be missing from a validation part: ROC AUC is nothing there."""
    measure = Measure("roc_auc", maximise=True)
    late = task_of(np.repeat(["a", "b"], [52, 8]), split_by="time")

    check_defined(TWO, measure, 4, "--optimise")
    for folds, part in ((1, "the validation part"), (2, "the validation part of fold 1")):
        with pytest.raises(UsageError) as error:
            check_defined(late, measure, folds, "--optimise")
        assert f"--optimise roc_auc: {part} has no row of class b, so" in error.value.message


def test_all_metrics_to_maximise_have_one_as_their_best() -> None:
    """What 1 - metric rests on: an objective of 0 is perfect. Errors are the ones to minimise."""
    assert {name for name, metric in METRICS.items() if not metric.maximise} == {
        "perplexity",
        "mse",
        "rmse",
        "mae",
    }
