"""A search's trials up to a limit that it went beyond."""

from __future__ import annotations

from epochsearch.analysis.within import within
from epochsearch.core.point import Configuration, Point
from epochsearch.core.spec import Limits
from epochsearch.core.trial import Cost, Outcome, TrialRecord

POINT = Point(10, Configuration(0.1, 16))


def search(*epochs: int, seconds: float = 2.0) -> list[TrialRecord]:
    """Completed trials of so many epochs, each of `seconds`, half of them trained."""
    return [
        TrialRecord(
            number, Outcome.COMPLETED, POINT, 1.0, 0, Cost(n, n // 2, 0, seconds * n, n), n, value_epoch=n
        )
        for number, n in enumerate(epochs)
    ]


def shown(trials: tuple[TrialRecord, ...]) -> list[tuple[Outcome, float | None, int]]:
    return [(trial.outcome, trial.value, trial.cost.epochs_charged) for trial in trials]


def test_a_search_within_its_limits_is_left_as_it_is() -> None:
    """Whatever the limits are; with none there is no end."""
    trials = tuple(search(4, 6, 10))

    for limits in (Limits(), Limits(trials=3), Limits(epochs=20), Limits(charged_seconds=40.0)):
        assert within(trials, limits) == trials


def test_the_trial_that_a_budget_of_epochs_cuts_is_interrupted_and_charged_up_to_there() -> None:
    """As the search's own end would have left it."""
    found = within(search(4, 6, 10), Limits(epochs=9))

    assert shown(found) == [(Outcome.COMPLETED, 1.0, 4), (Outcome.INTERRUPTED, None, 5)]
    assert found[1].cost == Cost(5, 3, 0, 10.0, 5.0)
    assert (found[1].epochs_done, found[1].value_epoch) == (5, None)


def test_a_trial_that_ends_with_the_budget_counts() -> None:
    """And nothing is begun after it."""
    assert shown(within(search(4, 6, 10), Limits(epochs=10))) == [
        (Outcome.COMPLETED, 1.0, 4),
        (Outcome.COMPLETED, 1.0, 6),
    ]


def test_trials_are_counted_by_their_numbers() -> None:
    """In whatever order they come."""
    assert [trial.number for trial in within(search(4, 6, 10)[::-1], Limits(trials=2))] == [0, 1]


def test_time_is_charged_by_the_epoch() -> None:
    """A trial ends with the epoch in which the time does; so much longer it may take."""
    trials = search(4, 6, 10)

    assert shown(within(trials, Limits(charged_seconds=19.0)))[1:] == [(Outcome.COMPLETED, 1.0, 6)]
    assert shown(within(trials, Limits(charged_seconds=16.5)))[1:] == [(Outcome.INTERRUPTED, None, 5)]


def test_what_ended_a_search_is_its_own_end() -> None:
    """Its last epoch may have taken longer than the others."""
    assert within(search(4, 6), Limits(charged_seconds=17.0)) == tuple(search(4, 6))
