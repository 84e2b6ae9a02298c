"""From searches to evidence: what is paired, what is counted, and what is left untested and why."""

from __future__ import annotations

import math

import pytest

from epochsearch.analysis.evidence import weigh
from epochsearch.analysis.remarks import budget_text
from epochsearch.analysis.results import SearchResult, TaskResults
from epochsearch.core.point import Configuration, Point
from epochsearch.core.spec import Limits
from epochsearch.core.trial import Cost, Outcome, TrialRecord

BUDGET = Limits(epochs=100)


def test_the_final_loss_of_a_seed_is_the_mean_over_its_training_seeds() -> None:
    """Repeats of one search seed are one piece of evidence, not two."""
    found = evidence({"a": [[3.0], [1.0]], "b": [[4.0], [4.0]]}, training_seeds=2)

    assert found.tasks[0].entries[0].final == (2.0,)
    assert found.seeds == 1


def test_an_entry_that_is_lower_in_every_seed_wins_and_is_said_to() -> None:
    """Ten seeds, all in favour of a: the verdict names it, the ranks and wins agree."""
    found = evidence({"b": [[2.0 + i / 10] for i in range(10)], "a": [[1.0 + i / 20] for i in range(10)]})

    b, a = found.tasks[0].entries
    assert (a.mean_rank, a.wins, b.mean_rank, b.wins) == (1.0, 10, 2.0, 0)
    assert found.verdicts[0].startswith("a beats b on task at 100 epochs: ")


def test_what_is_found_and_charged_is_summed_over_trials_pruned_ones_included() -> None:
    """Steps of the anytime curve lie at the charged epochs; the area is their mean by hand."""
    found = evidence({"a": [[4.0, None, 2.0]], "b": [[5.0, 5.0, 5.0]]})

    a = found.tasks[0].entries[0]
    assert a.cost.epochs_charged == 30
    assert a.epochs.costs.tolist() == [10, 30]
    assert a.epochs.median.tolist() == [4.0, 2.0]
    assert a.area == pytest.approx((10 * 5.0 + 20 * 4.0) / 30)  # before its first trial the worst first loss


@pytest.mark.parametrize(("seeds", "said"), [(1, "one seed is too few"), (2, "two seeds are too few")])
def test_too_few_seeds_give_numbers_and_no_p_values(seeds: int, said: str) -> None:
    """The numbers are there; the note says why there is no verdict."""
    found = evidence({"a": [[1.0]] * seeds, "b": [[2.0]] * seeds})

    assert (found.tasks[0].pairs, found.verdicts) == ((), ())
    assert found.tasks[0].entries[0].final == (1.0,) * seeds
    assert found.notes[0].startswith(said)


def test_seeds_too_few_for_any_small_p_are_told() -> None:
    """Wilcoxon's test on five pairs cannot go below 2 / 2^5."""
    found = evidence({"a": [[1.0], [1.1], [1.2], [1.3], [1.5]], "b": [[2.0]] * 5})

    assert len(found.tasks[0].pairs) == 1
    assert "5 seeds cannot give a p below 0.0625: give at least --seeds 6" in found.notes


def test_seeds_too_few_for_so_many_pairs_are_told() -> None:
    """Six show a difference of two entries, but not of three: Holm triples the smallest p."""
    six = [[1.0], [1.1], [1.2], [1.3], [1.4], [1.5]]
    said = "6 seeds cannot give a p below 0.0938 after Holm over 3 pairs: give at least --seeds 7"

    assert said in evidence({"a": six, "b": [[2.0]] * 6, "c": [[3.0]] * 6}).notes
    assert not any("cannot give" in note for note in evidence({"a": six, "b": [[2.0]] * 6}).notes)


def test_an_entry_with_a_seed_without_a_completed_trial_is_not_tested() -> None:
    """It ranks last there; the others are tested, and a note says which is not and why."""
    rows = {"a": [[1.0]] * 6, "b": [[2.0]] * 6, "c": [[0.5]] * 5 + [[None]]}

    found = evidence(rows)

    assert [(pair.a, pair.b) for pair in found.tasks[0].pairs] == [("a", "b")]
    assert math.isnan(found.tasks[0].entries[2].final[5])
    assert found.tasks[0].entries[2].mean_rank == pytest.approx((5 * 1 + 3) / 6)
    assert "c is not tested: 1 of its 6 seeds completed no trial. Give a larger budget" in found.notes


