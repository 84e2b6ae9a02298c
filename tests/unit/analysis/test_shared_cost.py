"""What sharing curves saved."""

from __future__ import annotations

from epochsearch.analysis.shared_cost import SharedCost, shared_cost
from epochsearch.core.trial import Cost


def test_costs_of_studies_are_summed() -> None:
    """Two studies of 100 charged epochs that ran 40 and 5, and 5 again: two times."""
    found = shared_cost([Cost(100, 40, 0, 10.0, 4.0), Cost(100, 50, 10, 10.0, 6.0)])

    assert found == SharedCost(2, 200, 90, 10, 20.0, 10.0)
    assert (found.epochs_run, found.times_cheaper) == (100, 2.0)


def test_what_cost_nothing_has_no_ratio() -> None:
    """A recorded table trains nothing; a study without trials is charged nothing."""
    assert shared_cost([Cost(epochs_charged=100)]).times_cheaper is None
    assert shared_cost([]).times_cheaper is None
