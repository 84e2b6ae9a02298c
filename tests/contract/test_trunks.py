"""A trunk serves the curves of all lengths: each is, bit for bit, what it is when trained in one go."""

import math
import random
from dataclasses import replace

import pytest

from epochsearch.core.extension import ExtensionSettings
from epochsearch.core.recipe import OPTIMISERS
from epochsearch.core.settings import Settings
from epochsearch.core.trunk import shared_epochs, trunk_identity
from epochsearch.search.answers.confirming import confirm
from epochsearch.search.answers.race_events import CurveConfirmed, RaceEnded
from epochsearch.search.checks.verification import Verification, verify
from epochsearch.search.costs.planning import plan
from epochsearch.search.extending.extension import extend
from epochsearch.search.running.events import EpochDone, SearchEnded
from epochsearch.search.running.service import Stop, search
from epochsearch.store.archive import study_curves
from epochsearch.store.replicates import tried_configurations
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.models import recipe_in_force
from epochsearch.training.learner import make_learner
from tests.contract.subjects import HERE, TECHNIQUES_ON, identity

LENGTH = 8
TASK = f"{HERE}:Noisy"
KINDS = {
    "plain": (f"{HERE}:Plain", {}),
    "batch norm and dropout": (TASK, {}),
    "lazy, augmented data": (f"{HERE}:Lazy", {}),
    "second fold of three": (TASK, {"fold": 1, "folds": 3}),
    "warm-up": (TASK, {"schedule": "wsd(warmup=2)"}),
    "a cool-down from within an epoch": (TASK, {"schedule": "wsd(cooldown=0.3)"}),
    "all of the step's techniques": (TASK, {"training": TECHNIQUES_ON, "optimiser": "rmsprop"}),
    "averaged weights": (TASK, {"training": {"average": 1.0, "average_norms": "recomputed"}}),
    "searched schedule": (TASK, {"schedule": "constant", "extras": {"schedule": "wsd"}}),
    **{f"optimiser {name}": (TASK, {"optimiser": name}) for name in OPTIMISERS},
}


@pytest.mark.parametrize("name", KINDS)
def test_a_branch_from_the_trunks_state_is_the_curve_trained_in_one_go(name):
    """Trunk up to the cool-down, frozen, thawed as the branch: the reports and state of one training."""
    reference, options = KINDS[name]
    task = load_task(reference)
    branch = identity(task, **{"schedule": "wsd", "length": LENGTH, **options})
    schedule = recipe_in_force(task, branch.recipe, branch.configuration).schedule
    trunk = trunk_identity(branch, schedule, searched=name == "searched schedule")
    shared = shared_epochs(schedule, LENGTH)
    whole = make_learner(load_task(reference), branch)
    expected = [whole.run_epoch() for _ in range(LENGTH)]

    stem = make_learner(load_task(reference), trunk)
    reports = [stem.run_epoch() for _ in range(shared)]
    cooling = make_learner(load_task(reference), branch)
    cooling.thaw(stem.freeze())
    reports += [cooling.run_epoch() for _ in range(LENGTH - shared)]

    assert 0 < shared < LENGTH
    assert trunk.length is None
    assert all(a.same_values(b) for a, b in zip(reports, expected, strict=True))
    assert cooling.freeze() == whole.freeze()


def test_branches_of_all_lengths_have_one_trunk():
    """Nothing of the length, nor of the share that cools down, is in its identity."""
    task = load_task(TASK)
    trunks = {
        trunk_identity(branch, branch.recipe.schedule, searched=False).key
        for length in (5, 10, 50)
        for share in (0.2, 0.5)
        for branch in [identity(task, schedule=f"wsd(cooldown={share})", length=length)]
    }

    assert trunks == {identity(task).key}


@pytest.fixture
def storage(tmp_path):
    return f"sqlite:///{tmp_path / 'studies.db'}"


def settings(**more) -> Settings:
    axes = {"epochs": "5,10,15", "learning_rate": "0.003,0.01", "batch_size": "16"}
    fixed = {"task": TASK, "study": "s", "workers": "0", "schedule": "wsd", "sampler": "grid"}
    return Settings(**(fixed | {"pruner": "none", "axes": axes} | more))


