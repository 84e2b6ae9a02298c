"""A curve read from a recorded table: nothing is trained, and the state is the number of the last epoch."""

from __future__ import annotations

from epochsearch.core.curve import CurveIdentity, EpochReport, SealedScore
from epochsearch.core.errors import TaskError
from epochsearch.core.measure import Weights
from epochsearch.tasks.table import TableTask
from epochsearch.training.models.trained import TrainedModel
from epochsearch.training.sealed_rows import SealedRows


class TableLearner:
    """The learner of recorded curves; the seconds of its reports are the recorded ones."""

    def __init__(self, task: TableTask, identity: CurveIdentity) -> None:
        """Find the curve.

        Raises:
            TaskError: The study searches a hyperparameter that no table records, or cross-validates.
        """
        for name, _ in identity.configuration.extras:
            if name not in task.hyperparameters:
                rule = "its recorded curves have no such hyperparameter"
                raise TaskError(task.reference, f"hyperparameter '{name}'", rule, "Search without it.")
        if identity.folds > 1:
            rule = "recorded curves have one validation part"
            raise TaskError(task.reference, f"with {identity.folds} folds", rule, "Use --folds 1.")
        self._reference = task.reference
        self._test_losses = task.test_losses(identity.configuration, identity.seed)
        self._reports = task.reports(identity.configuration, identity.seed)
        self._epoch = 0

    def run_epoch(self) -> EpochReport:
        """Return the next recorded epoch.

        Raises:
            TaskError: The recorded curve ends before it.
        """
        if self._epoch >= len(self._reports):
            given = f"epoch {self._epoch + 1}"
            rule = f"the recorded curve ends at epoch {len(self._reports)}"
            raise TaskError(self._reference, given, rule, f"Ask for at most --epochs {len(self._reports)}.")
        self._epoch += 1
        return self._reports[self._epoch - 1]

    def test(self, weights: Weights = "raw") -> SealedScore | None:
        """Return the recorded test loss of the last epoch, None if none was recorded."""
        return SealedScore(self._test_losses[self._epoch - 1]) if self._test_losses else None

    def test_rows(self, weights: Weights = "raw") -> SealedRows | None:
        """Return None: what was recorded is one number for all rows."""
        return None

    def trained(self, weights: Weights = "raw") -> TrainedModel:
        """Refuse: what was recorded is a curve.

        Raises:
            TaskError: Always.
        """
        raise TaskError(self._reference, "", "recorded curves have no model", "Search the task itself.")

    def freeze(self) -> bytes:
        """Return the number of the last epoch, as digits."""
        return str(self._epoch).encode()

    def thaw(self, state: bytes) -> None:
        """Stand after the epoch that `freeze` wrote down."""
        self._epoch = int(state)
