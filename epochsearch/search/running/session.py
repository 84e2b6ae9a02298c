"""One study, opened and claimed by this process: found or made, its past read back, ready to be searched."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version

from epochsearch.core.errors import SpecDiffersError, StorageError, UsageError
from epochsearch.core.spec import StudySpec, differences
from epochsearch.engines.engine import Engine
from epochsearch.engines.inline import InlineEngine
from epochsearch.engines.processes import ProcessEngine
from epochsearch.engines.worker import WorkerSetup
from epochsearch.search.proposing.planners import make_planner
from epochsearch.search.running.curves import CurveReader
from epochsearch.search.running.events import SearchStarted
from epochsearch.search.running.loop import PARKED, Parts, Search
from epochsearch.search.running.progress import Progress, Stop
from epochsearch.search.running.sharing import CurvesInUse
from epochsearch.search.settings.resolve import Resolved
from epochsearch.store.archive import study_trials
from epochsearch.store.claims import Claim
from epochsearch.store.database import Database
from epochsearch.store.journal import Journal
from epochsearch.store.ledger import Ledger
from epochsearch.store.studies import (
    StoredStudy,
    StoredTrial,
    create_study,
    find_study,
    optuna_study_exists,
    stored_trials,
    study_attributes,
)
from epochsearch.tasks.base import Task


@dataclass(frozen=True, slots=True)
class Session:
    """A study that this process holds."""

    database: Database
    study: StoredStudy
    claim: Claim
    stored: list[StoredTrial]
    progress: Progress  # of earlier runs

    def started(self, resolved: Resolved, storage: str) -> SearchStarted:
        """Return the event that opens a run."""
        return SearchStarted(
            study=self.study.name,
            spec=resolved.spec,
            limits=resolved.limits,
            storage=storage,
            workers=resolved.workers,
            finished=self.progress.finished,
            cost=self.progress.cost,
            wall_seconds=self.study.wall_seconds,
            best=self.progress.best,
        )

    def search(
        self,
        resolved: Resolved,
        task: Task,
        engine: Engine,
        stop: Stop,
        in_use: CurvesInUse | None = None,
        ahead: int = PARKED,
    ) -> Search:
        """Return the search, ready to run on `engine`.

        in_use: the curves that searches beside this one are training; ahead: see `Parts`.
        """
        ledger, attributes = Ledger(self.database), study_attributes(self.database, self.study.study_id)
        parts = Parts(
            planner=make_planner(self.study.name, resolved, task, self.stored, attributes),
            curves=CurveReader(resolved.spec, task, ledger),
            journal=Journal(self.database, ledger, self.study.study_id, self.study.wall_seconds),
            claim=self.claim,
            engine=engine,
            recorded=task.recorded,
            in_use=in_use or CurvesInUse(),
            ahead=ahead,
        )
        return Search(resolved.spec, resolved.limits, parts, self.progress, stop)


@contextmanager
def opened(database: Database, resolved: Resolved) -> Iterator[Session]:
    """Find or make the study, claim it, and read its past; the claim is given back at the end.

    Raises:
        SpecDiffersError: The study was made under another spec.
        UsageError: Another program's study has that name.
        StudyHeldError: A live process holds it.
    """
    study = _study(database, resolved)
    with _claimed(database, study) as claim:
        stored = stored_trials(database, study.study_id)
        yield Session(database, study, claim, stored, _progress(database, study, stored))


def start_engine(resolved: Resolved, task: Task, database: Database) -> Engine:
    """Return the engine that a search with these workers trains on."""
    folder, threads = database.checkpoint_folder.absolute(), resolved.spec.threads
    if resolved.workers == 0:
        return InlineEngine(task, threads, folder)
    setup = WorkerSetup(task.reference, resolved.spec.fingerprint, threads, folder)
    return ProcessEngine(setup, resolved.workers)


def _study(database: Database, resolved: Resolved) -> StoredStudy:
    """Return the study of that name, made if there is none.

    Raises:
        SpecDiffersError: It was made under another spec.
        UsageError: Another program's study has that name.
    """
    name, spec = resolved.study, resolved.spec
    study = find_study(database, name)
    if study is None:
        if optuna_study_exists(database, name):
            rule = "a study of that name was made by another program"
            raise UsageError("--study", name, rule, "Give another name.")
        return create_study(database, name, spec, _conditions())
    check_spec(study, spec)
    return study


def check_spec(study: StoredStudy, spec: StudySpec) -> None:
    """Return if the stored study can go on under `spec`.

    Raises:
        SpecDiffersError: It was made under another one.
    """
    changed = differences(study.spec, spec)
    if changed:
        shown = "; ".join(_told(*difference) for difference in changed)
        action = "Give --study another name, or the stored values."
        raise SpecDiffersError("--study", study.name, f"it was made under another spec: {shown}", action)


def _told(key: str, old: str, new: str) -> str:
    if key == "fingerprint":
        return "the task's code or data were different"
    return f"{key.removeprefix('space.')} is {old}, now {new}"


@contextmanager
def _claimed(database: Database, study: StoredStudy) -> Iterator[Claim]:
    claim = Claim(database, study.study_id, study.name)
    claim.take()
    try:
        yield claim
    finally:
        with suppress(StorageError):  # a claim that cannot be given back dies with this process
            claim.release()


def _progress(database: Database, study: StoredStudy, stored: list[StoredTrial]) -> Progress:
    progress = Progress()
    for record in study_trials(database.url, study.name):
        progress.add(record)
    progress.unfinished = {
        trial.frozen.number: trial for trial in stored if trial.unfinished or study.spec.freezes
    }
    return progress


def _conditions() -> dict[str, str]:
    """Return the versions and the machine under which a study was begun."""
    libraries = {name: version(name) for name in ("epochsearch", "optuna", "torch", "numpy", "scikit-learn")}
    return {
        **libraries,
        "python": platform.python_version(),
        "machine": platform.platform(),
        "host": platform.node(),
    }