def run(asked: Settings, storage: str) -> SearchEnded:
    *_, last = search(asked, storage)
    assert isinstance(last, SearchEnded)
    return last


def values(storage: str, study: str = "s"):
    return {
        item.trial.point: [(r.epoch, repr(r.train_loss), repr(r.val_loss)) for r in item.reports]
        for item in study_curves(storage, study)
    }


@pytest.mark.parametrize("seed", [0, 1])
def test_trunk_epochs_are_trained_once_whatever_the_order_of_the_lengths(seed, storage):
    """Two configurations, three lengths: 12 epochs of trunk each, and cool-downs of 1, 2 and 3 epochs."""
    cost = run(settings(seed=seed, training_seed=0), storage).summary.cost

    *_, verdict = verify(storage, "s", sample=0)

    assert cost.epochs_charged == 2 * (5 + 10 + 15)
    assert cost.epochs_trained == 2 * (12 + 1 + 2 + 3)
    assert cost.epochs_repeated == 0
    assert isinstance(verdict, Verification)
    assert verdict.passed


def test_with_two_workers_no_trunk_is_trained_twice(storage):
    """A branch waits while another one trains their trunk."""
    cost = run(settings(workers="2"), storage).summary.cost

    assert (cost.epochs_trained, cost.epochs_repeated) == (2 * (12 + 1 + 2 + 3), 0)


def test_a_study_of_constant_rates_has_trained_the_trunk(storage):
    """Its curves end at epoch 12: only the cool-downs are left to train, and the shorter trunks once more."""
    axes = {"epochs": "12", "learning_rate": "0.003,0.01", "batch_size": "16"}
    run(settings(schedule="constant", study="before", axes=axes), storage)
    longest = settings(axes=axes | {"epochs": "15"}, study="longest")

    cost = run(longest, storage).summary.cost

    assert (cost.epochs_charged, cost.epochs_trained, cost.epochs_repeated) == (30, 6, 0)


def test_states_that_are_gone_cost_epochs_and_no_value(storage, tmp_path):
    """Without the trunk's states a shorter branch runs the epochs up to its cool-down again, and says so."""
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    run(settings(), whole)
    only = {"epochs": "15", "learning_rate": "0.003,0.01", "batch_size": "16"}
    run(settings(axes=only, study="longest"), storage)
    for file in tmp_path.rglob("*.checkpoint"):
        file.unlink()

    cost = run(settings(), storage).summary.cost

    assert cost.epochs_repeated == 2 * (4 + 4)
    assert cost.epochs_trained == 2 * (1 + 2)
    assert values(storage) == values(whole)


def test_a_study_killed_in_trunks_and_cool_downs_ends_with_the_same_records(storage, tmp_path):
    """Laws 2, 4 and 6 on branches."""
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    run(settings(), whole)

    cuts = random.Random(0)
    for _ in range(6):
        events = search(settings(), storage)
        for _ in zip(range(cuts.randrange(1, 40)), events, strict=False):
            pass
        events.close()
    run(settings(), storage)

    assert values(storage) == values(whole)


def test_a_stop_in_a_cool_down_goes_on_from_there(storage, tmp_path):
    """What was asked for is trained to the same values, and no epoch of it again."""
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    run(settings(), whole)
    stop = Stop()
    for event in search(settings(), storage, stop):
        if isinstance(event, EpochDone) and event.report.epoch == 14:
            stop.request()

    cost = run(settings(), storage).summary.cost

    assert values(storage) == values(whole)
    assert cost.epochs_charged == 2 * (5 + 10 + 15)


def test_a_plan_counts_trunks_once(storage):
    """A dry run says what the search will train, before it and when it is over."""
    before = plan(settings(), storage)
    trained = run(settings(), storage).summary.cost.epochs_trained
    again = plan(settings(study="again", seed=1, training_seed=0), storage)

    assert before.epochs_trained == trained
    assert again.epochs_trained == 0


ONE_RATE = {"epochs": "5,10", "learning_rate": "0.01", "batch_size": "16"}
RACE = 4 * (8 + 1 + 2)
"""Epochs of both lengths of ONE_RATE under four seeds: a trunk each, and two cool-downs."""


