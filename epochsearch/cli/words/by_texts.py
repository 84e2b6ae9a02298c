"""What `show --by` prints: a row for each value of the axes asked for, and how far it is behind the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from epochsearch.analysis.best_by import EPOCHS, BestOf
from epochsearch.cli.console import Fact
from epochsearch.cli.words.documents import number
from epochsearch.cli.words.formats import hyperparameter_text, loss_text, rate_text
from epochsearch.core.axis import Choices
from epochsearch.core.choice import Scalar
from epochsearch.core.measure import Measure
from epochsearch.search.answers.best_by import AxisReading

APART_COLUMNS = ("difference", "95 % interval", "p", "told apart")
_SPARE = ("error", "training", "at end")


def axis_facts(found: AxisReading) -> list[Fact]:
    """Return what is compared, and over what."""
    counts = sorted({one.configurations for one in found.best})
    each = " to ".join(str(count) for count in dict.fromkeys((counts[0], counts[-1])))
    said = f"the best of {each} {'configuration' if counts == [1] else 'configurations'} for each"
    if found.spec.folds > 1:
        said += f", mean over {found.spec.folds} folds"
    if EPOCHS not in found.axes:
        said += ", each at its best epoch"
    by = ", ".join(map(_words, found.axes))
    return [("Study", f"{found.study} ({found.spec.task})"), ("By", f"{by}: {said}")]


def axis_table(found: AxisReading) -> tuple[list[str], list[list[str]], Sequence[str]]:
    """Return columns and rows, and which columns may go where there is little room.

    An axis with one value has no column of its own. "at end" is the loss after the last epoch of the curve.
    """
    measure, others = found.spec.measure, _others(found)
    columns = [
        *map(_words, found.axes),
        measure.word,
        "error",
        *map(_words, others),
        "training",
        "at end",
        "seconds",
    ]
    if EPOCHS not in found.axes:
        columns.insert(len(found.axes) + 2, EPOCHS)
    rows = [
        _row(one, train, others, measure, found.axes)
        for one, train in zip(found.best, found.train_loss, strict=True)
    ]
    return columns, rows, _SPARE


def apart_rows(found: AxisReading) -> list[list[str]]:
    """Return under the axes and APART_COLUMNS how far each value is behind the best; none of one fold."""
    sign = -1 if found.spec.measure.maximise else 1
    rows = []
    for one in found.best:
        if one.difference is None or one.p is None:
            return []
        if one.difference.low == one.difference.high == 0:
            rows.append([*_texts(found.axes, one), "the best", "", "", ""])
            continue
        ends = sorted((sign * one.difference.low, sign * one.difference.high))
        rows.append(
            [
                *_texts(found.axes, one),
                loss_text(sign * one.difference.estimate),
                f"{loss_text(ends[0])} to {loss_text(ends[1])}",
                f"{one.p:.3f}",
                "yes" if one.apart else "no",
            ]
        )
    return rows


def axis_document(found: AxisReading) -> dict[str, Any]:
    """Return the document of `show --by`."""
    rows = zip(found.best, found.train_loss, strict=True)
    return {
        "study": found.study,
        "task": found.spec.task,
        "objective": found.spec.objective,
        "metric": found.spec.measure.name,
        "folds": found.spec.folds,
        "by": list(found.axes),
        "values": [_value_document(one, found.axes, train) for one, train in rows],
    }


def _value_document(one: BestOf, axes: Sequence[str], train: float) -> dict[str, Any]:
    point, gap = one.estimate.point, one.difference
    return {
        "of": dict(zip(axes, one.values, strict=True)),
        "configurations": one.configurations,
        "trial": one.estimate.trial,
        "epochs": point.epochs,
        "learning_rate": point.learning_rate,
        "batch_size": point.batch_size,
        "hyperparameters": dict(point.configuration.extras),
        "value": number(one.estimate.loss),
        "standard_error": number(one.estimate.standard_error),
        "train_loss": number(train),
        "last": number(one.last),
        "seconds": number(one.estimate.seconds),
        "difference": None if gap is None else number(gap.estimate),
        "low": None if gap is None else number(gap.low),
        "high": None if gap is None else number(gap.high),
        "p": number(one.p),
    }


def _row(
    one: BestOf, train: float, others: Sequence[str], measure: Measure, axes: Sequence[str]
) -> list[str]:
    estimate = one.estimate
    parameters = estimate.point.parameters
    error = estimate.standard_error
    cells = [
        *_texts(axes, one),
        loss_text(measure.shown(estimate.loss)),
        "-" if error is None else loss_text(error),
        *(_text(name, parameters[name]) for name in others),
        "-" if math.isnan(train) else loss_text(train),
        loss_text(measure.shown(one.last)) if math.isfinite(one.last) else "-",
        f"{estimate.seconds:.2f}",
    ]
    if EPOCHS not in axes:
        cells.insert(len(axes) + 2, str(estimate.point.epochs))
    return cells


def _others(found: AxisReading) -> list[str]:
    """Return the other axes that have more than one value, epochs apart."""
    axes = found.spec.space.axes
    return [
        name
        for name, axis in axes.items()
        if name not in (EPOCHS, *found.axes) and not (isinstance(axis, Choices) and len(axis.values) == 1)
    ]


def _texts(axes: Sequence[str], one: BestOf) -> list[str]:
    return [_text(axis, value) for axis, value in zip(axes, one.values, strict=True)]


def _text(axis: str, value: Scalar) -> str:
    if axis == "learning_rate" and isinstance(value, (int, float)):
        return rate_text(float(value), 3)
    return hyperparameter_text(value)


def _words(axis: str) -> str:
    return axis.replace("_", " ")
