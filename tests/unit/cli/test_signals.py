"""What the first Ctrl-C does to a search that has not begun."""

from __future__ import annotations

import signal
import time
from contextlib import suppress

import pytest

from epochsearch.cli.signals import first_signal


def test_an_interrupt_that_was_swallowed_is_raised_again() -> None:
    """Modules written in C do so while they are loaded; the prompt must come back all the same."""
    began = time.monotonic()

    with pytest.raises(KeyboardInterrupt), first_signal(lambda: True):
        interrupted_in_vain()

    assert time.monotonic() - began < 2


def test_after_the_block_all_is_as_before() -> None:
    """No interrupt comes later, and the handlers are those that were."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)]

    with pytest.raises(KeyboardInterrupt), first_signal(lambda: True):
        signal.raise_signal(signal.SIGINT)
    time.sleep(0.6)

    assert before == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)]


def interrupted_in_vain() -> None:
    with suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    time.sleep(5)
