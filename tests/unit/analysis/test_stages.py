"""What the stages of a search came to."""

from __future__ import annotations

from epochsearch.analysis.stages import stage_results
from epochsearch.core.point import Configuration, Point
from epochsearch.core.stages import Stage
from epochsearch.core.trial import Cost, Outcome, TrialRecord

STAGES = (Stage("explore", 0, 3, 100, 5), Stage("refine", 3, 2, 0, 9), Stage("schedules", 5, 2, 0, 9))


def trial(number: int, value: float | None, outcome: Outcome = Outcome.COMPLETED) -> TrialRecord:
    cost = Cost(5, 4, 1, 2.0, 1.5)
    return TrialRecord(number, outcome, Point(5, Configuration(0.1, 8)), value, 0, cost, 5)


def test_each_stage_has_its_best_and_its_cost() -> None:
    """Pruned trials cost, and are no best; interrupted ones have not ended."""
    trials = [trial(0, 0.5), trial(1, 0.1, Outcome.PRUNED), trial(2, 0.4), trial(3, 0.3)]
    trials += [trial(4, None, Outcome.INTERRUPTED)]

    explore, refine, schedules = stage_results(STAGES, trials)

    assert (explore.finished, refine.finished, schedules.finished) == (3, 1, 0)
    assert explore.best == trials[2]
    assert refine.best == trials[3]
    assert schedules.best is None
    assert explore.cost == Cost(15, 12, 3, 6.0, 4.5)


def test_a_stage_that_finds_nothing_better_is_no_improvement() -> None:
    """Against the best of all stages before it; of equal values the earlier one counts."""
    results = stage_results(STAGES, [trial(0, 0.3), trial(3, 0.2), trial(5, 0.2)])

    assert [one.improved for one in results] == [True, True, False]
    assert [one.improved for one in stage_results(STAGES, [])] == [False, False, False]
