"""Watching a search on standard error: a live view on a terminal, elsewhere a line per finished trial."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from epochsearch.cli import console
from epochsearch.cli.formats import count_text, loss_text, objective_text, rate_text, sparkline
from epochsearch.cli.progress import Progress, Running
from epochsearch.cli.texts import task_text, trial_line
from epochsearch.cli.view import Redrawn, Watcher, cropped, fact, shown, time_fact
from epochsearch.core.trial import Outcome
from epochsearch.search.events import Event, Notice, SearchStarted, TrialEnded, TrialFrozen

if TYPE_CHECKING:
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

_AROUND_TRIALS = 7  # lines of the frame that are not trials


def watching() -> AbstractContextManager[Watcher[Event]]:
    """Return a context with the watcher that suits standard error; whatever it draws is gone at the end."""
    return shown(LiveView, PlainLines)


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


class LiveView(Redrawn[Event]):
    """The frame of a search."""

    def __init__(self, live: Live, *, unicode: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._progress = Progress()
        super().__init__(live, unicode=unicode, clock=clock)

    def _take(self, event: Event, now: float) -> None:
        self._progress.add(event, now)

    def _frame(self, now: float) -> Group:
        width, height = self._live.console.size
        return frame(self._progress, now, width, height, unicode=self._unicode, stopping=self._stopping)


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
    lines += [
        _best(progress),
        _trials(progress),
        _epochs(progress),
        time_fact(progress.elapsed(now), progress.seconds_left(now), stopping=stopping),
    ]
    return cropped(lines, height, unicode=unicode)


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
        return fact("best", "none yet")
    point = best.point
    rate = rate_text(point.learning_rate)
    triple = f"{point.epochs} epochs, learning rate {rate}, batch size {point.batch_size}"
    value = objective_text(best.value, progress.measure)
    return fact("best", f"{value}  trial {best.number}: {triple}", "green")


def _trials(progress: Progress) -> Text:
    limit = progress.start.limits.trials if progress.start else None
    counts = [f"{count} {outcome.value}" for outcome in Outcome if (count := progress.ended[outcome])]
    total = f"{progress.finished} of {limit}" if limit is not None else str(progress.finished)
    earlier = progress.start.finished if progress.start else 0
    if earlier:
        counts.insert(0, f"{earlier} earlier")
    return fact("trials", total + (f": {', '.join(counts)}" if counts else ""))


def _epochs(progress: Progress) -> Text:
    limit = progress.start.limits.epochs if progress.start else None
    of = f" of {limit}" if limit is not None else ""
    return fact("epochs", f"{progress.charged}{of} charged, {progress.trained} trained")
