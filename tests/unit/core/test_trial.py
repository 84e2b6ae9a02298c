"""What trials cost, added up, and what a study's summary counts."""

from __future__ import annotations

from datetime import UTC, datetime

from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import Cost, Outcome
from tests.unit.core.test_spec import spec


def test_costs_are_added_field_by_field() -> None:
    """Charged, trained and repeated epochs and seconds are summed each for itself."""
    total = Cost(1, 2, 3, 4.0, 5.0) + Cost(10, 20, 30, 40.0, 50.0)

    assert total == Cost(11, 22, 33, 44.0, 55.0)
    assert total + Cost() == total


def test_an_interrupted_trial_has_not_finished() -> None:
    """Every other outcome ends a trial for good."""
    counts = dict.fromkeys(Outcome, 2)

    summary = StudySummary("s", spec(), counts, Cost(), 0.0, None, datetime.now(UTC))

    assert summary.finished == 2 * (len(Outcome) - 1)
