"""From a point to the curves it is read on: their identities, and what the ledger already has of them."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from epochsearch.core.curve import CurveIdentity, EpochReport
from epochsearch.core.point import Point
from epochsearch.core.spec import StudySpec
from epochsearch.engines.device import arithmetic
from epochsearch.store.checkpoints import Checkpoint
from epochsearch.store.ledger import Ledger
from epochsearch.tasks.base import Task
from epochsearch.tasks.models import recipe_in_force


class CurveReader:
    """The curves of one study's task under its recipe and seed."""

    def __init__(self, spec: StudySpec, task: Task, ledger: Ledger) -> None:
        self._spec, self._task, self._ledger = spec, task, ledger

    def identities(self, point: Point) -> tuple[CurveIdentity, ...]:
        """Return the identity of the point's curve for every fold."""
        return curve_identities(self._spec, self._task, point)

    def snap_note(self, point: Point) -> str:
        """Return what to say if the point's configuration is not trained as it is; "" if it is."""
        if self._task.snap(point.configuration) == point.configuration:
            return ""
        return (
            "this table holds no curve at some of the proposed points: "
            "each is read at the nearest recorded learning rate (in log distance) and batch size"
        )

    def read(
        self, identities: tuple[CurveIdentity, ...]
    ) -> tuple[list[tuple[EpochReport, ...]], tuple[Checkpoint, ...]]:
        """Return the epochs that all folds have, a tuple each, and the checkpoints if of one epoch."""
        stored = [self._ledger.read(identity.key) for identity in identities]
        epochs = list(zip(*(curve.reports for curve in stored), strict=False))
        checkpoints = tuple(curve.checkpoint for curve in stored if curve.checkpoint is not None)
        same = len(checkpoints) == len(stored) and len({checkpoint.epoch for checkpoint in checkpoints}) == 1
        usable = same and checkpoints[0].epoch <= len(epochs)
        return epochs, checkpoints if usable else ()


def curve_identities(spec: StudySpec, task: Task, point: Point) -> tuple[CurveIdentity, ...]:
    """Return the identities of the curves, one a fold, that a study's point is read on."""
    recipe = recipe_in_force(task, spec.recipe, point.configuration)
    return tuple(
        CurveIdentity(
            task=task.name,
            fingerprint=spec.fingerprint,
            configuration=task.snap(point.configuration),
            recipe=spec.recipe,
            seed=spec.training_seed,
            fold=fold,
            folds=spec.folds,
            device=arithmetic(spec.device),
            torch=torch_version(),
            threads=spec.threads,
            length=point.epochs if recipe.length_bound else None,
            metrics=spec.metrics,
        )
        for fold in range(spec.folds)
    )


@cache
def torch_version() -> str:
    """Return torch's version without importing it."""
    return version("torch")
