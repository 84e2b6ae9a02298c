"""The metrics of an epoch, by scikit-learn's functions on all validation rows at once.

What a model says is brought into one form first, `Answers`, whatever kind of model it was. Positions of a
mask or of a sequence count as rows. A class that is never predicted has precision 0.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from epochsearch.core.errors import TaskError
from epochsearch.core.raised import raised
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import place
from epochsearch.tasks.metrics import MetricFunction, default_metric, own_metrics
from epochsearch.tasks.prepared import Prepared

Named = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model says of some rows beside what is right."""

    targets: Array  # int64 (n,) class indexes; int64 (n, labels) of 0 and 1; float64 (n, columns) values
    answers: Array  # of the same shape
    classes: int = 0  # how many a row may be of; 0: values, or several labels
    shares: Array | None = None  # float64 (n, classes) or (n, labels) probabilities; None: there are none
    least: float = 1e-300  # what a share counts at least where its logarithm is taken

    def some(self, rows: Array) -> Answers:
        """Return those of the rows with these numbers."""
        shares = None if self.shares is None else self.shares[rows]
        return replace(self, targets=self.targets[rows], answers=self.answers[rows], shares=shares)

    def by_row(self) -> Array:
        """Return for each row the share of right answers, of values the mean absolute error."""
        values = self.targets.dtype.kind == "f"
        found = np.abs(self.targets - self.answers) if values else self.targets == self.answers
        return np.asarray(found.reshape(len(found), -1).mean(axis=1), dtype=np.float64)


class MetricSet:
    """The metrics that the epochs of one curve hold, computed for one epoch after the other."""

    def __init__(self, task: Task, names: Sequence[str], data: Prepared) -> None:
        """names: as `tasks.metrics` chose them; none: the default alone.

        Raises:
            TaskError: A function of the task's own is no longer there.
        """
        own = own_metrics(task)
        unknown = [name for name in names if name not in FUNCTIONS and name not in own]
        if unknown:
            rule = "the task's metrics no longer name it"
            raise TaskError(f"{place(task)} metrics", unknown[0], rule, "Put it back.")
        self._where = place(task)
        self._default = default_metric(data.target)
        self._names = tuple(names) or (self._default,)
        self._optional = not names  # the default is left out where it means nothing
        self._own = {name: own[name] for name in names if name in own}

    @property
    def needs_all_rows(self) -> bool:
        """Whether a metric is asked for that is not a mean over rows."""
        return any(name != self._default for name in self._names)

    def over_rows(self, outputs: Any, targets: Any) -> dict[str, Callable[[Array], float]]:
        """Return for each own metric that has `over_rows` what gives its value on some of these rows.

        Such a metric is asked for many samples of the same rows: `metric.over_rows(outputs, targets)` does
        once what does not depend on the sample, and returns a function of the row numbers.
        """
        makers = {name: getattr(function, "over_rows", None) for name, function in self._own.items()}
        return {name: make(outputs, targets) for name, make in makers.items() if make is not None}

    def of(
        self,
        default: float,
        answers: Answers | None,
        outputs: Any,
        targets: Any,
        known: Mapping[str, float] | None = None,
    ) -> Named:
        """Return the metrics by name; one that has no value is not a number.

        default: the value of the default metric, as it was summed up batch by batch. answers: None where the
        outputs are of no form that metrics know. outputs, targets: what functions of the user's own get.
        known: metrics that need not be computed any more.

        Raises:
            TaskError: A function of the user's own raised an exception, or returned no number.
        """
        found = dict(known or {}) | {self._default: default}
        return tuple(
            (name, found[name] if name in found else self._one(name, answers, outputs, targets))
            for name in self._names
        )

    def of_answers(self, answers: Answers) -> Named:
        """Return the metrics of an estimator; functions of the user's own get its shares, else its answers.

        Raises:
            TaskError: As `of` does.
        """
        outputs = answers.answers if answers.shares is None else answers.shares
        return self.of(metric(self._default, answers), answers, outputs, answers.targets)

    def of_default(self, value: float) -> Named:
        """Return the metrics where the default is all that is asked for; none where it means nothing."""
        return () if self._optional and math.isnan(value) else ((self._default, value),)

    def none(self) -> Named:
        """Return the metrics of a model that has run away."""
        return tuple((name, math.nan) for name in self._names)

    def _one(self, name: str, answers: Answers | None, outputs: Any, targets: Any) -> float:
        if name in self._own:
            return self._called(name, self._own[name], outputs, targets)
        return math.nan if answers is None else metric(name, answers)

    def _called(self, name: str, function: MetricFunction, outputs: Any, targets: Any) -> float:
        where = f"{self._where} metric {name}"
        try:
            return float(function(outputs, targets))
        except Exception as error:
            given = raised(error)
            rule = "a metric takes (outputs, targets) and returns one number"
            raise TaskError(where, given, rule, "Correct the function.") from error


