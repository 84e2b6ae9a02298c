"""Many searches, one ledger: every entry with every seed under one budget, side by side, each as if alone.

Each search is a study of its own that goes on when the comparison is started again. Decisions are as
deterministic as with one worker, however many there are, so a killed comparison ends with the same verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace

from epochsearch.core.choice import parse_choice
from epochsearch.core.errors import UsageError
from epochsearch.core.settings import Settings
from epochsearch.engines.fork_server import warm_up
from epochsearch.search.comparing.comparison_events import (
    ComparedSearch,
    ComparisonEnded,
    ComparisonEvent,
    ComparisonStarted,
    SearchEvent,
    SearchOver,
)
from epochsearch.search.running.events import EpochDone, Notice, Tick, TrialEnded, TrialFrozen
from epochsearch.search.running.loop import Search
from epochsearch.search.running.progress import Stop
from epochsearch.search.running.session import opened, start_engine
from epochsearch.search.running.sharing import CurvesInUse, Lane, SharedEngine
from epochsearch.search.settings.resolve import DEFAULT_TASK, Resolved, resolve_settings
from epochsearch.store.database import Database, open_database
from epochsearch.store.ledger import Ledger
from epochsearch.tasks.base import Task
from epochsearch.tasks.facts import TaskFacts, examine
from epochsearch.tasks.loading import load_task

DEFAULT_ENTRIES = "grid,random,tpe"
FINER_GRIDS = 6
"""So many follow the grid that the budget pays for unpruned, each twice as large as the one before."""
DEFAULT_SEEDS = 10
DEFAULT_RESOLUTION = 10
DEFAULT_EPOCH_BUDGET = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is compared: a sampler with its pruner."""

    name: str  # as it was written, "tpe+hyperband"
    sampler: str
    pruner: str | None  # None: the default


@dataclass(frozen=True, slots=True)
class ComparisonRequest:
    """What is to be compared, on what, how often, under which budget."""

    tasks: tuple[str, ...] = (DEFAULT_TASK,)
    entries: str = DEFAULT_ENTRIES
    seeds: int = DEFAULT_SEEDS
    training_seeds: int = 1
    settings: Settings = field(default_factory=Settings)  # budget, axes, recipe, workers, resolution


def compare(request: ComparisonRequest, storage: str, stop: Stop | None = None) -> Iterator[ComparisonEvent]:
    """Run, or go on with, all searches of a comparison; ComparisonEnded comes last.

    Raises:
        EpochsearchError: Any of its family, before the first search for what can be known by then.
    """
    stop = stop or Stop()
    if any(replace(request.settings, task=task).needs_workers for task in request.tasks):
        warm_up()
    entries = parse_entries(request.entries)
    planned = [_plan(load_task(reference), request, entries) for reference in request.tasks]
    searches = tuple(one for plan in planned for one in plan.searches)
    with closing(open_database(storage, create=True)) as database:
        Ledger(database).sweep(database.checkpoint_folder)
        first = planned[0].resolved[0]
        yield ComparisonStarted(searches, first.limits, storage, first.workers, first.spec.measure)
        for plan in planned:
            for note in plan.notes:
                yield Notice(note)
            yield from _Run(database, plan, stop).events()
    yield ComparisonEnded(searches, stop.requested)


def parse_entries(text: str, where: str = "--samplers") -> tuple[Entry, ...]:
    """Return the entries of "grid,random,tpe(multivariate=false)+hyperband".

    Raises:
        UsageError: One is not SAMPLER[+PRUNER], or stands there twice.
    """
    entries: dict[str, Entry] = {}
    for part in re.split(r",(?![^(]*\))", text):
        name = re.sub(r"\s+", "", part)
        sampler, plus, pruner = name.partition("+")
        if not sampler or (plus and not pruner):
            raise UsageError(
                where, repr(part), "an entry must be SAMPLER or SAMPLER+PRUNER", "Example: tpe+median"
            )
        parse_choice(sampler, where)
        if pruner:
            parse_choice(pruner, where)
        if name in entries:
            raise UsageError(where, name, "an entry must not stand there twice", "Leave one of them out.")
        entries[name] = Entry(name, sampler, pruner or None)
    return tuple(entries.values())


@dataclass(frozen=True, slots=True)
class _Plan:
    task: Task
    searches: tuple[ComparedSearch, ...]
    resolved: tuple[Resolved, ...]  # one a search, in the same order
    notes: tuple[str, ...]


def _plan(task: Task, request: ComparisonRequest, entries: Sequence[Entry]) -> _Plan:
    """Return the searches of one task, seed by seed, so that an early end still compares equal seeds."""
    facts, common = examine(task), _defaults(request.settings)
    searches, resolved, notes = [], [], []
    for entry in entries:
        grid_note = _grid_note(task, facts, entry, common)
        notes += [grid_note] if grid_note else []
    for seed in range(request.seeds):
        for training_seed in range(request.training_seeds):
            for entry in entries:
                one = _resolved(task, facts, entry, seed, training_seed, common)
                study = _study_name(task, entry, seed, training_seed, request, one)
                resolved.append(replace(one, study=study))
                searches.append(ComparedSearch(task.reference, entry.name, seed, training_seed, study))
    return _Plan(task, tuple(searches), tuple(resolved), tuple(notes))