def test_a_known_optimum_gives_regret_and_targets() -> None:
    """The area is of the regret, and the best 10 % of ten configurations is the best one."""
    losses = tuple(float(i) for i in range(10))

    found = evidence({"a": [[4.5, 0.0]], "b": [[9.0, 4.5]]}, losses=losses)

    task = found.tasks[0]
    assert task.scale is not None
    assert (task.scale.optimum, task.scale.reference) == (0.0, 4.5)
    assert [target.loss for target in task.targets] == [0.0, 0.0, 0.0]
    assert [entry.area for entry in task.entries] == [1.0, 1.0]
    assert [entry.arrivals[0].reached for entry in task.entries] == [1, 0]


def test_a_grid_that_ended_before_its_budget_is_told() -> None:
    """A comparison at 100 epochs in which one spent 20 must not look like one at 100 each."""
    results = TaskResults(
        "t", "t", "final", searches({"grid": [[1.0, 2.0]], "b": [[3.0]]}), (), frozenset({"grid-0-0"})
    )

    (note, *_) = (text for text in weigh([results], BUDGET).notes if text.startswith("grid had visited"))

    assert "in 1 of its searches, after 20 to 20 epochs" in note


def test_over_several_tasks_each_is_one_block_of_friedmans_test() -> None:
    """Three entries on four tasks in the same order everywhere: ranks 1, 2, 3."""
    rows = {"a": [[1.0]] * 3, "b": [[2.0]] * 3, "c": [[3.0]] * 3}
    results = [TaskResults(f"t{i}", f"t{i}", "final", searches(rows), (), frozenset()) for i in range(4)]

    found = weigh(results, BUDGET)

    assert found.over_tasks is not None
    assert dict(found.over_tasks.average_ranks) == {"a": 1.0, "b": 2.0, "c": 3.0}
    assert found.verdicts[0].startswith("over 4 tasks the average ranks are a 1.00, b 2.00, c 3.00")


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(epochs=1000), "1,000 epochs"),
        (Limits(charged_seconds=600.0), "600 s of training"),
        (Limits(trials=40, epochs=500), "500 epochs or 40 trials"),
    ],
)
def test_the_budget_is_said_in_words(limits: Limits, said: str) -> None:
    """It stands in every verdict."""
    assert budget_text(limits) == said


def test_a_search_too_short_for_its_sampler_to_learn_is_told() -> None:
    """Its points were drawn at random, whatever it is called."""
    found = searches({"a": [[1.0]] * 3, "b": [[2.0]] * 3})
    results = TaskResults("task", "task", "final", found, still_random=frozenset({"b-0-0", "b-2-0"}))

    notes = weigh([results], BUDGET).notes

    said = "b draws its first trials at random, and 2 of its 3 searches had no others"
    assert [note for note in notes if "at random" in note] == [f"{said}; a larger budget tells more"]


def evidence(
    rows: dict[str, list[list[float | None]]], losses: tuple[float, ...] = (), training_seeds: int = 1
):
    found = searches(rows, training_seeds)
    return weigh([TaskResults("task", "task", "final", found, losses, frozenset())], BUDGET)


def searches(rows: dict[str, list[list[float | None]]], training_seeds: int = 1) -> tuple[SearchResult, ...]:
    """One search a row: its trials' losses, 10 epochs each; None: pruned."""
    return tuple(
        SearchResult(
            f"{entry}-{i // training_seeds}-{i % training_seeds}",
            entry,
            i // training_seeds,
            i % training_seeds,
            tuple(trial(number, value) for number, value in enumerate(values)),
        )
        for entry, found in rows.items()
        for i, values in enumerate(found)
    )


def trial(number: int, value: float | None) -> TrialRecord:
    outcome = Outcome.PRUNED if value is None else Outcome.COMPLETED
    cost = Cost(epochs_charged=10, epochs_trained=4, seconds_charged=1.0, seconds_trained=0.4)
    return TrialRecord(number, outcome, Point(10, Configuration(0.1, 16)), value, 0, cost, 10)