def race(storage: str, study: str = "s", stop_after: int | None = None) -> RaceEnded:
    """Confirm up to two points on four seeds; stop_after: curves after which it is stopped."""
    stop, done = Stop(), 0
    for event in confirm(storage, study, 2, seeds=4, workers=0, stop=stop):
        done += isinstance(event, CurveConfirmed)
        if stop_after is not None and done >= stop_after:
            stop.request()
    assert isinstance(event, RaceEnded)
    return event


def curves(storage: str, study: str, seed: int) -> list[tuple[float, ...]]:
    """Return the validation losses of every curve of the study's configurations under a seed."""
    tried = tried_configurations(storage, study)[1]
    return sorted(curve.losses for one in tried for curve in one.replicates if curve.seed == seed)


def in_one_go(storage: str, study: str, seed: int, folds: int = 1) -> list[tuple[float, ...]]:
    """Return the same, each trained from its first epoch to its last, with no trunk."""
    identities = [one.identity for one in tried_configurations(storage, study)[1]]
    found = []
    for one in (replace(one, seed=seed, fold=fold) for one in identities for fold in range(folds)):
        whole = make_learner(load_task(TASK), one)
        found.append(tuple(whole.run_epoch().val_loss for _ in range(one.length)))
    return sorted(found)


def test_a_race_between_two_lengths_trains_their_trunk_once(storage):
    """Under each fresh seed and fold; its curves are those that are trained in one go."""
    run(settings(axes=ONE_RATE, folds=2), storage)

    ended = race(storage)

    assert (ended.epochs_trained, ended.epochs_read) == (RACE, 4 * 4)
    assert curves(storage, "s", seed=2) == in_one_go(storage, "s", seed=2, folds=2)


def test_a_race_that_was_stopped_goes_on_and_trains_no_trunk_twice(storage):
    """Four trunks and their first cool-downs are there, and one of the second."""
    run(settings(axes=ONE_RATE), storage)

    first = race(storage, stop_after=5)
    second = race(storage)

    assert (first.stopped, first.epochs_trained) == (True, 4 * 5 + 6)
    assert second.epochs_trained == RACE - first.epochs_trained


def test_a_race_of_constant_rates_has_trained_the_trunks_of_a_later_one(storage):
    """Its curves end at epoch 8, where those of 10 epochs cool down."""
    run(settings(schedule="constant", study="before", axes=ONE_RATE | {"epochs": "8"}), storage)
    race(storage, "before")
    run(settings(axes=ONE_RATE | {"epochs": "10"}), storage)

    ended = race(storage)

    assert (ended.epochs_trained, ended.epochs_read) == (4 * 2, 4 * 8)


def test_an_extension_leaves_the_trunk_later_and_trains_none_of_it_twice(storage):
    """From 5 epochs on: of each longer curve what the trunk lacks, and its cool-down."""
    run(settings(axes=ONE_RATE | {"epochs": "5"}), storage)

    *_, last = extend(storage, "s", ExtensionSettings(gain=1e-6, max_epochs=13, workers="0"))

    lengths = [item.trial.point.epochs for item in study_curves(storage, "s-extended")]
    cooled = sum(length - math.floor(0.8 * length) for length in lengths[1:])
    cost = last.summary.cost
    assert (lengths[0], lengths[-1]) == (5, 13)
    assert len(lengths) > 3
    assert cost.epochs_charged == sum(lengths)
    assert (cost.epochs_trained, cost.epochs_repeated) == (10 - 4 + cooled, 0)
    assert curves(storage, "s-extended", seed=0) == in_one_go(storage, "s-extended", seed=0)


def test_an_extension_carries_a_searched_schedule_on_where_it_has_a_trunk(storage):
    """Of three schedules cosine is left out."""
    axes = ONE_RATE | {"epochs": "5", "schedule": "constant,cosine,wsd"}
    run(settings(schedule="constant", axes=axes), storage)

    *_, last = extend(storage, "s", ExtensionSettings(gain=1e-6, max_epochs=7, workers="0"))

    found = [item.trial.point for item in study_curves(storage, "s-extended")]
    assert isinstance(last, SearchEnded)
    assert {point.parameters["schedule"] for point in found if point.epochs == 7} == {"constant", "wsd"}
