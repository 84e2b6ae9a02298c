"""A search from its beginning to its end, shown on standard error and ended cleanly by Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from epochsearch.search.events import Event, SearchEnded, TrialStarted

if TYPE_CHECKING:
    from epochsearch.search.progress import Stop


def watched(begin: Callable[[Stop], Iterator[Event]]) -> SearchEnded:
    """Return how the search ended.

    begin: starts it under a flag that ends it; what takes long to import is imported there, when the view
    stands already.
    """
    from epochsearch.cli.live import watching
    from epochsearch.cli.signals import first_signal

    ended: SearchEnded | None = None
    with watching() as watcher:
        from epochsearch.search.progress import Stop

        stop, begun = Stop(), False

        def ask() -> bool:
            watcher.stopping()
            stop.request()
            return not begun  # nothing is to be saved yet, and loading may take long

        with first_signal(ask):
            for event in begin(stop):
                begun = begun or isinstance(event, TrialStarted)
                watcher.see(event)
                if isinstance(event, SearchEnded):
                    ended = event
    assert ended is not None, "a search ends with SearchEnded"
    return ended
