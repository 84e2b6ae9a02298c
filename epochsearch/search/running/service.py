"""`run` as a service: from settings and a storage to a stream of events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from epochsearch.core.recipe import LENGTH_BOUND_SCHEDULES
from epochsearch.core.settings import Settings
from epochsearch.core.stages import STAGED
from epochsearch.core.trunk import TRUNK_SCHEDULES
from epochsearch.engines.fork_server import warm_up
from epochsearch.search.running.events import Event, Notice, SearchEnded
from epochsearch.search.running.progress import Stop
from epochsearch.search.running.session import opened, start_engine
from epochsearch.search.settings.recipes import names_of
from epochsearch.search.settings.resolve import DEFAULT_TASK, Resolved, resolve_settings
from epochsearch.store.archive import study_summary
from epochsearch.store.database import open_database
from epochsearch.store.ledger import Ledger
from epochsearch.tasks.attributes import misspelt
from epochsearch.tasks.base import Task
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.losses import place

__all__ = ["Stop", "search"]


def search(settings: Settings, storage: str, stop: Stop | None = None) -> Iterator[Event]:
    """Run, or go on with, one study; yield what happens, SearchEnded last.

    storage: URL of the database, made if it is not there. stop: a flag that ends the search cleanly.

    Raises:
        EpochsearchError: Any of its family, before the first trial for what can be known by then.
    """
    if settings.needs_workers:
        warm_up()
    task = load_task(settings.task or DEFAULT_TASK)
    resolved = resolve_settings(settings, task)
    with closing(open_database(storage, create=True)) as database:
        Ledger(database).sweep(database.checkpoint_folder)
        with opened(database, resolved) as session:
            yield session.started(resolved, database.url)
            yield from _schedule_note(resolved)
            yield from _misspelt_notes(task)
            with closing(start_engine(resolved, task, database)) as engine:
                run = session.search(resolved, task, engine, stop or Stop())
                yield from run.run()
        yield SearchEnded(study_summary(database.url, resolved.study), run.why, run.progress.last_reason)


def _schedule_note(resolved: Resolved) -> Iterator[Event]:
    if resolved.spec.sampler.name == STAGED:
        return  # its lengths are those of its stages, and such curves are not pruned
    bound = [name for name in names_of(resolved.spec, "schedule") if name in LENGTH_BOUND_SCHEDULES]
    for name in bound:
        shared = "only what comes before the cool-down" if name in TRUNK_SCHEDULES else "nothing"
        yield Notice(
            f"the {name} schedule depends on the planned number of epochs: "
            f"curves of different lengths share {shared}, and pruning compares them midway"
        )


def _misspelt_notes(task: Task) -> Iterator[Event]:
    for name, meant in misspelt(task).items():
        said = f"{place(task)} {name}: no attribute that a task has, and not read"
        yield Notice(f"{said}. Did you mean '{meant}'?")
