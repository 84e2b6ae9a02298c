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
def first_signal(ask: Callable[[], None]) -> Iterator[None]:
    """Call `ask` at the first SIGINT or SIGTERM, and leave any further one to its default."""

    def handle(number: int, frame: FrameType | None) -> None:
        for known, default in _DEFAULTS.items():
            signal.signal(known, default)
        ask()

    before = {number: signal.signal(number, handle) for number in _DEFAULTS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else _DEFAULTS[number])


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
