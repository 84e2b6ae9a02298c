"""Traces of searches: what counts as found, what is charged, and steps at improvements."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsearch.analysis.traces import Step, Trace, TracedTrial, anytime, best_at, final_best, trace
from epochsearch.core.point import Configuration, Point
from epochsearch.core.trial import Cost, Outcome, TrialRecord

values = st.none() | st.floats(-1e6, 1e6)
trials = st.lists(st.tuples(values, st.integers(0, 50)), max_size=30)


def record(number: int, outcome: Outcome, value: float | None, epochs: int, seconds: float) -> TrialRecord:
    point = Point(epochs, Configuration(0.1, 16))
    return TrialRecord(number, outcome, point, value, 0, Cost(epochs_charged=epochs, seconds_charged=seconds))


def search(*found: tuple[float | None, int]) -> Trace:
    """A search of trials with these values, each charged that many epochs and twice as many seconds."""
    epochs = np.cumsum([cost for _, cost in found]).tolist()
    done = zip(found, epochs, strict=True)
    return Trace("s", "e", 0, tuple(TracedTrial(value, total, 2.0 * total) for (value, _), total in done))


def test_a_trace_charges_every_trial_and_counts_only_completed_ones() -> None:
    """Pruned, diverged and failed trials cost their epochs and seconds and are never the best."""
    records = [
        record(2, Outcome.COMPLETED, 0.5, 10, 1.0),
        record(0, Outcome.PRUNED, 0.1, 3, 0.25),
        record(1, Outcome.DIVERGED, None, 2, 0.25),
        record(3, Outcome.COMPLETED, math.inf, 5, 0.5),
    ]

    searched = trace(records, study="s", entry="tpe+median", seed=4)

    assert searched.trials == (
        TracedTrial(None, 3, 0.25),
        TracedTrial(None, 5, 0.5),
        TracedTrial(0.5, 15, 1.5),
        TracedTrial(None, 20, 2.0),
    )
    assert (searched.charged("epochs"), searched.charged("seconds")) == (20, 2.0)
    assert (searched.entry, searched.seed) == ("tpe+median", 4)


def test_a_step_is_made_at_each_improvement_only() -> None:
    """A trial that equals the best so far makes no step."""
    searched = search((None, 5), (0.9, 10), (0.9, 10), (0.7, 5), (0.8, 10))

    assert anytime(searched) == (Step(15, 0.9), Step(30, 0.7))
    assert anytime(searched, "seconds") == (Step(30.0, 0.9), Step(60.0, 0.7))
    assert final_best(searched) == 0.7


def test_a_step_holds_from_its_cost_to_the_next() -> None:
    """Before the first completed trial there is no value; a trial counts at the very epoch it ends."""
    steps = (Step(15, 0.9), Step(30, 0.7))

    at = best_at(steps, [0, 14, 15, 29, 30, 1_000])

    np.testing.assert_array_equal(at, [np.nan, np.nan, 0.9, 0.9, 0.7, 0.7])


def test_a_trial_that_cost_nothing_shares_the_step_before_it() -> None:
    """Costs of steps rise strictly."""
    assert anytime(search((0.9, 10), (0.8, 0))) == (Step(10, 0.8),)


@pytest.mark.parametrize("searched", [search(), search((None, 5))])
def test_a_search_that_found_nothing_has_no_steps(searched: Trace) -> None:
    """Its best is NaN everywhere."""
    assert anytime(searched) == ()
    assert math.isnan(final_best(searched))
    assert np.isnan(best_at(anytime(searched), [0, 10])).all()


@given(trials)
def test_the_best_so_far_never_rises(found: list[tuple[float | None, int]]) -> None:
    """Costs of steps rise and values fall, strictly, and end at the lowest value."""
    searched = search(*found)

    steps = anytime(searched)

    assert all(a.cost < b.cost and a.best > b.best for a, b in pairwise(steps))
    assert (steps[-1].best if steps else None) == min((v for v, _ in found if v is not None), default=None)


@given(trials)
def test_the_best_at_a_cost_is_the_lowest_value_charged_up_to_it(
    found: list[tuple[float | None, int]],
) -> None:
    """The steps say at every cost what looking through the trials says."""
    searched = search(*found)
    costs = range(0, int(searched.charged()) + 2, 7)

    at = best_at(anytime(searched), list(costs))

    for cost, best in zip(costs, at, strict=True):
        seen = [t.value for t in searched.trials if t.value is not None and t.epochs <= cost]
        assert best == min(seen) if seen else math.isnan(best)
