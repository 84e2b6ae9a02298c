"""Ctrl-C (and SIGTERM) asks a search to end; a second one ends the process at once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeAlias

_Handler: TypeAlias = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None
_DEFAULTS: dict[signal.Signals, _Handler] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
}


@contextmanager
def first_signal(ask: Callable[[], bool]) -> Iterator[None]:
    """Call `ask` at the first SIGINT or SIGTERM, and leave any further one to its default.

    ask: returns whether the block is to be left at once, by a KeyboardInterrupt.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        for known, default in _DEFAULTS.items():
            signal.signal(known, default)
        if ask():
            _insist()
            raise KeyboardInterrupt

    before = {number: signal.signal(number, handle) for number in _DEFAULTS}
    try:
        yield
    finally:
        _insist(0.0)
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else _DEFAULTS[number])


def _insist(seconds: float = 0.5) -> None:
    """Raise KeyboardInterrupt every so many seconds, 0: no more.

    Compiled modules swallow one that comes while they are loaded.
    """
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.default_int_handler if seconds else signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds, seconds)


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Leave the block at the first SIGINT or SIGTERM, as if it had ended."""

    def handle(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, handle), signal.signal(signal.SIGTERM, handle)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])
