"""The one thing that training is: an object that runs one more epoch, and can be frozen and thawed."""

from __future__ import annotations

from typing import Protocol

from epochsearch.core.curve import CurveIdentity, EpochReport, SealedScore
from epochsearch.core.final import Whole
from epochsearch.core.measure import Weights
from epochsearch.tasks.base import Task
from epochsearch.training.models.trained import TrainedModel
from epochsearch.training.sealed_rows import SealedRows
from epochsearch.training.seeding import seed_libraries


class Learner(Protocol):
    """One curve in the making. Obeys laws 1 to 3: prefix, resume, independence.

    A fresh learner stands before epoch 1. What an epoch gives depends on nothing but the curve's identity and
    the epochs before it.
    """

    def run_epoch(self) -> EpochReport:
        """Train one more epoch and return its report."""
        ...

    def test(self, weights: Weights = "raw") -> SealedScore | None:
        """Return the score on the sealed test part after the last epoch, None if there is no such part.

        weights: raw or average; what averages no weights has one answer.
        For the final evaluation only (law 7); the state stays as it is.
        """
        ...

    def test_rows(self, weights: Weights = "raw") -> SealedRows | None:
        """Return the same row by row, None if there is no such part or its rows are not known."""
        ...

    def trained(self, weights: Weights = "raw") -> TrainedModel:
        """Return the model after the last epoch, to predict with and to be written down.

        weights: raw or average. The raw ones are the learner's own: another epoch trains them on.

        Raises:
            TaskError: There is none; what was recorded is a curve.
        """
        ...

    def freeze(self) -> bytes:
        """Return the whole state after the last epoch; readable without running code from it."""
        ...

    def thaw(self, state: bytes) -> None:
        """Put back the state that `freeze` of a learner of the same identity returned."""
        ...


def make_learner(task: Task, identity: CurveIdentity, whole: Whole | None = None) -> Learner:
    """Return a fresh learner for the curve, of the kind that the task's model asks for.

    whole: train on training and validation rows together, when the search is over; its validation loss is
    then one that training has seen.

    Raises:
        TaskError: The model is of no known kind or does not fit the data.
    """
    from epochsearch.tasks.table import TableTask

    if isinstance(task, TableTask):
        from epochsearch.training.table_learner import TableLearner

        return TableLearner(task, identity)
    from epochsearch.tasks.models import build_model, is_learner, is_lightning
    from epochsearch.tasks.sizes import sizes_for

    sizes = sizes_for(task, identity, final=whole is not None)
    seed_libraries(identity.seed, identity.fold, epoch=0)
    model = build_model(task, identity, sizes)
    if hasattr(model, "partial_fit"):
        from epochsearch.training.sklearn_learner import SklearnLearner

        return SklearnLearner(task, identity, model, whole)
    if is_learner(model):
        from epochsearch.training.own_learner import OwnLearner

        return OwnLearner(task, identity, model, whole)
    if is_lightning(model):
        from epochsearch.training.lightning_learner import LightningLearner

        return LightningLearner(task, identity, model, whole)
    from epochsearch.tasks.losses import place
    from epochsearch.tasks.raw import raw_data
    from epochsearch.training.torch_learner import TorchLearner
    from epochsearch.training.transformers_model import as_module

    return TorchLearner(task, identity, as_module(model, raw_data(task).packing, place(task)), whole)
