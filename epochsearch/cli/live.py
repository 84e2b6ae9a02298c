"""Watching a search on standard error: a live view on a terminal, elsewhere a line per finished trial.

The view is drawn when events come, at most eight times a second, by the thread that reads them: no second
thread wakes beside the training.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from epochsearch.cli import console
from epochsearch.cli.formats import clock_text, count_text, loss_text, objective_text, rate_text, sparkline
from epochsearch.cli.progress import Progress, Running
from epochsearch.cli.texts import task_text, trial_line
from epochsearch.core.trial import Outcome
from epochsearch.search.events import Event, Notice, SearchStarted, TrialEnded, TrialFrozen

if TYPE_CHECKING:
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

REDRAW_SECONDS = 0.125
_AROUND_TRIALS = 7  # lines of the frame that are not trials


class Watcher(Protocol):
    """Takes the events of a search one by one."""

    def see(self, event: Event) -> None:
        """Take in one event."""

    def stopping(self) -> None:
        """Say that the search was asked to end; called from a signal handler."""


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
    """One line per finished trial."""

    def __init__(self) -> None:
        self._progress = Progress()

    def see(self, event: Event) -> None:
        """Print the line of a trial that ended, and notices."""
        values: list[float] = []
        if isinstance(event, TrialEnded) and event.trial.number in self._progress.running:
            values = self._progress.running[event.trial.number].values
        self._progress.add(event, 0.0)
        if isinstance(event, TrialEnded):
            last, measure = values[-1] if values else None, self._progress.measure
            console.print_progress(trial_line(event.trial, last, event.is_best, measure))
        elif isinstance(event, TrialFrozen):
            console.print_progress(trial_line(event.trial, None, event.is_best, self._progress.measure))
        elif isinstance(event, Notice):
            console.print_note(event.message)

    def stopping(self) -> None:
        """Say that one more signal ends the process at once."""
        console.print_note("ending the search; once more to end at once")


class LiveView:
    """The frame, redrawn in place."""

    def __init__(self, live: Live, *, unicode: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._live, self._unicode, self._clock = live, unicode, clock
        self._progress = Progress()
        self._stopping = False
        self._draw(clock())

    def see(self, event: Event) -> None:
        """Take in one event and redraw if the last frame is old enough."""
        now = self._clock()
        self._progress.add(event, now)
        if isinstance(event, Notice):
            self._live.console.print(f"note: {event.message}")
        if now - self._drawn >= REDRAW_SECONDS:
            self._draw(now)

    def stopping(self) -> None:
        """Show from the next frame on that the search is ending."""
        self._stopping = True

    def _draw(self, now: float) -> None:
        self._drawn = now
        size = self._live.console.size
        lines = frame(
            self._progress, now, size.width, size.height, unicode=self._unicode, stopping=self._stopping
        )
        self._live.update(lines, refresh=True)


def frame(
    progress: Progress, now: float, width: int, height: int, *, unicode: bool = True, stopping: bool = False
) -> Group:
    """Return the view at `now`: at most height - 1 lines of at most `width` columns."""
    from rich.console import Group
    from rich.text import Text

    if progress.start is None:
        return Group(Text("starting", "dim"))
    lines = [_header(progress.start)]
    if progress.running:
        measure = progress.measure.word if len(progress.measure.word) <= 9 else "metric"
        titles = f"{'trial':>7}  {'learning rate':>13}  {'batch':>5}  {'epoch':>9}  {measure:>9}  curve"
        lines.append(Text(titles, "dim"))
    room = max(1, height - 1 - _AROUND_TRIALS)
    shown = list(progress.running.items())[-room:]
    lines += [_trial(number, trial, width, unicode) for number, trial in shown]
    hidden = len(progress.running) - len(shown)
    if hidden:
        lines.append(Text(f"{'':7}  and {hidden} more", "dim"))
    lines += [_best(progress), _trials(progress), _epochs(progress), _time(progress, now, stopping)]
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis" if unicode else "crop"
    return Group(*lines[: max(1, height - 1)])


def _header(start: SearchStarted) -> Text:
    from rich.text import Text

    spec = start.spec
    workers = count_text(start.workers, "worker") if start.workers else "in this process"
    return Text.assemble(
        (start.study, "bold"),
        f"  {task_text(spec.task)}  {spec.sampler.name} + {spec.pruner.name}  {workers}",
    )


def _trial(number: int, trial: Running, width: int, unicode: bool) -> Text:
    from rich.text import Text

    done, values = len(trial.values), trial.values
    value = loss_text(values[-1]) if values else ""
    epoch = f"{done}/{trial.point.epochs}"
    rate = rate_text(trial.point.learning_rate)
    row = f"{number:>7}  {rate:>13}  {trial.point.batch_size:>5}  {epoch:>9}  {value:>9}  "
    return Text.assemble(row, (sparkline(values, min(40, width - len(row)), unicode=unicode), "cyan"))


def _best(progress: Progress) -> Text:
    best = progress.best
    if best is None:
        return _fact("best", "none yet")
    point = best.point
    rate = rate_text(point.learning_rate)
    triple = f"{point.epochs} epochs, learning rate {rate}, batch size {point.batch_size}"
    value = objective_text(best.value, progress.measure)
    return _fact("best", f"{value}  trial {best.number}: {triple}", "green")


def _trials(progress: Progress) -> Text:
    limit = progress.start.limits.trials if progress.start else None
    counts = [f"{count} {outcome.value}" for outcome in Outcome if (count := progress.ended[outcome])]
    total = f"{progress.finished} of {limit}" if limit is not None else str(progress.finished)
    earlier = progress.start.finished if progress.start else 0
    if earlier:
        counts.insert(0, f"{earlier} earlier")
    return _fact("trials", total + (f": {', '.join(counts)}" if counts else ""))


def _epochs(progress: Progress) -> Text:
    limit = progress.start.limits.epochs if progress.start else None
    of = f" of {limit}" if limit is not None else ""
    return _fact("epochs", f"{progress.charged}{of} charged, {progress.trained} trained")


def _time(progress: Progress, now: float, stopping: bool) -> Text:
    spent = clock_text(progress.elapsed(now))
    if stopping:
        return _fact("time", f"{spent}; ending, Ctrl-C once more to end at once", "yellow")
    left = progress.seconds_left(now)
    return _fact("time", spent if left is None else f"{spent}, about {clock_text(left)} left")


def _fact(label: str, said: str, style: str = "") -> Text:
    from rich.text import Text

    return Text.assemble((f"{label:>7}", "bold"), "  ", (said, style))
