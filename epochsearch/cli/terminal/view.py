"""What watches work on standard error: a frame redrawn in place on a terminal, elsewhere plain lines.

The frame is drawn when events come, at most eight times a second, by the thread that reads them: no second
thread wakes beside the training.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from epochsearch.cli import console
from epochsearch.cli.words.formats import clock_text
from epochsearch.search.running.events import Notice

if TYPE_CHECKING:
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

REDRAW_SECONDS = 0.125

Event = TypeVar("Event")
Event_contra = TypeVar("Event_contra", contravariant=True)


class Watcher(Protocol[Event_contra]):
    """Takes the events of a search, or of a comparison, one by one."""

    def see(self, event: Event_contra) -> None:
        """Take in one event."""

    def stopping(self) -> None:
        """Say that the work was asked to end; called from a signal handler."""


class Redrawn(ABC, Generic[Event]):
    """The frame, redrawn in place."""

    def __init__(self, live: Live, *, unicode: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._live, self._unicode, self._clock = live, unicode, clock
        self._stopping = False
        self._draw(clock())

    def see(self, event: Event) -> None:
        """Take in one event and redraw if the last frame is old enough."""
        now = self._clock()
        self._take(event, now)
        if isinstance(event, Notice):
            self._live.console.print(f"note: {event.message}")
        if now - self._drawn >= REDRAW_SECONDS:
            self._draw(now)

    def stopping(self) -> None:
        """Show from the next frame on that the work is ending."""
        self._stopping = True

    def _draw(self, now: float) -> None:
        self._drawn = now
        self._live.update(self._frame(now), refresh=True)

    @abstractmethod
    def _take(self, event: Event, now: float) -> None: ...

    @abstractmethod
    def _frame(self, now: float) -> Group: ...


@contextmanager
def shown(
    redrawn: Callable[..., Watcher[Event]], plain: Callable[[], Watcher[Event]]
) -> Iterator[Watcher[Event]]:
    """Yield the watcher that suits standard error; whatever it draws is gone at the end.

    redrawn: takes what `Redrawn` takes.
    """
    if not console.live_terminal():
        with console.reserved_for_results():
            yield plain()
        return
    from rich.live import Live

    screen, unicode = console.console("stderr"), console.unicode_works()
    with (
        Live(console=screen, auto_refresh=False, transient=True, vertical_overflow="crop") as live,
        console.reserved_for_results(),
    ):
        yield redrawn(live, unicode=unicode)


def cropped(lines: list[Text], height: int, *, unicode: bool) -> Group:
    """Return the first height - 1 lines as one frame; what is too wide is cut."""
    from rich.console import Group

    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis" if unicode else "crop"
    return Group(*lines[: max(1, height - 1)])


def fact(label: str, said: str, style: str = "") -> Text:
    """Return a line of the frame: a label and what there is to say."""
    from rich.text import Text

    return Text.assemble((f"{label:>7}", "bold"), "  ", (said, style))


def time_fact(seconds: float, left: float | None, *, stopping: bool) -> Text:
    """Return the line of the time: what is spent, and about what is left, if that is known."""
    spent = clock_text(seconds)
    if stopping:
        return fact("time", f"{spent}; ending, Ctrl-C once more to end at once", "yellow")
    return fact("time", spent if left is None else f"{spent}, about {clock_text(left)} left")
