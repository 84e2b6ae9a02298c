"""Where a search stands, from its events alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from epochsearch.cli.terminal.progress import Progress
from epochsearch.core.spec import Limits
from epochsearch.core.trial import Cost, Outcome
from epochsearch.search.running.events import EpochDone, TrialEnded, TrialStarted
from tests.unit.cli.fakes import freezing_events, point, report, search_events, started, trial


def test_nothing_is_running_when_a_search_is_over() -> None:
    """Every trial that started has ended."""
    progress = Progress()

    for event in search_events(trials=6):
        progress.add(event, 0.0)

    assert (progress.finished, progress.running) == (6, {})
    assert progress.best is not None
    assert progress.best.number == 5


def test_a_running_trial_counts_what_it_has_done_so_far() -> None:
    """Epochs from the ledger are charged but not trained."""
    progress = Progress()
    for event in (
        started(),
        TrialStarted(0, point()),
        EpochDone(0, report(1), False),
        EpochDone(0, report(2), True),
    ):
        progress.add(event, 0.0)

    assert (progress.charged, progress.trained) == (2, 1)


def test_an_interrupted_trial_is_not_finished() -> None:
    """It goes on when the study does."""
    progress = Progress()

    progress.add(started(finished=3), 0.0)
    progress.add(TrialEnded(trial(3, None, Outcome.INTERRUPTED), Cost(), False), 1.0)

    assert progress.finished == 3


def test_the_time_left_follows_the_pace_of_this_run() -> None:
    """Two of ten trials in four seconds leave sixteen; what earlier runs did says nothing of the pace."""
    progress = Progress()
    progress.add(started(Limits(trials=15), finished=5), 100.0)
    for number in (5, 6):
        progress.add(TrialEnded(trial(number), Cost(), False), 104.0)

    assert progress.seconds_left(104.0) == pytest.approx(16.0)


def test_what_running_trials_have_done_counts_for_the_pace() -> None:
    """Half of a first trial tells already that nine and a half are left."""
    progress = Progress()
    progress.add(started(Limits(trials=10)), 0.0)
    progress.add(TrialStarted(0, point(epochs=4)), 0.0)
    for epoch in (1, 2):
        progress.add(EpochDone(0, report(epoch), True), 1.0)

    assert progress.seconds_left(1.0) == pytest.approx(19.0)


def test_the_first_limit_to_be_reached_tells_the_time_left() -> None:
    """A time limit of ten seconds ends a search that would need sixteen more."""
    progress = Progress()
    progress.add(started(Limits(trials=10, seconds=10.0)), 0.0)
    for number in (0, 1):
        progress.add(TrialEnded(trial(number), Cost(), False), 4.0)

    assert progress.seconds_left(4.0) == pytest.approx(6.0)


def test_before_anything_ended_nothing_tells_the_time_left() -> None:
    """An estimate needs a pace."""
    progress = Progress()

    progress.add(started(), 0.0)

    assert progress.seconds_left(1.0) is None


def test_a_limit_of_trials_tells_no_time_where_trials_are_thawed() -> None:
    """Once all are begun, what is promising is trained on for as long as that pays."""
    begun, *events = freezing_events(trials=4, rounds=1)
    progress = Progress()

    progress.add(replace(begun, limits=Limits(trials=4)), 0.0)
    for event in events:
        progress.add(event, 2.0)

    assert (progress.finished, len(progress.frozen)) == (4, 4)
    assert progress.seconds_left(2.0) is None
