"""A curve of an object of the user's own that trains itself: `run_epoch`, `freeze` and `thaw`, and no more.

The laws are the object's to keep; `epochsearch check` looks whether it does.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from epochsearch.core.curve import CurveIdentity, EpochReport, SealedScore
from epochsearch.core.errors import EpochsearchError, TaskError
from epochsearch.core.final import Whole
from epochsearch.core.measure import Weights
from epochsearch.core.raised import raised
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import place
from epochsearch.tasks.prepared import sealed_part
from epochsearch.tasks.sizes import given_part
from epochsearch.training.metrics import Named
from epochsearch.training.models.trained import TrainedModel
from epochsearch.training.sealed_rows import SealedRows
from epochsearch.training.seeding import seed_libraries
from epochsearch.training.self_trained import check_asked, check_recipe

_RETURNS = "it returns (training loss, validation loss), or both and a mapping of metrics"


class OwnLearner:
    """The learner around an object with `run_epoch`, `freeze` and `thaw`; `test(part)` may be there too."""

    def __init__(self, task: Task, identity: CurveIdentity, learner: Any, whole: Whole | None = None) -> None:
        """learner: fresh, made under the seed of epoch 0. whole: it was given all but the test rows.

        Raises:
            TaskError: Something is asked for that only the tool's own training could do.
        """
        check_recipe(task, identity, learner)
        self._task, self._identity, self._learner = task, identity, learner
        self._whole = whole is not None
        self._where = f"{place(task)} {type(learner).__name__}"
        self._epoch = 0

    def run_epoch(self) -> EpochReport:
        """Have it train one more epoch and return its report.

        Raises:
            TaskError: It raised an exception, or returned no two losses, or not the metrics asked for.
        """
        started = time.perf_counter()
        epoch = self._epoch + 1
        seed_libraries(self._identity.seed, self._identity.fold, epoch)
        returned = self._called("run_epoch", _RETURNS)
        try:
            train_loss, val_loss, *more = returned
            losses = float(train_loss), float(val_loss)
            metrics = _named(more[0] if more else {})
        except (TypeError, ValueError) as error:
            raise self._wrong("run_epoch", f"returned {_shown(returned)}", _RETURNS) from error
        check_asked(self._identity, metrics, f"{self._where}.run_epoch()")
        self._epoch = epoch
        return EpochReport(epoch, *losses, time.perf_counter() - started, metrics)

    def test(self, weights: Weights = "raw") -> SealedScore | None:
        """Return what its `test` says of the sealed test part, None if the split leaves no rows for it.

        Raises:
            TaskError: It has no such method, or that returned no loss.
        """
        part = sealed_part(self._task, self._identity, final=self._whole)
        if part is None:
            return None
        rule = "it takes (inputs, targets) and returns the loss, or the loss and a mapping of metrics"
        if not callable(getattr(self._learner, "test", None)):
            raise TaskError(self._where, "has no method test", rule, "Define test(self, part).")
        seed_libraries(self._identity.seed, self._identity.fold, self._epoch)
        returned = self._called("test", rule, given_part(part))
        try:
            loss, metrics = returned if isinstance(returned, tuple) else (returned, {})
            return SealedScore(float(loss), _named(metrics))
        except (TypeError, ValueError) as error:
            raise self._wrong("test", f"returned {_shown(returned)}", rule) from error

    def test_rows(self, weights: Weights = "raw") -> SealedRows | None:
        """Return None: it tells one number for all rows."""
        return None

    def trained(self, weights: Weights = "raw") -> TrainedModel:
        """Refuse: what its model is, only it knows.

        Raises:
            TaskError: Always.
        """
        rule = "a learner of one's own has no model that could be written"
        raise TaskError(self._where, "", rule, "Keep it yourself, or return an nn.Module.")

    def freeze(self) -> bytes:
        """Return the number of the last epoch and the state that it returned.

        Raises:
            TaskError: That is not bytes.
        """
        state = self._called("freeze", "it returns the whole state as bytes")
        if not isinstance(state, bytes):
            rule = "it returns the whole state as bytes"
            raise self._wrong("freeze", f"returned {_shown(state)}", rule)
        return self._epoch.to_bytes(8, "big") + state

    def thaw(self, state: bytes) -> None:
        """Have it put back a state that `freeze` returned."""
        self._called("thaw", "it takes the bytes that freeze returned", state[8:])
        self._epoch = int.from_bytes(state[:8], "big")

    def _called(self, method: str, rule: str, *arguments: Any) -> Any:
        try:
            return getattr(self._learner, method)(*arguments)
        except EpochsearchError:
            raise
        except Exception as error:
            raise self._wrong(method, raised(error), rule) from error

    def _wrong(self, method: str, given: str, rule: str) -> TaskError:
        return TaskError(f"{self._where}.{method}()", given, rule, "Correct the method.")


def _named(metrics: Any) -> Named:
    if not isinstance(metrics, Mapping):
        raise TypeError
    return tuple((str(name), float(value)) for name, value in sorted(metrics.items()))


def _shown(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
