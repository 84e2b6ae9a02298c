"""Laws 4 and 5 (replay, honest cost) and the limits, for every sampler and pruner, recorded and trained."""

import random

import pytest

from epochsearch.core.settings import Settings
from epochsearch.core.trial import Outcome
from epochsearch.search.proposing.pruners import PRUNERS
from epochsearch.search.proposing.samplers import SAMPLERS
from epochsearch.search.running.events import EpochDone, SearchEnded, SearchStarted, TrialEnded
from epochsearch.search.running.service import Stop, search
from epochsearch.store.archive import study_curves, study_summary
from tests.contract.subjects import HERE

every_sampler = pytest.mark.parametrize("sampler", SAMPLERS)
every_pruner = pytest.mark.parametrize("pruner", PRUNERS)


@pytest.fixture
def storage(tmp_path):
    return f"sqlite:///{tmp_path / 'studies.db'}"


def settings(task: str, **more) -> Settings:
    return Settings(task=task, **({"study": "s", "workers": "0", "trials": 25} | more))


def run(settings: Settings, storage: str) -> SearchEnded:
    *_, last = search(settings, storage)
    assert isinstance(last, SearchEnded)
    return last


def remembered(storage: str, study: str = "s"):
    """Everything of a study that a kill must not change: all but the seconds and the repeated epochs."""
    rows = []
    for item in study_curves(storage, study):
        trial = item.trial
        curve = [(report.epoch, repr(report.train_loss), repr(report.val_loss)) for report in item.reports]
        cost = (trial.cost.epochs_charged, trial.cost.epochs_trained)
        row = (trial.number, trial.outcome, trial.point, trial.value, trial.value_epoch, trial.metrics)
        rows.append((*row, trial.epochs_done, cost, curve))
    return rows


@every_sampler
def test_a_search_killed_again_and_again_ends_with_the_same_records(sampler, table, storage, tmp_path):
    """Law 4: cut off at random moments, with all that was not flushed lost, it proposes and ends the same."""
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    asked = settings(f"table:{table}", sampler=sampler)
    run(asked, whole)

    cuts = random.Random(0)
    for _ in range(6):
        cut_off(asked, storage, after=cuts.randrange(1, 120))
    run(asked, storage)

    assert len(remembered(whole)) == 25
    assert remembered(storage) == remembered(whole)


@every_pruner
def test_replay_holds_under_every_pruner(pruner, table, storage, tmp_path):
    """Law 4 with pruning: what was pruned is pruned at the same epoch after a kill."""
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    asked = settings(f"table:{table}", pruner=pruner, trials=40)
    run(asked, whole)

    for after in (30, 170):
        cut_off(asked, storage, after)
    run(asked, storage)

    assert remembered(storage) == remembered(whole)


def test_trained_curves_survive_kills(storage, tmp_path):
    """Laws 2, 4 and 6 together: real training, cut off in the middle of trials."""
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    asked = settings(f"{HERE}:Noisy", trials=12, axes={"epochs": "2:12", "batch_size": "8,32"})
    run(asked, whole)

    for after in (7, 40, 23):
        cut_off(asked, storage, after)
    run(asked, storage)

    assert remembered(storage) == remembered(whole)


def test_interrupted_and_continued_is_as_never_interrupted(table, storage, tmp_path):
    """A clean stop marks the trials on their way as interrupted; the next run takes them up again."""
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    asked = settings(f"table:{table}", pruner="none")
    run(asked, whole)
    stop = Stop()
    events = search(asked, storage, stop)
    for event in events:
        if isinstance(event, EpochDone) and event.number == 4 and event.report.epoch == 2:
            stop.request()
        last = event

    midway = study_summary(storage, "s")
    run(asked, storage)

    assert last.why == "interrupted"
    assert midway.counts[Outcome.INTERRUPTED] == 1
    assert midway.finished == 4
    assert remembered(storage) == remembered(whole)


def test_a_second_study_trains_only_what_the_first_did_not(storage):
    """Law 5: charged is what it would have cost alone, trained is what was really run."""
    axes = {"epochs": "4,8", "learning_rate": "0.001,0.01", "batch_size": "16"}
    short = axes | {"epochs": "4"}
    first = settings(f"{HERE}:Noisy", sampler="grid", pruner="none", study="first", axes=short)
    second = settings(f"{HERE}:Noisy", sampler="grid", pruner="none", study="second", axes=axes)

    alone = run(first, storage).summary.cost
    shared = run(second, storage).summary.cost

    assert (alone.epochs_charged, alone.epochs_trained) == (8, 8)
    assert (shared.epochs_charged, shared.epochs_trained, shared.epochs_repeated) == (24, 8, 0)
    assert shared.seconds_charged > shared.seconds_trained


