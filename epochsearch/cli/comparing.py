"""Watching a comparison on standard error: a table on a terminal, elsewhere a line per finished search."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from epochsearch.cli import console
from epochsearch.cli.formats import clock_text, count_text, objective_text
from epochsearch.cli.live import REDRAW_SECONDS
from epochsearch.cli.standing import Comparison
from epochsearch.cli.texts import ENDED_BY, task_text
from epochsearch.search.comparison_events import ComparisonEvent, SearchOver
from epochsearch.search.events import Notice

if TYPE_CHECKING:
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

_AROUND_ENTRIES = 5  # lines of the frame that are not entries
_NAME_WIDTH = 24


class Watcher(Protocol):
    """Takes the events of a comparison one by one."""

    def see(self, event: ComparisonEvent) -> None:
        """Take in one event."""

    def stopping(self) -> None:
        """Say that the comparison was asked to end; called from a signal handler."""


@contextmanager
def watching() -> Iterator[Watcher]:
    """Yield the watcher that suits standard error; whatever it draws is gone at the end."""
    if not console.live_terminal():
        with console.reserved_for_results():
            yield PlainLines()
        return
    from rich.live import Live

    screen, unicode = console.console("stderr"), console.unicode_works()
    with (
        Live(console=screen, auto_refresh=False, transient=True, vertical_overflow="crop") as live,
        console.reserved_for_results(),
    ):
        yield LiveView(live, unicode=unicode)


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


class LiveView:
    """The frame, redrawn in place."""

    def __init__(self, live: Live, *, unicode: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._live, self._unicode, self._clock = live, unicode, clock
        self._standing = Comparison()
        self._stopping = False
        self._draw(clock())

    def see(self, event: ComparisonEvent) -> None:
        """Take in one event and redraw if the last frame is old enough."""
        now = self._clock()
        self._standing.add(event, now)
        if isinstance(event, Notice):
            self._live.console.print(f"note: {event.message}")
        if now - self._drawn >= REDRAW_SECONDS:
            self._draw(now)

    def stopping(self) -> None:
        """Show from the next frame on that the comparison is ending."""
        self._stopping = True

    def _draw(self, now: float) -> None:
        self._drawn = now
        lines = frame(
            self._standing,
            now,
            self._live.console.size.height,
            unicode=self._unicode,
            stopping=self._stopping,
        )
        self._live.update(lines, refresh=True)


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
    lines += [_epochs(standing), _time(standing, now, stopping)]
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis" if unicode else "crop"
    return Group(*lines[: max(1, height - 1)])


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
    return _fact("epochs", f"{standing.charged()}{of} charged, {standing.trained()} trained")


def _time(standing: Comparison, now: float, stopping: bool) -> Text:
    spent = clock_text(standing.elapsed(now))
    if stopping:
        return _fact("time", f"{spent}; ending, Ctrl-C once more to end at once", "yellow")
    left = standing.seconds_left(now)
    return _fact("time", spent if left is None else f"{spent}, about {clock_text(left)} left")


def _fact(label: str, said: str, style: str = "") -> Text:
    from rich.text import Text

    return Text.assemble((f"{label:>7}", "bold"), "  ", (said, style))
