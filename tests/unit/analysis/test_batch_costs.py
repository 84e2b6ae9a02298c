"""What a batch size cost in a search."""

from __future__ import annotations

from dataclasses import replace

from epochsearch.analysis.batch_costs import batch_costs
from epochsearch.core.curve import EpochReport
from epochsearch.core.trial import Outcome, TrialCurve
from tests.unit.cli.fakes import point, trial


def test_costs_are_by_batch_size_rising() -> None:
    """The median of all epochs' seconds, the highest memory, the best completed value."""
    curves = [
        curve(64, 0.3, [1.0, 3.0], 100),
        curve(64, 0.2, [2.0], 300),
        curve(16, None, [0.0], None),
    ]

    small, large = batch_costs(curves)

    assert (small.batch_size, small.seconds, small.memory_bytes, small.best) == (16, None, None, None)
    assert (large.trials, large.seconds, large.memory_bytes, large.best) == (2, 2.0, 300, 0.2)


def test_a_pruned_value_is_no_best() -> None:
    """It was never read at the epochs it proposed."""
    pruned = curve(64, 0.1, [1.0], None)
    stopped = TrialCurve(replace(pruned.trial, outcome=Outcome.PRUNED), pruned.reports)

    assert batch_costs([stopped])[0].best is None
    assert batch_costs([]) == ()


def curve(size: int, value: float | None, seconds: list[float], memory: int | None) -> TrialCurve:
    record = replace(trial(value=value), point=point(batch_size=size))
    reports = [EpochReport(i, 1.0, 1.0, s, memory_bytes=memory) for i, s in enumerate(seconds, 1)]
    return TrialCurve(record, tuple(reports))
