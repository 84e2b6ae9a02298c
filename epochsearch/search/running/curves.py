"""From a point to the curves it is read on: their identities, and what the ledger already has of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import version

from epochsearch.core.axis import Axis, Choices, Range
from epochsearch.core.choice import Choice, parse_choice, resolve
from epochsearch.core.curve import CurveIdentity, EpochReport
from epochsearch.core.point import Point
from epochsearch.core.recipe import SCHEDULES
from epochsearch.core.spec import StudySpec
from epochsearch.core.stages import STAGED
from epochsearch.core.trunk import (
    TRUNK_SCHEDULES,
    Trunk,
    shared_epochs,
    state_epochs,
    trunk_identity,
    without_cooldown,
)
from epochsearch.engines.device import arithmetic
from epochsearch.store.checkpoints import Checkpoint
from epochsearch.store.ledger import Ledger
from epochsearch.tasks.base import Task
from epochsearch.tasks.models import recipe_in_force, recipe_names


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

    def trunk(self, point: Point) -> Trunk | None:
        """Return the trunk that the point's curve begins with; None if it has none."""
        return curve_trunk(self._spec, self._task, point)

    def read(
        self, identities: tuple[CurveIdentity, ...], upto: int | None = None
    ) -> tuple[list[tuple[EpochReport, ...]], tuple[Checkpoint, ...]]:
        """Return the epochs that all folds have, a tuple each, and the checkpoints if of one epoch.

        upto: of the checkpoints, those of later epochs are passed over.
        """
        stored = [self._ledger.read(identity.key, upto) for identity in identities]
        epochs = list(zip(*(curve.reports for curve in stored), strict=False))
        checkpoints = tuple(curve.checkpoint for curve in stored if curve.checkpoint is not None)
        same = len(checkpoints) == len(stored) and len({checkpoint.epoch for checkpoint in checkpoints}) == 1
        usable = same and checkpoints[0].epoch <= len(epochs)
        return epochs, checkpoints if usable else ()

    def take_over(
        self,
        identities: tuple[CurveIdentity, ...],
        trunk: Trunk | None,
        extend: Callable[[CurveIdentity, EpochReport], None],
    ) -> tuple[list[tuple[EpochReport, ...]], tuple[Checkpoint, ...]]:
        """Return the same of curves that may be branches: these take over what their trunk has.

        extend: notes an epoch that a curve has gained.
        """
        own, checkpoints = self.read(identities)
        if trunk is None:
            return own, checkpoints
        lent, states = self.read(trunk.identities, trunk.epochs)
        gained = lent[len(own) : trunk.epochs]
        for reports in gained:
            for identity, report in zip(identities, reports, strict=True):
                extend(identity, report)
        return own + gained, max(checkpoints, states, key=lambda some: some[0].epoch if some else 0)


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


def curve_trunk(spec: StudySpec, task: Task, point: Point) -> Trunk | None:
    """Return the trunk that the curve of a study's point begins with, or is; None if it has none."""
    if task.recorded:
        return None
    schedule = recipe_in_force(task, spec.recipe, point.configuration).schedule
    searched = "schedule" in recipe_names(task, dict(point.configuration.extras))
    if not searched and schedule.name not in TRUNK_SCHEDULES:
        return None
    curves = curve_identities(spec, task, point)
    if schedule.name not in TRUNK_SCHEDULES:
        states = _branching(spec, schedule)
        return Trunk(curves, point.epochs, states) if states else None
    identities = tuple(trunk_identity(curve, schedule, searched=searched) for curve in curves)
    states = state_epochs(schedule, _lengths(spec.space.epochs)) if _comes_again(spec) else frozenset()
    shared = shared_epochs(schedule, point.epochs)
    return Trunk(identities, shared, states) if shared else None


def _branching(spec: StudySpec, schedule: Choice) -> frozenset[int]:
    """Return the epochs of a curve under this schedule after which branches under searched ones may begin."""
    axis = spec.space.axes["schedule"]
    values = axis.values if isinstance(axis, Choices) and _comes_again(spec) else ()
    others = [resolve(parse_choice(str(value), "schedule"), SCHEDULES, "schedule") for value in values]
    branches = [one for one in others if one.name in TRUNK_SCHEDULES and without_cooldown(one) == schedule]
    return frozenset().union(*(state_epochs(one, _lengths(spec.space.epochs)) for one in branches))


def _comes_again(spec: StudySpec) -> bool:
    """Return whether a configuration can be proposed twice: else no state of a trunk finds a branch."""
    listed = isinstance(spec.space.learning_rate, Choices)
    return listed or spec.resolution > 0 or spec.sampler.name in ("grid", STAGED)


@cache
def _lengths(epochs: Axis) -> tuple[int, ...]:
    """Return all numbers of epochs on an axis."""
    if isinstance(epochs, Range):
        return tuple(range(int(epochs.low), int(epochs.high) + 1))
    return tuple(int(value) for value in epochs.values if isinstance(value, (int, float)))


@cache
def torch_version() -> str:
    """Return torch's version without importing it."""
    return version("torch")
