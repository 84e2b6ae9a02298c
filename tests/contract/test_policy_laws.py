"""What holds for every sampler that freezes and thaws: replay, honest cost, limits, and what Optuna sees."""

import random

import optuna
import pytest

from epochsearch.cli.words.order_documents import orders_document
from epochsearch.core.errors import UsageError
from epochsearch.core.settings import Settings
from epochsearch.core.spec import FREEZING
from epochsearch.core.trial import Outcome
from epochsearch.search.answers.studied import studied
from epochsearch.search.comparing.tracing import study_order_outcomes
from epochsearch.search.proposing.policies import POLICIES
from epochsearch.search.running.events import EpochDone, SearchEnded, TrialFrozen, TrialStarted, TrialThawed
from epochsearch.search.running.service import search
from epochsearch.store.archive import study_curves, study_summary
from epochsearch.store.database import optuna_storage
from epochsearch.store.orders import study_orders
from tests.contract.subjects import HERE
from tests.contract.test_search_laws import cut_off, remembered, run, settings

every_policy = pytest.mark.parametrize("policy", POLICIES)
TRAINED = f"{HERE}:Noisy"
FURTHER = {"epochs": "8", "batch_size": "8,32", "dropout": "0.0:0.5", "width": "4,8,16", "kind": "a,b"}


@pytest.fixture
def storage(tmp_path):
    return f"sqlite:///{tmp_path / 'studies.db'}"


def frozen_settings(task: str, policy: str, **more) -> Settings:
    return settings(task, sampler=policy, **({"trials": None, "epoch_budget": 90} | more))


def test_every_policy_is_known_to_the_spec():
    """The spec tells them from samplers by name."""
    assert POLICIES.keys() == FREEZING


@every_policy
def test_a_search_killed_again_and_again_ends_with_the_same_records(policy, table, storage, tmp_path):
    """Law 4: cut off at random moments, with all that was not flushed lost, it decides and ends the same."""
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    asked = frozen_settings(f"table:{table}", policy)
    run(asked, whole)

    cuts = random.Random(1)
    for _ in range(6):
        cut_off(asked, storage, after=cuts.randrange(1, 120))
    run(asked, storage)

    assert len(remembered(whole)) > 8
    assert remembered(storage) == remembered(whole)


@every_policy
def test_trained_curves_survive_kills(policy, storage, tmp_path):
    """Laws 2, 4 and 6 together: real training, frozen and thawed, cut off in the middle of stretches."""
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    asked = frozen_settings(TRAINED, policy, axes={"epochs": "12", "batch_size": "8,32"})
    run(asked, whole)

    for after in (7, 61, 40, 23):
        cut_off(asked, storage, after)
    run(asked, storage)

    assert remembered(storage) == remembered(whole)


@pytest.mark.parametrize(
    ("policy", "workers"), [*((policy, "0") for policy in POLICIES), ("freeze-thaw", "2")]
)
def test_an_epoch_budget_is_kept_and_a_larger_one_goes_on_where_it_stopped(policy, workers, storage):
    """With one worker a search in two runs ends as one in a single run; with two the budget is kept too."""
    axes = {"epochs": "8", "batch_size": "8"}
    parts = [
        frozen_settings(TRAINED, policy, epoch_budget=budget, workers=workers, axes=axes)
        for budget in (31, 60)
    ]

    costs = [run(part, storage).summary.cost for part in parts]

    assert [cost.epochs_charged for cost in costs] == [31, 60]
    assert [cost.epochs_trained for cost in costs] == [31, 60]
    if workers == "0":
        run(
            Settings(
                **{**{f: getattr(parts[1], f) for f in ("task", "sampler", "axes")}, "study": "one"},
                workers="0",
                epoch_budget=60,
            ),
            storage,
        )
        assert remembered(storage, "one") == [
            (*row[:7], (row[7][0], 0), row[8]) for row in remembered(storage)
        ]


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["freeze-thaw", "one-epoch"])
def test_every_record_equals_its_curve_with_two_workers(policy, storage, tmp_path):
    """Law 3: a curve frozen and thawed beside others is the one that a single worker trains in one go."""
    axes = {"epochs": "9", "batch_size": "8,32"}
    run(frozen_settings(TRAINED, policy, workers="2", axes=axes, epoch_budget=60), storage)
    equal_to_curves_alone(study_curves(storage, "s"), tmp_path)