def _defaults(settings: Settings) -> Settings:
    """Return the settings with a comparison's own defaults: a budget of charged epochs and a lattice."""
    if settings.trials is None and settings.epoch_budget is None and settings.time_budget is None:
        settings = replace(settings, epoch_budget=DEFAULT_EPOCH_BUDGET)
    return settings if settings.resolution is not None else replace(settings, resolution=DEFAULT_RESOLUTION)


def _resolved(
    task: Task, facts: TaskFacts, entry: Entry, seed: int, training_seed: int, common: Settings
) -> Resolved:
    cells = _grid_cells(task, facts, entry, common)
    finer = f",finer={FINER_GRIDS}" if common.epoch_budget is not None else ""
    sampler = f"grid(cells={cells}{finer})" if cells else entry.sampler
    own = Settings(sampler=sampler, pruner=entry.pruner, seed=seed, training_seed=training_seed)
    named = {"sampler": "--samplers", "pruner": "--samplers"}
    return resolve_settings(replace(own, where=named).over(common), task, facts)


def _grid_cells(task: Task, facts: TaskFacts, entry: Entry, common: Settings) -> int:
    """Return how many cells of a grid the budget pays for; 0: not a plain grid, or no such budget."""
    if entry.sampler != "grid" or common.time_budget is not None:
        return 0
    if common.epoch_budget is None:
        return common.trials or 0
    space = resolve_settings(common, task, facts).spec.space
    return max(1, int(common.epoch_budget / ((space.min_epochs + space.max_epochs) / 2)))


def _grid_note(task: Task, facts: TaskFacts, entry: Entry, common: Settings) -> str:
    cells = _grid_cells(task, facts, entry, common)
    if not cells:
        return ""
    more = "; finer grids spend what pruning leaves" if common.epoch_budget is not None else ""
    return f"the grid is sized to the budget: at most {cells} cells on {task.name}{more}"


def _study_name(
    task: Task, entry: Entry, seed: int, training_seed: int, request: ComparisonRequest, resolved: Resolved
) -> str:
    label = re.sub(r"[^\w.+=-]+", "-", entry.name).strip("-")
    again = f"-t{training_seed}" if request.training_seeds > 1 else ""
    digest = resolved.study.rpartition("-")[2]  # of the spec
    return f"{task.name}-{label}-s{seed}{again}-{digest}"


class _Run:
    """The searches of one task on one engine."""

    def __init__(self, database: Database, plan: _Plan, stop: Stop) -> None:
        self._database, self._plan, self._stop = database, plan, stop

    def events(self) -> Iterator[ComparisonEvent]:
        """Run the searches in order, twice as many at a time as workers, so that none of those waits."""
        plan, in_use = self._plan, CurvesInUse()
        waiting = list(zip(plan.searches, plan.resolved, strict=True))
        width = 2 * max(1, plan.resolved[0].workers)
        active: list[_Active] = []
        with (
            closing(start_engine(plan.resolved[0], plan.task, self._database)) as engine,
            ExitStack() as held,
        ):
            shared = SharedEngine(engine)
            while (waiting or active) and not (self._stop.requested and not active):
                while waiting and len(active) < width and not self._stop.requested:
                    active.append(self._open(*waiting.pop(0), shared, in_use, held))
                stuck = True
                for one in [one for one in active if one.lane.idle or self._stop.requested]:
                    yield from one.advance()
                    stuck = stuck and not one.moved
                    if one.over:
                        active.remove(one)
                        yield SearchOver(one.search, one.run.why, one.run.progress.cost)
                shared.pump(0.1 if stuck and active else 0.0)
                yield Tick()

    def _open(
        self,
        search: ComparedSearch,
        resolved: Resolved,
        shared: SharedEngine,
        in_use: CurvesInUse,
        held: ExitStack,
    ) -> _Active:
        own = held.enter_context(ExitStack())
        session = own.enter_context(opened(self._database, resolved))
        lane = shared.lane()
        run = session.search(resolved, self._plan.task, lane, self._stop, in_use, ahead=0)
        return _Active(search, run, lane, own)


class _Active:
    """A search on its way, advanced one turn of its loop at a time."""

    def __init__(self, search: ComparedSearch, run: Search, lane: Lane, held: ExitStack) -> None:
        self.search, self.run, self.lane = search, run, lane
        self.over, self.moved = False, False
        self._events, self._held = run.run(), held

    def advance(self) -> Iterator[SearchEvent | Notice]:
        """Run the search's loop once; `moved` then says whether anything happened."""
        self.moved = False
        for event in self._events:
            if isinstance(event, Tick):
                self.moved = self.moved or not self.lane.free
                return
            self.moved = True
            if isinstance(event, (EpochDone, TrialEnded, TrialFrozen)):
                yield SearchEvent(self.search, event)
            elif isinstance(event, Notice):
                yield event
        self.over = self.moved = True
        self._held.close()
