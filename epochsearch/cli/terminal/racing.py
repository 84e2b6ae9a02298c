"""Watching a race on standard error, a line per curve; Ctrl-C ends it with what is on disk."""

from __future__ import annotations

from epochsearch.cli import console
from epochsearch.cli.options import parse_whole
from epochsearch.cli.signals import first_signal
from epochsearch.core.measure import Measure
from epochsearch.search.answers.race_events import RaceEnded


def watched_race(
    storage: str, study: str, measure: Measure, count: int, seeds: int | None, workers: str | None
) -> RaceEnded:
    """Race the best `count` configurations of a study and return how it ended.

    seeds: fresh ones, None: the usual number. workers: what --workers says, None: nothing.

    Raises:
        UsageError: That is neither auto nor a whole number.
        EpochsearchError: As `search.confirming.confirm`.
    """
    processes = None if workers in (None, "auto") else parse_whole(str(workers), "--workers", 0, example=2)
    from epochsearch.cli.words.recommend_texts import race_line
    from epochsearch.search.answers.confirming import SEEDS, confirm
    from epochsearch.search.running.progress import Stop

    stop, begun, ended = Stop(), False, None

    def ask() -> bool:
        console.print_note("ending the race; once more to end at once")
        stop.request()
        return not begun

    with console.reserved_for_results(), first_signal(ask):
        for event in confirm(storage, study, count, seeds or SEEDS, processes, stop):
            begun = True
            line = race_line(event, measure)
            if line is not None:
                console.print_progress(line)
            if isinstance(event, RaceEnded):
                ended = event
    assert ended is not None, "a race ends with RaceEnded"
    return ended