def metric(name: str, answers: Answers) -> float:
    """Return a named metric; NaN where it has no value, as ROC AUC has none without rows of every class."""
    from sklearn import config_context

    with config_context(assume_finite=True, skip_parameter_validation=True), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes that are absent: the value says it
        try:
            return float(FUNCTIONS[name](answers))
        except ValueError:
            return math.nan


def _accuracy(given: Answers) -> float:
    return float((given.targets == given.answers).mean())


def _balanced_accuracy(given: Answers) -> float:
    from sklearn.metrics import balanced_accuracy_score

    return float(balanced_accuracy_score(given.targets, given.answers))


def _of_classes(part: int, average: str) -> Callable[[Answers], float]:
    """part: 0 precision, 1 recall, 2 F1."""

    def score(given: Answers) -> float:
        from sklearn.metrics import precision_recall_fscore_support

        found = precision_recall_fscore_support(
            given.targets, given.answers, average=average, zero_division=0
        )
        return float(found[part])

    return score


def _roc_auc(given: Answers) -> float:
    """Of several classes the mean of each against the rest."""
    from sklearn.metrics import roc_auc_score

    if given.shares is None:
        return math.nan
    if given.classes == 2:
        return float(roc_auc_score(given.targets, given.shares[:, 1]))
    several = {"multi_class": "ovr", "labels": range(given.classes)} if given.classes else {}
    return float(roc_auc_score(given.targets, given.shares, **several))


def _overlap(function: str) -> Callable[[Answers], float]:
    """Intersection over union, or Dice: of the second of two classes, else the mean over those present.

    All rows and pixels count together. Where neither targets nor answers have any pixel of the second class
    it is 0, scikit-learn's and torchmetrics' value for zero divided by zero.
    """

    def score(given: Answers) -> float:
        from sklearn import metrics

        targets, answers = given.targets.reshape(-1), given.answers.reshape(-1)
        average = "macro" if given.classes > 2 else "binary"
        return float(getattr(metrics, function)(targets, answers, average=average, zero_division=0))

    return score


def _perplexity(given: Answers) -> float:
    """The exponential of the mean cross-entropy."""
    if given.shares is None:
        return math.nan
    right = given.shares[np.arange(len(given.targets)), given.targets]
    return float(np.exp(-np.log(np.maximum(right, given.least)).mean()))


def _of_values(function: str) -> Callable[[Answers], float]:
    def score(given: Answers) -> float:
        from sklearn import metrics

        return float(getattr(metrics, function)(given.targets, given.answers))

    return score


FUNCTIONS: Mapping[str, Callable[[Answers], float]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "precision": _of_classes(0, "binary"),
    "recall": _of_classes(1, "binary"),
    "f1": _of_classes(2, "binary"),
    "precision_macro": _of_classes(0, "macro"),
    "recall_macro": _of_classes(1, "macro"),
    "f1_macro": _of_classes(2, "macro"),
    "precision_weighted": _of_classes(0, "weighted"),
    "recall_weighted": _of_classes(1, "weighted"),
    "f1_weighted": _of_classes(2, "weighted"),
    "roc_auc": _roc_auc,
    "iou": _overlap("jaccard_score"),
    "dice": _overlap("f1_score"),
    "perplexity": _perplexity,
    "mse": _of_values("mean_squared_error"),
    "rmse": _of_values("root_mean_squared_error"),
    "mae": _of_values("mean_absolute_error"),
    "r2": _of_values("r2_score"),
}
"""The named metrics of `tasks.metrics`, each on all rows; values are in the user's units."""

NEED_SHARES = ("roc_auc", "perplexity")
"""Those that a model's decisions alone do not give."""
