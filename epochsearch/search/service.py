"""`run` as a service: settings and a storage in, events out. Opens, claims, searches, sums up, closes."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from importlib.metadata import version

from epochsearch.core.errors import SpecDiffersError, StorageError, UsageError
from epochsearch.core.settings import Settings
from epochsearch.core.spec import differences
from epochsearch.engines.engine import Engine
from epochsearch.engines.inline import InlineEngine
from epochsearch.engines.processes import ProcessEngine, warm_up
from epochsearch.engines.worker import WorkerSetup
from epochsearch.search.curves import CurveReader
from epochsearch.search.events import Event, Notice, SearchEnded, SearchStarted
from epochsearch.search.loop import Parts, Search
from epochsearch.search.progress import Progress, Stop
from epochsearch.search.proposals import Proposals
from epochsearch.search.resolve import DEFAULT_TASK, Resolved, resolve_settings
from epochsearch.store.archive import study_summary, study_trials
from epochsearch.store.claims import Claim
from epochsearch.store.database import Database, open_database
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
from epochsearch.tasks.loading import load_task

__all__ = ["Stop", "search"]


def search(settings: Settings, storage: str, stop: Stop | None = None) -> Iterator[Event]:
    """Run, or go on with, one study; yield what happens, SearchEnded last.

    storage: URL of the database, made if it is not there. stop: a flag that ends the search cleanly.

    Raises:
        EpochsearchError: Any of its family, before the first trial for what can be known by then.
    """
    if settings.workers != "0" and not (settings.task or "").startswith("table:"):
        warm_up()
    task = load_task(settings.task or DEFAULT_TASK)
    resolved = resolve_settings(settings, task)
    with closing(open_database(storage, create=True)) as database:
        study = _study(database, resolved)
        with _claimed(database, study) as claim:
            yield from _searched(database, study, claim, resolved, task, stop or Stop())


def _searched(
    database: Database, study: StoredStudy, claim: Claim, resolved: Resolved, task: Task, stop: Stop
) -> Iterator[Event]:
    spec, ledger = resolved.spec, Ledger(database)
    ledger.sweep(database.checkpoint_folder)
    stored = stored_trials(database, study.study_id)
    progress = _progress(database, study, stored)
    yield SearchStarted(
        study=study.name,
        spec=spec,
        limits=resolved.limits,
        storage=database.url,
        workers=resolved.workers,
        finished=progress.finished,
        cost=progress.cost,
        wall_seconds=study.wall_seconds,
        best=progress.best,
    )
    if spec.recipe.length_bound:
        yield Notice(
            f"the {spec.recipe.schedule.name} schedule depends on the planned number of epochs: "
            "curves of different lengths share nothing, and pruning compares them midway"
        )
    with closing(_engine(resolved, task, database)) as engine:
        parts = Parts(
            proposals=Proposals(study.name, spec, stored, study_attributes(database, study.study_id)),
            curves=CurveReader(spec, task, ledger),
            journal=Journal(database, ledger, study.study_id, study.wall_seconds),
            claim=claim,
            engine=engine,
            recorded=task.recorded,
        )
        run = Search(spec, resolved.limits, parts, progress, stop)
        yield from run.run()
    yield SearchEnded(study_summary(database.url, study.name), run.why, progress.last_reason)


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
    changed = differences(study.spec, spec)
    if changed:
        shown = "; ".join(f"{_title(key)} is {old}, now {new}" for key, old, new in changed)
        action = "Give --study another name, or the stored values."
        raise SpecDiffersError("--study", name, f"it was made under another spec: {shown}", action)
    return study


def _title(key: str) -> str:
    return "the task's code or data" if key == "fingerprint" else key.removeprefix("space.")


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
    progress.unfinished = {trial.frozen.number: trial for trial in stored if trial.unfinished}
    return progress


def _engine(resolved: Resolved, task: Task, database: Database) -> Engine:
    folder, threads = database.checkpoint_folder.absolute(), resolved.spec.threads
    if resolved.workers == 0:
        return InlineEngine(task, threads, folder)
    return ProcessEngine(
        WorkerSetup(task.reference, resolved.spec.fingerprint, threads, folder), resolved.workers
    )


def _conditions() -> dict[str, str]:
    """Return the versions and the machine under which a study was begun."""
    libraries = {name: version(name) for name in ("epochsearch", "optuna", "torch", "numpy", "scikit-learn")}
    return {
        **libraries,
        "python": platform.python_version(),
        "machine": platform.platform(),
        "host": platform.node(),
    }
