"""A curve of a scikit-learn estimator: one `partial_fit` per batch, in an order drawn anew each epoch.

The state is written by skops, which builds objects without running pickles, and only of types that it is told
to trust: scikit-learn's, NumPy's and the estimator's own class.
"""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from epochsearch.core.curve import CurveIdentity, EpochReport, SealedScore
from epochsearch.core.errors import TaskError
from epochsearch.core.final import Whole
from epochsearch.core.measure import Weights
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import loss_of, place
from epochsearch.tasks.prepared import Part, data_of, sealed_part
from epochsearch.training.metrics import NEED_SHARES, MetricSet
from epochsearch.training.models.estimator import Estimator
from epochsearch.training.scores import Score, choose_score
from epochsearch.training.sealed_rows import SealedRows
from epochsearch.training.self_trained import check_recipe
from epochsearch.training.trusted import load_trusted

_RAN_AWAY = re.compile(
    r"overflow|non-finite|infinity|\bnan\b", re.IGNORECASE
)  # what estimators say of such weights


class SklearnLearner:
    """The learner of an estimator with `partial_fit`.

    Losses are measured after the epoch on all training and validation rows: log loss of a classifier that has
    `predict_proba`, the share of wrong answers of one that has not, mean squared error of a regressor.
    """

    def __init__(self, task: Task, identity: CurveIdentity, model: Any, whole: Whole | None = None) -> None:
        """model: not fitted yet; every `random_state` it has is set from the curve's seed and fold.

        whole: train on training and validation rows together.

        Raises:
            TaskError: The estimator does not fit the targets, the data are lazy, or there is a schedule.
        """
        self._where = f"{place(task)} model()"
        self._task, self._identity = task, identity
        check_recipe(task, identity, model)
        if callable(loss_of(task)):
            given, rule = f"returned a {type(model).__name__}", "a loss of your own needs an nn.Module"
            raise TaskError(self._where, given, rule, "Remove the task's loss.")
        self._whole = whole is not None
        data = data_of(task, identity, final=self._whole)
        if data.lazy:
            rule = "a scikit-learn estimator needs arrays"
            raise TaskError(f"{place(task)} data()", "returned a Dataset", rule, "Return (X, y).")
        self._model = _seeded(model, identity)
        self._score = choose_score(model, data, self._where)
        self._metrics = MetricSet(task, identity.metrics, data)
        _check_metrics(identity, self._score, model, self._where)
        self._train, self._validation = self._arrays(data.train), self._arrays(data.validation)
        self._classes = {} if self._score.classes is None else {"classes": self._score.classes}
        self._libraries = ThreadpoolController()
        self._epoch = 0

    def run_epoch(self) -> EpochReport:
        """Train one more epoch and return its report; weights that ran away give NaN losses.

        Raises:
            TaskError: The estimator refuses the data.
        """
        started = time.perf_counter()
        epoch = self._epoch + 1
        with self._quiet():
            try:
                self._train_epoch(epoch)
                train_loss, _ = self._score.of(self._model, *self._train)
                val_loss, answers = self._score.of(self._model, *self._validation)
            except Exception as error:
                if not _RAN_AWAY.search(str(error)):
                    raise self._refused(error) from error
                train_loss = val_loss = float("nan")
                metrics = self._metrics.none()
            else:
                metrics = self._metrics.of_answers(answers)
        self._epoch = epoch
        return EpochReport(epoch, train_loss, val_loss, time.perf_counter() - started, metrics)

    def test(self, weights: Weights = "raw") -> SealedScore | None:
        """Return the score on the sealed test part, None if the split leaves no rows for it."""
        part = sealed_part(self._task, self._identity, final=self._whole)
        if part is None:
            return None
        with self._quiet():
            loss, answers = self._score.of(self._model, *self._arrays(part))
            return SealedScore(loss, self._metrics.of_answers(answers))

    def test_rows(self, weights: Weights = "raw") -> SealedRows | None:
        """Return the same row by row."""
        part = sealed_part(self._task, self._identity, final=self._whole)
        if part is None:
            return None
        with self._quiet():
            x, y = self._arrays(part)
            _, answers = self._score.of(self._model, x, y)
            losses = [self._score.of(self._model, x[i : i + 1], y[i : i + 1])[0] for i in range(len(x))]
        by_row = answers.by_row()
        return SealedRows(
            rows=len(x),
            losses=np.array(losses),
            default=self._metrics.of_default(float(by_row.mean())),
            default_rows=by_row,
            others=lambda rows: self._metrics.of_answers(answers.some(rows)),
        )

    def trained(self, weights: Weights = "raw") -> Estimator:
        """Return the estimator after the last epoch, to predict with."""
        return Estimator(self._model, self._score.head, place(self._task), self._identity.threads)

    def freeze(self) -> bytes:
        """Return the estimator and the number of the last epoch, as skops writes them."""
        from skops import io

        state: bytes = io.dumps({"epoch": self._epoch, "model": self._model})
        return state

    def thaw(self, state: bytes) -> None:
        """Put back a state that `freeze` returned.

        Raises:
            TaskError: It holds a type that is neither scikit-learn's nor NumPy's nor the estimator's own.
        """
        saved = load_trusted(state, self._model, self._where)
        self._model, self._epoch = saved["model"], int(saved["epoch"])

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Give the libraries the curve's threads and hush what they say of convergence: the losses tell."""
        threads = self._libraries.limit(limits=self._identity.threads)
        with threads, np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield

    def _train_epoch(self, epoch: int) -> None:
        identity, (x, y) = self._identity, self._train
        generator = np.random.default_rng(np.random.SeedSequence([identity.seed, identity.fold, epoch]))
        order, size = generator.permutation(len(x)), identity.configuration.batch_size
        for start in range(0, len(x), size):
            rows = order[start : start + size]
            self._model.partial_fit(x[rows], y[rows], **self._classes)

    def _arrays(self, part: Part) -> tuple[Array, Array]:
        """Return x as (rows, columns) and y as class indexes or values."""
        assert part.y is not None
        y = part.y if self._score.classes is None else part.y.astype(np.int64)
        return part.x.reshape(part.rows, -1), y

    def _refused(self, error: Exception) -> TaskError:
        given = f"{type(self._model).__name__} raised {type(error).__name__}: {error}"
        return TaskError(
            self._where, given, "the estimator must take the task's data", "Check the estimator."
        )


def _check_metrics(identity: CurveIdentity, score: Score, model: Any, where: str) -> None:
    asked = [name for name in identity.metrics if name in NEED_SHARES]
    if asked and score.head != "probabilities":
        rule = f"{asked[0]} needs probabilities, and {type(model).__name__} has no predict_proba"
        raise TaskError(where, f"with the metric {asked[0]}", rule, "Use another estimator or metric.")


def _seeded(model: Any, identity: CurveIdentity) -> Any:
    seed = int(np.random.SeedSequence([identity.seed, identity.fold, 0]).generate_state(1)[0] % 2**31)
    parameters = model.get_params() if hasattr(model, "get_params") else {}
    states = {name: seed for name in parameters if name == "random_state" or name.endswith("__random_state")}
    return model.set_params(**states) if states else model
