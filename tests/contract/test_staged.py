"""A staged search: its stages, its records after kills, its honest cost."""

import math
import random
from dataclasses import replace

import pytest

from epochsearch.core.errors import UsageError
from epochsearch.core.settings import Settings
from epochsearch.core.stages import stage_at, stages_of
from epochsearch.core.trial import Outcome
from epochsearch.search.checks.verification import Verification, verify
from epochsearch.search.costs.planning import plan
from epochsearch.search.running.events import EpochDone, SearchEnded
from epochsearch.search.running.service import Stop, search
from epochsearch.store.archive import study_curves, study_summary
from tests.contract.subjects import HERE
from tests.contract.test_search_laws import cut_off, remembered

BUDGETS = "explore=6, explore_rows=24, carry=3, carry_rows=40, refine=5, schedules=4"
TRIALS = 6 + 3 + 5 + 4


def settings(budgets: str = BUDGETS, **more) -> Settings:
    axes = {"epochs": "2:10", "learning_rate": "1e-3:0.1", "batch_size": "8,16"}
    fixed = {"task": f"{HERE}:Noisy", "study": "s", "workers": "0", "sampler": f"staged({budgets})"}
    fixed |= {"patience": 50}
    return Settings(**(fixed | {"axes": axes} | more))


def run(asked: Settings, storage: str) -> SearchEnded:
    *_, last = search(asked, storage)
    assert isinstance(last, SearchEnded)
    return last


@pytest.fixture
def storage(tmp_path):
    return f"sqlite:///{tmp_path / 'studies.db'}"


def stage_trials(storage: str):
    """Return the trials by the name of their stage."""
    stages = stages_of(study_summary(storage, "s").spec)
    found = {stage.name: [] for stage in stages}
    for item in study_curves(storage, "s"):
        found[stage_at(stages, item.trial.number).name].append(item)
    return found


def ranked(items):
    done = [item.trial for item in items if item.trial.outcome is Outcome.COMPLETED]
    return sorted(done, key=lambda trial: (trial.value, trial.number))


def base(trial):
    """Return what a stage carries on: the configuration without its rows and schedule."""
    return trial.point.learning_rate, trial.point.batch_size


def test_each_stage_goes_on_with_what_the_one_before_found(storage):
    """The best of few rows on more, points around the best on all, and the best under other schedules."""
    ended = run(settings(pruner="none"), storage)

    found = stage_trials(storage)
    rows = {name: {item.trial.point.parameters["train_rows"] for item in found[name]} for name in found}
    done = {name: {item.trial.epochs_done for item in found[name]} for name in found}
    tried = [str(item.trial.point.parameters["schedule"]) for item in found["schedules"]]
    best = ranked(found["explore"])
    assert ended.why == "stages"
    assert rows == {"explore": {24}, "carry": {40}, "refine": {0}, "schedules": {0}}
    twice = {min(10, max(2, 2 * trial.point.epochs)) for trial in ranked(found["refine"])[:2]}
    assert done == {"explore": {2}, "carry": {5}, "refine": {10}, "schedules": twice}
    assert [base(item.trial) for item in found["carry"]] == [base(trial) for trial in best[:3]]
    carried = [base(trial) for trial in ranked(found["carry"])]
    assert [base(item.trial) for item in found["refine"]][:3] == carried[:3]
    assert {base(item.trial) for item in found["schedules"]} == {base(t) for t in ranked(found["refine"])[:2]}
    assert [text.partition("(")[0] for text in tried] == ["cosine", "wsd"] * 2


def test_epochs_are_read_off_where_a_curve_may_be_read_midway(storage):
    """The value is the lowest loss from the fewest epochs on; under cosine and wsd that at the end."""
    run(settings(pruner="none"), storage)

    for name, items in stage_trials(storage).items():
        for item in items:
            losses = [report.val_loss for report in item.reports]
            expected = losses[-1] if name == "schedules" else min(losses[1:])
            assert item.trial.value == expected == losses[item.trial.point.epochs - 1]


def test_charged_trained_and_the_curves_are_honest(storage):
    """Trained again from nothing, every curve is the same; of a wsd branch only the cool-down was trained."""
    cost = run(settings(pruner="none", workers="2"), storage).summary.cost

    *_, verdict = verify(storage, "s", sample=0)

    lengths = [item.trial.point.epochs for item in stage_trials(storage)["schedules"]]
    shared = sum(math.floor(length - 0.2 * length) for length in lengths[1::2])
    charged = 6 * 2 + 3 * 5 + 5 * 10 + sum(lengths)
    assert isinstance(verdict, Verification)
    assert verdict.passed
    assert (cost.epochs_charged, cost.epochs_trained, cost.epochs_repeated) == (charged, charged - shared, 0)


