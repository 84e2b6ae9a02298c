"""`run --dry-run` as a service: what a search will take, before it starts. Nothing is stored.

Its points are proposed as the search will propose them where they do not depend on results (grid, random,
qmc), and by the random sampler where they do. They are counted as if none was pruned and none diverged.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from epochsearch.core.choice import Choice
from epochsearch.core.curve import CurveIdentity
from epochsearch.core.errors import NotFoundError
from epochsearch.core.extension import is_extension
from epochsearch.core.patience import ENDLESS
from epochsearch.core.point import Point
from epochsearch.core.settings import Settings
from epochsearch.core.spec import Limits, StudySpec
from epochsearch.core.stages import STAGED
from epochsearch.core.trial import Cost, Outcome
from epochsearch.search.costs.prices import Prices, find_prices
from epochsearch.search.proposing.planners import make_planner
from epochsearch.search.running.curves import CurveReader, curve_identities, curve_trunk
from epochsearch.search.running.session import check_spec
from epochsearch.search.settings.resolve import DEFAULT_TASK, Resolved, resolve_settings
from epochsearch.store.archive import studies_trials, study_summaries, study_summary
from epochsearch.store.database import Database, open_database
from epochsearch.store.ledger import CHECKPOINT_BUDGET, Ledger
from epochsearch.store.studies import StoredTrial, find_study, stored_trials, study_attributes
from epochsearch.tasks.base import Task
from epochsearch.tasks.facts import examine
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.models import recipe_in_force

BLIND = frozenset({"grid", "random", "qmc"})
"""Samplers whose points do not depend on results."""
WALKED = BLIND | {STAGED}
"""Samplers whose own points are counted: the stages say how many, on how many rows and for how long."""
MOST_TRIALS = 5_000
"""More are not looked at where only a time limits the search."""
LIKE_STUDIES = 20
"""So many earlier studies at most, the latest, tell what pruning saves."""
EMPTY_BYTES, TRIAL_BYTES, EPOCH_BYTES = 140_000, 2_100, 130
"""What an SQLite database, a trial and an epoch of it take, over all tables and indexes (measured)."""


@dataclass(frozen=True, slots=True)
class PrunedShare:
    """What pruning left of the epochs in earlier studies of the same task and pruner."""

    share: float  # epochs charged of those asked for
    studies: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a search is predicted to take from now on, were no trial pruned."""

    study: str
    spec: StudySpec
    limits: Limits
    workers: int
    finished: int  # trials that earlier runs have ended
    ended_by: str  # the limit that is reached first, as `SearchEnded.why` calls it
    exact: bool  # whether these very points will be proposed
    trials: int  # further ones
    epochs_charged: int
    epochs_trained: int  # those of them that no curve of the ledger has
    seconds_training: float  # over all workers
    seconds_wall: float  # on the clock, start-up left out
    checkpoint_bytes: int
    database_bytes: int
    prices: Prices
    pruned: PrunedShare | None  # None: nothing is pruned, or there is no earlier study to go by


def plan(settings: Settings, storage: str) -> Plan:
    """Return what `run` with these settings is predicted to take.

    Raises:
        EpochsearchError: Whatever `run` would raise before its first trial.
    """
    task = load_task(settings.task or DEFAULT_TASK)
    facts = examine(task)
    resolved = resolve_settings(settings, task, facts)
    with ExitStack() as stack:
        database = _existing(storage)
        if database is not None:
            stack.callback(database.close)
        past = _past(database, resolved)
        prices = find_prices(resolved, task, facts.train_rows, database)
        walk = _Walk(resolved, task, past, prices, database)
        walk.go()
        return walk.plan(_pruned_share(database, resolved.spec))


def _existing(storage: str) -> Database | None:
    """Return the storage if there is one: to look at it must not make it."""
    try:
        return open_database(storage, create=False)
    except NotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class _Past:
    """What earlier runs of the study left."""

    trials: Sequence[StoredTrial] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    finished: int = 0
    cost: Cost = field(default_factory=Cost)
    wall_seconds: float = 0.0


def _past(database: Database | None, resolved: Resolved) -> _Past:
    stored = find_study(database, resolved.study) if database else None
    if database is None or stored is None:
        return _Past()
    check_spec(stored, resolved.spec)
    summary = study_summary(database.url, resolved.study)
    return _Past(
        stored_trials(database, stored.study_id),
        study_attributes(database, stored.study_id),
        summary.finished,
        summary.cost,
        summary.wall_seconds,
    )