@pytest.mark.slow
def test_a_search_of_two_workers_killed_again_and_again_keeps_its_records_true(storage, tmp_path):
    """Law 4 beside others: curves as of one worker, epochs charged once, no order lost or given twice."""
    axes, cuts = {"epochs": "9", "batch_size": "8,32"}, random.Random(2)
    asked = frozen_settings(TRAINED, "freeze-thaw", workers="2", axes=axes, epoch_budget=70)
    for _ in range(4):
        cut_off(asked, storage, after=cuts.randrange(40, 150))
    run(asked, storage)

    curves, orders = study_curves(storage, "s"), study_orders(storage, "s")
    assert sum(len(item.reports) for item in curves) == 70
    assert sum(item.trial.cost.epochs_charged for item in curves) == 70
    assert len({item.trial.point.configuration for item in curves}) == len(curves)
    assert [order.step for order in orders] == list(range(len(orders)))
    for item in curves:
        ordered = [order.upto for order in orders if order.trial == item.trial.number]
        assert ordered == sorted(set(ordered))
        assert len(item.reports) <= ordered[-1]
    equal_to_curves_alone(curves, tmp_path)


def equal_to_curves_alone(curves, folder) -> None:
    """Assert that each curve is what one worker trains in one go."""
    alone = f"sqlite:///{folder / 'alone.db'}"
    for item in [item for item in curves if item.reports]:
        point, name = item.trial.point, f"t{item.trial.number}"
        one = {"epochs": len(item.reports), "batch_size": point.batch_size}
        one["learning_rate"] = repr(point.learning_rate)
        run(settings(TRAINED, study=name, trials=1, pruner="none", axes=one), alone)
        (again,) = study_curves(alone, name)
        assert [r.val_loss for r in again.reports] == [r.val_loss for r in item.reports]


@pytest.mark.parametrize(("workers", "counts"), [("1", {1}), ("2", {3, 4})])
def test_beside_another_worker_the_next_stretch_is_ready_before_one_ends(workers, counts, storage):
    """With one worker nothing is decided before the outcome is known."""
    asked = frozen_settings(TRAINED, "freeze-thaw", workers=workers, axes={"epochs": "9", "batch_size": "8"})
    upto, under_way = {}, []
    for event in search(asked, storage):
        if isinstance(event, (TrialStarted, TrialThawed)):
            upto[event.number] = event.upto
            under_way.append(len(upto))
        elif isinstance(event, EpochDone) and upto[event.number] == event.report.epoch:
            del upto[event.number]

    assert max(under_way) in counts


@every_policy
def test_epochs_are_read_off_the_curve_within_the_range(policy, table, storage):
    """A trial's point has the epochs of its lowest loss, at least the low end of the range."""
    run(frozen_settings(f"table:{table}", policy, axes={"epochs": "3:12"}), storage)

    found = [item for item in study_curves(storage, "s") if item.trial.outcome is Outcome.COMPLETED]
    assert found
    for item in found:
        losses = [report.val_loss for report in item.reports]
        assert len(losses) >= 3
        assert item.trial.value == min(losses[2:]) == losses[item.trial.point.epochs - 1]
        assert item.trial.frozen == (len(losses) < 12)


@every_policy
def test_optuna_sees_one_complete_trial_per_configuration(policy, table, storage):
    """Its values grow; none runs for ever; importances can be computed; frozen ones say so."""
    run(frozen_settings(f"table:{table}", policy, axes={"epochs": "12"}), storage)

    study = optuna.load_study(study_name="s", storage=optuna_storage(storage))
    states = {trial.state.name for trial in study.trials}
    configurations = {(t.params["learning_rate"], t.params["batch_size"]) for t in study.trials}
    assert states <= {"COMPLETE", "PRUNED"}
    assert len(configurations) == len(study.trials)
    for trial in study.trials:
        if trial.state.name == "COMPLETE":
            assert trial.value == min(trial.intermediate_values.values())
            assert trial.value == trial.intermediate_values[trial.params["epochs"]]
            assert trial.user_attrs.get("frozen", False) == (len(trial.intermediate_values) < 12)
    importances = optuna.importance.get_param_importances(study)
    assert importances.keys() == {"epochs", "learning_rate", "batch_size"}


@every_policy
def test_what_is_announced_as_frozen_is_on_disk(policy, table, storage):
    """Law 6, and the cost counts every epoch once."""
    seen = 0
    for event in search(frozen_settings(f"table:{table}", policy), storage):
        if isinstance(event, TrialFrozen):
            seen += 1
            stored = {item.trial.number: item.trial for item in study_curves(storage, "s")}
            assert stored[event.trial.number] == event.trial
            assert event.cost.epochs_charged == study_summary(storage, "s").cost.epochs_charged

    assert seen > 8


@every_policy
def test_what_a_study_came_to_is_told_order_by_order(policy, table, storage):
    """Cost and best loss grow with each stretch; a point is recommended, and importances are known."""
    ended = run(frozen_settings(f"table:{table}", policy, axes={"epochs": "12"}), storage)

    found = studied(storage, "s")

    assert len(found.searched.trials) == len(found.orders) == len(study_orders(storage, "s"))
    assert found.searched.charged() == ended.summary.cost.epochs_charged
    assert found.steps[-1].best == ended.summary.best.value
    assert found.grounds.recommendation.recommended.point.epochs <= 12
    assert set(found.grounds.importances or {}) <= {"epochs", "learning_rate", "batch_size"}


