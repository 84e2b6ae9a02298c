"""Watching a search on standard error: a live view on a terminal, elsewhere a line per finished trial.

Where trials are frozen and thawed, the view shows the best of those that lie frozen below those that are
trained; elsewhere each freezing and each thawing is a line.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from epochsearch.cli import console
from epochsearch.cli.terminal.progress import Progress, Running
from epochsearch.cli.terminal.view import Redrawn, Watcher, cropped, fact, shown, time_fact
from epochsearch.cli.words.formats import count_text, loss_text, objective_text, rate_text, sparkline
from epochsearch.cli.words.order_texts import thawed_line
from epochsearch.cli.words.stage_texts import stage_standing
from epochsearch.cli.words.texts import task_text, trial_line
from epochsearch.core.trial import Outcome
from epochsearch.search.running.events import (
    EpochDone,
    Event,
    Notice,
    SearchStarted,
    TrialEnded,
    TrialFrozen,
    TrialThawed,
)

if TYPE_CHECKING:
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

_AROUND_TRIALS = 7  # lines of the frame that are not trials
_MOST_FROZEN = 10  # curves that lie frozen, of those that fit


def watching() -> AbstractContextManager[Watcher[Event]]:
    """Return a context with the watcher that suits standard error; whatever it draws is gone at the end."""
    return shown(LiveView, PlainLines)


class PlainLines:
    """One line per trial that ended, was frozen or was thawed."""

    def __init__(self) -> None:
        self._progress = Progress()
        self._stage = ""  # that was said

    def see(self, event: Event) -> None:
        """Print the line of a trial that ended, lies frozen or goes on, and notices."""
        values: list[float] = []
        if isinstance(event, TrialEnded) and event.trial.number in self._progress.running:
            values = self._progress.running[event.trial.number].values
        self._progress.add(event, 0.0)
        if isinstance(event, TrialEnded):
            last, measure = values[-1] if values else None, self._progress.measure
            console.print_progress(trial_line(event.trial, last, event.is_best, measure))
        elif isinstance(event, TrialFrozen):
            console.print_progress(trial_line(event.trial, None, event.is_best, self._progress.measure))
        elif isinstance(event, TrialThawed):
            done = len(self._progress.running[event.number].values)
            console.print_progress(thawed_line(event.number, event.point, done, event.upto))
        elif isinstance(event, EpochDone):
            self._say_stage(event.number)
        elif isinstance(event, Notice):
            console.print_note(event.message)

    def _say_stage(self, trial: int) -> None:
        """Print the stage of a trial if it is the first that is heard of it."""
        said = stage_standing(self._progress.start.spec, [trial]) if self._progress.start else ""
        if said and said != self._stage:
            console.print_progress(f"stage {said}")
        self._stage = said

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
    stage = stage_standing(progress.start.spec, list(progress.running))
    room = max(1, height - 1 - _AROUND_TRIALS - bool(stage))
    shown = list(progress.running.items())[-room:]
    lines += [_trial(number, trial, width, unicode) for number, trial in shown]
    hidden = len(progress.running) - len(shown)
    if hidden:
        lines.append(Text(f"{'':7}  and {hidden} more", "dim"))
    lines += _frozen(progress, room - len(shown) - 1, width, unicode)
    lines += [
        *([fact("stage", stage)] if stage else []),
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
    method = spec.sampler.name if spec.freezes else f"{spec.sampler.name} + {spec.pruner.name}"
    return Text.assemble((start.study, "bold"), f"  {task_text(spec.task)}  {method}  {workers}")


def _trial(number: int, trial: Running, width: int, unicode: bool) -> Text:
    shown = trial.values[-1] if trial.values else None
    return _row(number, trial, shown, trial.upto or trial.point.epochs, width, unicode, "cyan")


def _frozen(progress: Progress, room: int, width: int, unicode: bool) -> list[Text]:
    """Return the best of the trials that lie frozen, in at most `room` lines below their title."""
    from rich.text import Text

    count = min(len(progress.frozen), _MOST_FROZEN, room)
    if count < 1:
        return []
    sign = -1 if progress.measure.maximise else 1
    best = {number: min(sign * value for value in t.values) for number, t in progress.frozen.items()}
    shown = sorted(best, key=lambda number: best[number])[:count]
    of = f"the best {count} of {len(progress.frozen)}" if count < len(progress.frozen) else "all"
    thawed = f"; thawed {count_text(progress.thawed, 'time')}" if progress.thawed else ""
    title = f"{'frozen':>7}  {of}{thawed}"
    rows = [(number, progress.frozen[number]) for number in shown]
    return [
        Text(title, "dim"),
        *(
            _row(number, trial, sign * best[number], trial.point.epochs, width, unicode, "blue")
            for number, trial in rows
        ),
    ]


def _row(
    number: int, trial: Running, value: float | None, most: int, width: int, unicode: bool, style: str
) -> Text:
    """Return the line of a trial; most: epochs that it gets."""
    from rich.text import Text

    epoch = f"{len(trial.values)}/{most}"
    rate = rate_text(trial.point.learning_rate)
    shown = "" if value is None else loss_text(value)
    row = f"{number:>7}  {rate:>13}  {trial.point.batch_size:>5}  {epoch:>9}  {shown:>9}  "
    thawed = f"  thawed {trial.thawed}x" if trial.thawed else ""
    room = min(40, width - len(row) - len(thawed))
    return Text.assemble(row, (sparkline(trial.values, room, unicode=unicode), style), (thawed, "dim"))


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
    counts = [f"{len(progress.frozen)} frozen"] if progress.frozen else []
    counts += [f"{count} {outcome.value}" for outcome in Outcome if (count := progress.ended[outcome])]
    total = f"{progress.finished} of {limit}" if limit is not None else str(progress.finished)
    earlier = progress.start.finished if progress.start else 0
    if earlier:
        counts.insert(0, f"{earlier} earlier")
    return fact("trials", total + (f": {', '.join(counts)}" if counts else ""))


def _epochs(progress: Progress) -> Text:
    limit = progress.start.limits.epochs if progress.start else None
    of = f" of {limit}" if limit is not None else ""
    return fact("epochs", f"{progress.charged}{of} charged, {progress.trained} trained")