def test_a_staged_search_killed_again_and_again_ends_with_the_same_records(storage, tmp_path):
    """Law 4, in every stage."""
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    run(settings(), whole)

    cuts = random.Random(0)
    for _ in range(6):
        cut_off(settings(), storage, after=cuts.randrange(1, 40))
    run(settings(), storage)

    assert len(remembered(whole)) == TRIALS
    assert remembered(storage) == remembered(whole)


def test_a_trial_that_was_stopped_midway_goes_on(storage, tmp_path):
    """It is interrupted, not read where it was."""
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    run(settings(), whole)
    stop = Stop()
    for event in search(settings(), storage, stop):
        if isinstance(event, EpochDone) and event.number == 10 and event.report.epoch == 4:
            stop.request()

    counts = study_summary(storage, "s").counts
    run(settings(), storage)

    assert counts[Outcome.INTERRUPTED] == 1
    assert remembered(storage) == remembered(whole)


def test_a_curve_is_not_read_long_past_its_best_unless_its_end_is_planned(storage):
    """Without a word, a trial ends after five epochs, or a fifth of the most, that brought nothing."""
    run(settings(patience=None, pruner="none", axes={"epochs": "2:30", "batch_size": "8,16"}), storage)

    spec, found = study_summary(storage, "s").spec, stage_trials(storage)
    refined = [item.trial for item in found["refine"] if item.trial.outcome is Outcome.COMPLETED]
    assert spec.patience.epochs == 6
    assert all(one.epochs_done == min(30, one.point.epochs + 6) for one in refined)
    assert all(item.trial.epochs_done == item.trial.point.epochs for item in found["schedules"])


def test_limits_end_a_staged_search_as_any_other(storage):
    """Trials and charged epochs are totals; a higher limit goes on in the same stage."""
    by_trials = run(settings(trials=8), storage)
    by_epochs = run(settings(epoch_budget=by_trials.summary.cost.epochs_charged + 7), storage)
    to_the_end = run(settings(), storage)

    assert (by_trials.why, by_trials.summary.finished) == ("trials", 8)
    assert by_epochs.why == "epochs"
    assert by_epochs.summary.cost.epochs_charged == by_trials.summary.cost.epochs_charged + 7
    assert (to_the_end.why, to_the_end.summary.finished) == ("stages", TRIALS)


def test_a_stage_can_be_left_out(storage):
    """Zero trials: what follows begins with the best that there is."""
    run(settings("explore=5, carry=0, refine=3, schedules=0"), storage)

    found = stage_trials(storage)
    assert list(found) == ["explore", "refine"]
    assert [base(item.trial) for item in found["refine"]] == [base(t) for t in ranked(found["explore"])[:3]]


def test_a_plan_counts_the_stages(storage):
    """A dry run says trials and epochs of all stages; of the last one the most there may be."""
    said = plan(settings(pruner="none"), storage)

    ended = run(settings(pruner="none"), storage)

    assert (said.trials, said.ended_by) == (TRIALS, ended.why)
    lengths = [item.trial.point.epochs for item in stage_trials(storage)["schedules"]]
    assert said.epochs_charged - 4 * 10 == ended.summary.cost.epochs_charged - sum(lengths)


def test_searches_with_other_seeds_explore_other_points(storage):
    """And the same seed the same ones."""
    explored = []
    for study, seed in (("a", 0), ("b", 0), ("c", 1)):
        run(replace(settings(seed=seed, trials=6), study=study), storage)
        explored.append([base(item.trial) for item in study_curves(storage, study)])

    assert explored[0] == explored[1]
    assert not set(explored[0]) & set(explored[2])


def test_a_recorded_table_has_no_stages_and_the_reason_is_said(table, storage):
    """It holds neither curves on fewer rows nor of other schedules; where to race the recipe is said too."""
    with pytest.raises(UsageError, match="holds curves on all rows under one schedule") as error:
        list(search(Settings(task=f"table:{table}", study="s", workers="0", sampler="staged"), storage))

    assert "compare digits --samplers tpe,staged" in error.value.message