class _Walk:
    """The search walked through without training: what it would propose, up to its first limit."""

    def __init__(
        self, resolved: Resolved, task: Task, past: _Past, prices: Prices, database: Database | None
    ) -> None:
        self._resolved, self._task, self._past, self._prices = resolved, task, past, prices
        self._reader = CurveReader(resolved.spec, task, Ledger(database)) if database else None
        self._new_bytes = 0 if database else EMPTY_BYTES
        self._known: dict[str, int] = {}  # epochs by the key of a curve
        self._free_at = [0.0] * max(1, resolved.workers)  # seconds from now, by worker
        self._trials = self._charged = self._trained = self._curves = 0
        self._seconds = self._charged_seconds = 0.0
        self._ended_by = ""

    def go(self) -> None:
        """Propose until a limit is reached."""
        spec, past = self._resolved.spec, self._past
        walked = spec if spec.sampler.name in WALKED else replace(spec, sampler=Choice("random"))
        resolved = replace(self._resolved, spec=replace(walked, pruner=Choice("none")))
        attributes = dict(past.attributes)
        planner = make_planner(resolved.study, resolved, self._task, past.trials, attributes)
        while not self._over():
            stretch = planner.next(begin=True)
            if stretch is None:
                self._ended_by = planner.ended_by
                return
            self._take(stretch.proposal.point)
            planner.tell(stretch.proposal, Outcome.COMPLETED, 0.0)

    def plan(self, pruned: PrunedShare | None) -> Plan:
        """Return what it comes to."""
        resolved = self._resolved
        return Plan(
            study=resolved.study,
            spec=resolved.spec,
            limits=resolved.limits,
            workers=resolved.workers,
            finished=self._past.finished,
            ended_by=self._ended_by,
            exact=resolved.spec.sampler.name in BLIND,
            trials=self._trials,
            epochs_charged=self._charged,
            epochs_trained=self._trained,
            seconds_training=self._seconds,
            seconds_wall=max(self._free_at),
            checkpoint_bytes=min(CHECKPOINT_BUDGET, round(self._prices.checkpoint_bytes * self._curves)),
            database_bytes=self._new_bytes + TRIAL_BYTES * self._trials + EPOCH_BYTES * self._charged,
            prices=self._prices,
            pruned=pruned,
        )

    def _over(self) -> bool:
        limits, past = self._resolved.limits, self._past
        if limits.trials is not None and past.finished + self._trials >= limits.trials:
            self._ended_by = "trials"
        elif limits.epochs is not None and past.cost.epochs_charged + self._charged >= limits.epochs:
            self._ended_by = "epochs"
        elif limits.seconds is not None and past.wall_seconds + min(self._free_at) >= limits.seconds:
            self._ended_by = "time"
        elif (
            limits.charged_seconds is not None
            and past.cost.seconds_charged + self._charged_seconds >= limits.charged_seconds
        ):
            self._ended_by = "charged time"
        elif self._trials >= MOST_TRIALS:
            self._ended_by = "trials"
        return bool(self._ended_by)

    def _take(self, point: Point) -> None:
        """Count a trial and give it to the worker that is free first."""
        epochs, limit = point.epochs, self._resolved.limits.epochs
        if limit is not None:
            epochs = min(epochs, limit - self._past.cost.epochs_charged - self._charged)
        identities = curve_identities(self._resolved.spec, self._task, point)
        trunk = curve_trunk(self._resolved.spec, self._task, point)
        known = self._known_epochs(identities)
        if trunk is not None:
            known = max(known, min(trunk.epochs, self._known_epochs(trunk.identities)))
        trained = max(0, epochs - known)
        rows = recipe_in_force(self._task, self._resolved.spec.recipe, point.configuration).train_rows
        share = min(1.0, rows / self._prices.rows) if rows and self._prices.rows else 1.0
        seconds = self._prices.at(point.batch_size) * len(identities) * share
        self._trials += 1
        self._charged += epochs
        self._trained += trained
        self._curves += len(identities) if not known else 0
        self._seconds += trained * seconds
        self._charged_seconds += epochs * seconds
        heapq.heapreplace(self._free_at, self._free_at[0] + trained * seconds)
        self._known[identities[0].key] = max(known, epochs)
        if trunk is not None:
            key = trunk.identities[0].key
            self._known[key] = max(self._known[key], min(trunk.epochs, epochs))

    def _known_epochs(self, identities: tuple[CurveIdentity, ...]) -> int:
        key = identities[0].key
        if key not in self._known:
            self._known[key] = len(self._reader.read(identities)[0]) if self._reader else 0
        return self._known[key]


def _pruned_share(database: Database | None, spec: StudySpec) -> PrunedShare | None:
    """Return what early ends left of the epochs of earlier studies that stop trials as this one does."""
    if database is None or (spec.pruner.name == "none" and spec.patience == ENDLESS):
        return None
    wanted = _stopping(spec)
    others = ((one.study, one.spec) for one in study_summaries(database.url) if not is_extension(one.spec))
    same = (name for name, other in others if wanted == _stopping(other))
    alike = list(itertools.islice(same, LIKE_STUDIES))
    trials = [trial for _, some in studies_trials(database.url, alike) for trial in some]
    asked = sum(trial.point.epochs for trial in trials if trial.outcome in _ENDED)
    done = sum(trial.epochs_done for trial in trials if trial.outcome in _ENDED)
    return PrunedShare(done / asked, len(alike)) if asked else None


def _stopping(spec: StudySpec) -> tuple[object, ...]:
    return spec.fingerprint, spec.pruner.name, spec.patience


_ENDED = (Outcome.COMPLETED, Outcome.PRUNED, Outcome.DIVERGED)
