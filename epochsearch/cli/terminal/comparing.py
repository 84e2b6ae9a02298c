"""Watching a comparison on standard error: a table on a terminal, elsewhere a line per finished search."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from epochsearch.cli import console
from epochsearch.cli.terminal.standing import Comparison
from epochsearch.cli.terminal.view import Redrawn, Watcher, cropped, fact, shown, time_fact
from epochsearch.cli.words.formats import count_text, objective_text
from epochsearch.cli.words.texts import ENDED_BY, task_text
from epochsearch.search.comparing.comparison_events import ComparisonEvent, SearchOver
from epochsearch.search.running.events import Notice

if TYPE_CHECKING:
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

_AROUND_ENTRIES = 5  # lines of the frame that are not entries
_NAME_WIDTH = 24


def watching() -> AbstractContextManager[Watcher[ComparisonEvent]]:
    """Return a context with the watcher that suits standard error; whatever it draws is gone at the end."""
    return shown(LiveView, PlainLines)


class PlainLines:
    """One line per finished search."""

    def __init__(self) -> None:
        self._standing = Comparison()

    def see(self, event: ComparisonEvent) -> None:
        """Print the line of a search that is over, and notices."""
        self._standing.add(event, 0.0)
        if isinstance(event, SearchOver):
            console.print_progress(search_line(self._standing, event))
        elif isinstance(event, Notice):
            console.print_note(event.message)

    def stopping(self) -> None:
        """Say that one more signal ends the process at once."""
        console.print_note("ending the comparison; once more to end at once")


class LiveView(Redrawn[ComparisonEvent]):
    """The frame of a comparison."""

    def __init__(self, live: Live, *, unicode: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._standing = Comparison()
        super().__init__(live, unicode=unicode, clock=clock)

    def _take(self, event: ComparisonEvent, now: float) -> None:
        self._standing.add(event, now)

    def _frame(self, now: float) -> Group:
        height = self._live.console.size.height
        return frame(self._standing, now, height, unicode=self._unicode, stopping=self._stopping)


def search_line(standing: Comparison, event: SearchOver) -> str:
    """Return the one plain line of a search that is over."""
    best = standing.searches[event.search].best
    parts = [
        f"search {standing.done} of {len(standing.searches)}",
        event.search.study,
        f"best {objective_text(best, standing.measure)}" if best is not None else "",
        f"charged {event.cost.epochs_charged} trained {event.cost.epochs_trained}",
        ENDED_BY.get(event.why, event.why),
    ]
    return "  ".join(part for part in parts if part)


def frame(
    standing: Comparison, now: float, height: int, *, unicode: bool = True, stopping: bool = False
) -> Group:
    """Return the view at `now`: at most height - 1 lines of 80 columns."""
    from rich.console import Group
    from rich.text import Text

    if standing.start is None:
        return Group(Text("starting", "dim"))
    titles = f"{'entry':<{_NAME_WIDTH}}  {'searches':>9}  {'median best':>11}  {'charged':>9}  {'trained':>9}"
    room = max(1, height - 1 - _AROUND_ENTRIES)
    entries = standing.entries
    lines = [_header(standing), Text(titles, "dim"), *(_entry(standing, name) for name in entries[:room])]
    if len(entries) > room:
        lines.append(Text(f"and {len(entries) - room} more", "dim"))
    lines += [
        _epochs(standing),
        time_fact(standing.elapsed(now), standing.seconds_left(now), stopping=stopping),
    ]
    return cropped(lines, height, unicode=unicode)


def _header(standing: Comparison) -> Text:
    from rich.text import Text

    assert standing.start is not None
    workers = standing.start.workers
    where = count_text(workers, "worker") if workers else "in this process"
    tasks = tuple(dict.fromkeys(search.task for search in standing.searches))
    name = task_text(standing.task)
    if len(tasks) > 1:
        name += f" (task {tasks.index(standing.task) + 1} of {len(tasks)})"
    done = f"{standing.done} of {len(standing.searches)} searches done"
    return Text.assemble(("compare", "bold"), f"  {name}  {done}  {where}")


def _entry(standing: Comparison, name: str) -> Text:
    from rich.text import Text

    searches = standing.of(name)
    done = f"{sum(one.over for one in searches)}/{len(searches)}"
    shown = name if len(name) <= _NAME_WIDTH else name[: _NAME_WIDTH - 1] + "~"
    best = objective_text(standing.median_best(name), standing.measure)
    charged, trained = standing.charged(name), standing.trained(name)
    row = f"{shown:<{_NAME_WIDTH}}  {done:>9}  {best:>11}  {charged:>9}  {trained:>9}"
    return Text(row)


def _epochs(standing: Comparison) -> Text:
    limit = standing.start.limits.epochs if standing.start else None
    of = f" of at most {limit * len(standing.searches)}" if limit is not None else ""
    return fact("epochs", f"{standing.charged()}{of} charged, {standing.trained()} trained")