def test_every_record_equals_its_curve_with_two_workers(storage, tmp_path):
    """Law 3: with two workers each trial's losses are those that one worker gives the same configuration."""
    axes = {"epochs": "3:9", "batch_size": "8,32"}
    asked = settings(f"{HERE}:Noisy", trials=10, workers="2", pruner="none", axes=axes)
    run(asked, storage)
    alone = f"sqlite:///{tmp_path / 'alone.db'}"

    for item in study_curves(storage, "s"):
        point = item.trial.point
        one = {"epochs": point.epochs, "batch_size": point.batch_size}
        one["learning_rate"] = repr(point.learning_rate)
        name = f"t{item.trial.number}"
        run(settings(f"{HERE}:Noisy", study=name, trials=1, axes=one), alone)
        (again,) = study_curves(alone, name)
        assert [r.val_loss for r in again.reports] == [r.val_loss for r in item.reports]
        assert [r.train_loss for r in again.reports] == [r.train_loss for r in item.reports]


def test_a_grid_visits_each_cell_once_and_ends(table, storage):
    """Run again, it adds nothing."""
    axes = {"epochs": "2,4", "learning_rate": "0.001,0.01,0.1", "batch_size": "16,64"}
    asked = settings(f"table:{table}", sampler="grid", pruner="none", trials=None, time_limit=60.0, axes=axes)

    first = run(asked, storage)
    again = run(asked, storage)

    points = [item.trial.point for item in study_curves(storage, "s")]
    assert len(points) == len(set(points)) == 12
    assert (first.why, again.why) == ("grid", "grid")


@pytest.mark.parametrize("workers", ["0", "2"])
def test_an_epoch_budget_is_kept_to_the_epoch(workers, table, storage):
    """The search ends when the charged epochs reach the budget; a larger one takes the cut trial up again."""
    axes = {"epochs": "3:7", "batch_size": "8"}
    asked = settings(f"{HERE}:Noisy", trials=None, epoch_budget=20, pruner="none", workers=workers, axes=axes)

    first = run(asked, storage)
    second = run(settings(f"{HERE}:Noisy", trials=None, epoch_budget=30, pruner="none", axes=axes), storage)

    assert first.why == second.why == "epochs"
    assert first.summary.cost.epochs_charged == 20
    assert second.summary.cost.epochs_charged == 30


def test_events_come_in_order_and_what_is_announced_is_on_disk(table, storage):
    """Law 6: at the moment a trial is announced as ended, another reader finds it in the database."""
    first, ended = None, 0
    for event in search(settings(f"table:{table}", trials=6), storage):
        first = first or event
        if isinstance(event, TrialEnded):
            ended += 1
            stored = {item.trial.number: item.trial for item in study_curves(storage, "s")}
            assert stored[event.trial.number] == event.trial

    assert isinstance(first, SearchStarted)
    assert ended == 6


def test_the_best_objective_reads_the_lowest_loss_of_a_curve(table, storage):
    """`best` is what early stopping would deliver."""
    run(settings(f"table:{table}", objective="best", pruner="none"), storage)

    for item in study_curves(storage, "s"):
        if item.trial.outcome is Outcome.COMPLETED:
            assert item.trial.value == min(report.val_loss for report in item.reports)
            assert item.trial.value == item.reports[item.trial.value_epoch - 1].val_loss


def test_a_diverged_curve_ends_its_trial_and_not_the_search(table, storage):
    """The table's highest learning rate gives nan after the third epoch."""
    run(settings(f"table:{table}", sampler="random", pruner="none", trials=40), storage)

    diverged = [item for item in study_curves(storage, "s") if item.trial.outcome is Outcome.DIVERGED]
    assert diverged
    assert {item.trial.epochs_done for item in diverged} == {4}
    assert {item.trial.value for item in diverged} == {None}


def cut_off(asked: Settings, storage: str, after: int) -> None:
    """Run `after` events and let go, as a kill would: nothing more is flushed."""
    events = search(asked, storage)
    for _, event in zip(range(after), events, strict=False):
        if isinstance(event, SearchEnded):
            return
    events.close()
