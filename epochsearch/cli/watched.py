"""A search or a comparison from beginning to end, shown on standard error and ended cleanly by Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeVar

from epochsearch.cli.terminal.view import Watcher
from epochsearch.search.running.events import Event, SearchEnded, TrialStarted

if TYPE_CHECKING:
    from epochsearch.search.running.progress import Stop

AnyEvent = TypeVar("AnyEvent")


def watched(begin: Callable[[Stop], Iterator[Event]]) -> SearchEnded:
    """Return how the search ended.

    begin: starts it under a flag that ends it; what takes long to import is imported there, when the view
    stands already.
    """
    from epochsearch.cli.terminal.live import watching

    ended = watched_events(watching(), begin, TrialStarted)[SearchEnded]
    assert isinstance(ended, SearchEnded)
    return ended


def watched_events(
    watching: AbstractContextManager[Watcher[AnyEvent]],
    begin: Callable[[Stop], Iterator[AnyEvent]],
    first: type[object],
) -> dict[type, AnyEvent]:
    """Show all events as they come; return the last one of each kind.

    first: the kind of event with which there is something to save: a signal before it ends the process.
    """
    from epochsearch.cli.signals import first_signal

    seen: dict[type, AnyEvent] = {}
    with watching as watcher:
        from epochsearch.search.running.progress import Stop

        stop = Stop()

        def ask() -> bool:
            watcher.stopping()
            stop.request()
            return first not in seen  # loading may take long

        with first_signal(ask):
            for event in begin(stop):
                seen[type(event)] = event
                watcher.see(event)
    return seen