def test_every_order_is_kept_with_what_was_expected_and_what_came(table, storage):
    """Steps without a gap, each trial trained from where it stood; `show --json` says all of it."""
    run(frozen_settings(f"table:{table}", "freeze-thaw"), storage)
    curves, spec = study_curves(storage, "s"), study_summary(storage, "s").spec

    shown = orders_document(
        spec, study_order_outcomes(storage, "s", spec, curves), [one.trial for one in curves]
    )

    assert [order["step"] for order in shown["orders"]] == list(range(len(shown["orders"])))
    assert sum(order["done"] - order["from"] + 1 for order in shown["orders"]) == 90
    assert all(order["expected"]["low"] <= order["expected"]["high"] for order in shown["orders"][6:])
    assert shown["calibration"]["next"]["orders"] > 5
    assert shown["frozen"] == [one.trial.number for one in curves if one.trial.frozen]


def test_a_limit_of_trials_ends_when_no_curve_is_worth_going_on_with(table, storage):
    """No more than so many configurations are begun; then what is promising is trained on, and no more."""
    ended = run(frozen_settings(f"table:{table}", "freeze-thaw", trials=10, epoch_budget=None), storage)
    again = run(frozen_settings(f"table:{table}", "freeze-thaw", trials=10, epoch_budget=None), storage)

    assert isinstance(ended, SearchEnded)
    assert (ended.why, again.why) == ("curves", "curves")
    assert ended.summary.finished == 10
    assert ended.summary.cost.epochs_charged < 10 * 12
    assert again.summary.cost == ended.summary.cost


@every_policy
def test_a_budget_of_charged_time_is_kept_and_survives_kills(policy, table, storage, tmp_path):
    """It ends within the epoch that used it up; where an epoch costs its time, law 4 holds too."""
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    asked = frozen_settings(f"table:{table}", policy, epoch_budget=None, time_budget=2.0)
    ended = run(asked, whole)

    for after in (29, 71, 13):
        cut_off(asked, storage, after)
    run(asked, storage)

    if ended.why == "charged time":
        assert 2.0 <= ended.summary.cost.seconds_charged < 2.0 + 0.12  # seconds of the longest epoch
    else:  # it had trained all that it does
        assert ended.why == "curves"
    assert remembered(storage) == remembered(whole)


def test_a_time_limit_ends_a_search_with_folds_and_further_hyperparameters(storage):
    """In time, with nothing left running; given more time, it goes on from there."""
    more = {"folds": 2, "axes": FURTHER, "epoch_budget": None}
    tasks = "tests/contract/policies_task.py"

    first = run(frozen_settings(tasks, "freeze-thaw", **more, time_limit=1.0), storage)
    before = {item.trial.number: item.reports for item in study_curves(storage, "s")}
    again = run(frozen_settings(tasks, "freeze-thaw", **more, time_limit=2.0), storage)
    after = {item.trial.number: item.reports for item in study_curves(storage, "s")}

    assert (first.why, again.why) == ("time", "time")
    assert first.summary.wall_seconds >= 1.0
    assert again.summary.wall_seconds >= 2.0
    assert all(after[number][: len(reports)] == reports for number, reports in before.items())
    assert sum(map(len, after.values())) > sum(map(len, before.values()))
    assert again.summary.counts[Outcome.COMPLETED] > 2


def test_further_hyperparameters_and_folds(tmp_path, storage):
    """Continuous, integer and categorical ones are searched like the others; folds advance together."""
    asked = frozen_settings("tests/contract/policies_task.py", "freeze-thaw", folds=2, axes=FURTHER)

    ended = run(asked, storage)

    kinds = {item.trial.point.parameters["kind"] for item in study_curves(storage, "s")}
    assert kinds == {"a", "b"}
    assert ended.summary.best is not None
    assert all(len(item.folds) == 2 for item in study_curves(storage, "s"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"schedule": "cosine"}, "depends on the planned number of epochs"),
        ({"pruner": "median"}, "prunes none"),
        ({"sampler": "freeze-thaw(first=0)"}, "first must be at least 1"),
        ({"sampler": "freeze-thwa"}, "freeze-thaw"),
    ],
)
def test_what_cannot_go_together_is_refused_with_the_reason(more, said, storage):
    """Before anything is trained."""
    asked = settings(TRAINED, **({"sampler": "freeze-thaw"} | more))

    with pytest.raises(UsageError) as refused:
        run(asked, storage)

    assert said in refused.value.message
