"""A metric as the objective: searched, stored, checked, audited and shown as users know it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from epochsearch.core.settings import Settings
from epochsearch.core.trial import Outcome
from epochsearch.search.checks.verification import Verification, verify
from epochsearch.search.comparing.audit import CurvesAudit, audit_pruners
from epochsearch.search.final.chosen import studies_test_losses
from epochsearch.search.running.service import search
from epochsearch.store.archive import study_curves, study_summary
from epochsearch.store.used_curves import all_curves
from tests.command import run
from tests.contract.subjects import HERE, Own, Plain, write_table

AXES = {"epochs": "2:5", "learning_rate": "1e-4:1e-1", "batch_size": "8,32"}


class Undefined(Plain):
    """Its metric has no value after the second epoch."""

    calls = 0

    def data(self):
        Undefined.calls = 0
        return super().data()


def often_undefined(outputs, targets):
    Undefined.calls += 1
    return float("nan") if Undefined.calls % 2 == 0 else 0.5


often_undefined.higher_is_better = True
Undefined.metrics = (often_undefined,)


def searched(file: Path, study: str, **settings: object) -> str:
    """Search in this process and return the storage."""
    storage = f"sqlite:///{file}"
    asked = {"task": f"{HERE}:Plain", "trials": 6, "axes": AXES, "workers": "0", "pruner": "none"}
    for _ in search(Settings(**{**asked, **settings}, study=study), storage):  # type: ignore[arg-type]
        pass
    return storage


@pytest.mark.parametrize("objective", ["final", "best"])
def test_the_objective_is_what_the_metric_lacks_to_one(tmp_path: Path, objective: str) -> None:
    """At the last epoch, or the best one; the trial remembers the metric and the loss beside it."""
    storage = searched(tmp_path / "a.db", "s", optimise="f1_macro", objective=objective, folds=2)

    for one in study_curves(storage, "s"):
        trial, scores = one.trial, [dict(report.metrics)["f1_macro"] for report in one.reports]
        expected = scores[-1] if objective == "final" else max(scores)
        assert trial.value == 1.0 - expected
        assert dict(trial.metrics)["f1_macro"] == expected
        assert dict(trial.metrics)["loss"] == one.reports[trial.value_epoch - 1].val_loss
        assert trial.value_epoch == scores.index(expected) + 1 or objective == "final"


def test_a_search_on_a_metric_passes_verify_and_can_be_audited(tmp_path: Path) -> None:
    """What is stored is what training gives, metrics and all; pruners are judged on the metric."""
    storage = searched(tmp_path / "a.db", "s", optimise="roc_auc", folds=2)

    *_, last = verify(storage, "s", 2, workers=1)
    *_, audited = audit_pruners("s", storage, "median,asha", shuffles=2)
    tests = studies_test_losses(storage, ["s"], workers=1)

    assert isinstance(last, Verification)
    assert last.passed
    assert isinstance(audited, CurvesAudit)
    assert audited.curves == 6
    assert 0.0 <= tests["s"] < 0.5


def test_a_curve_lacks_no_metric_that_is_asked_for(tmp_path: Path) -> None:
    """Metrics are part of what a curve is: asked for others, it is trained anew, to the same losses.

    Optimising the metric that is there by default shares the curves of the validation loss.
    """
    file = tmp_path / "a.db"
    searched(file, "loss", sampler="random")
    searched(file, "accuracy", sampler="random", optimise="accuracy")
    searched(file, "f1", sampler="random", optimise="f1_macro")
    storage = f"sqlite:///{file}"

    plain, shared, again = (study_summary(storage, name).cost for name in ("loss", "accuracy", "f1"))
    assert shared.epochs_trained == 0
    assert again.epochs_trained == plain.epochs_trained
    of_loss, of_f1 = (study_curves(storage, name) for name in ("loss", "f1"))
    for a, b in zip(of_loss, of_f1, strict=True):
        assert [report.val_loss for report in a.reports] == [report.val_loss for report in b.reports]
        assert all({"accuracy", "f1_macro"} == dict(report.metrics).keys() for report in b.reports)
    assert {curve.identity.metrics for curve in all_curves(storage)} == {(), ("accuracy", "f1_macro")}


def test_a_metric_without_a_value_ends_the_trial_in_words(tmp_path: Path) -> None:
    """As a loss that is no number does: nothing is ranked by it."""
    task = f"{Path(__file__)}:Undefined"
    storage = searched(tmp_path / "a.db", "s", task=task, optimise="often_undefined", trials=1)

    (one,) = study_curves(storage, "s")

    assert one.trial.outcome is Outcome.DIVERGED
    assert one.trial.reason == "the often undefined was not finite after epoch 2"
    assert math.isnan(dict(one.reports[-1].metrics)["often_undefined"])


def test_a_table_is_searched_for_its_best_metric(tmp_path: Path) -> None:
    """Recorded accuracies are read; nothing is trained."""
    table = write_table(tmp_path / "curves.csv")
    storage = searched(tmp_path / "a.db", "s", task=f"table:{table}", axes={}, optimise="accuracy")

    for one in study_curves(storage, "s"):
        if one.trial.value is not None:
            assert one.trial.value == 1.0 - dict(one.reports[-1].metrics)["accuracy"]


def test_a_person_sees_the_metric_and_programs_find_it_by_name(tmp_path: Path) -> None:
    """At the end of run, in show and in studies; --json says which metric the objective is of."""
    storage = ["--storage", str(tmp_path / "a.db")]
    options = ["--trials", "2", "--epochs", "2", "--workers", "0", "--folds", "2", "--study", "s"]

    ended = run("run", "digits-linear", *options, "--optimise", "accuracy", *storage)
    shown, listed = run("show", "s", *storage), run("studies", *storage)
    document = json.loads(run("show", "s", "--json", *storage).stdout)
    studies = json.loads(run("studies", "--json", *storage).stdout)

    best = document["best"]
    accuracy = best["metrics"]["accuracy"]
    assert ended.returncode == 0
    assert f"accuracy {accuracy:.4f}" in ended.stderr
    for text in (ended.stdout, shown.stdout):
        assert f"{accuracy:.4f} validation accuracy (trial {best['trial']})" in text
        assert "over 2 folds, standard error" in text
    assert "final validation accuracy" in shown.stdout
    assert f"{accuracy:.4f} accuracy" in listed.stdout
    assert document["metric"] == studies[0]["metric"] == "accuracy"
    assert best["value"] == 1.0 - accuracy
    assert studies[0]["best_metric"] == pytest.approx(accuracy)
    folds = document["trials"][best["trial"]]["folds"]
    assert len(folds) == 2
    assert sum(fold["val_metrics"]["accuracy"][-1] for fold in folds) / 2 == pytest.approx(accuracy)


def test_going_on_for_another_metric_is_refused(tmp_path: Path) -> None:
    """A study has one objective; the message says both."""
    storage = ["--storage", str(tmp_path / "a.db")]
    options = ["--trials", "1", "--epochs", "1", "--workers", "0", "--study", "s"]
    run("run", "digits-linear", *options, *storage)

    again = run("run", "digits-linear", *options, "--optimise", "accuracy", *storage)

    assert again.returncode == 4
    assert "optimise is loss, now accuracy" in again.stderr


def test_a_study_file_says_what_is_optimised(tmp_path: Path) -> None:
    """As keys beside the objective; a name that does not exist is told with the nearest one."""
    file = tmp_path / "a.toml"
    file.write_text('task = "digits-linear"\noptimise = "f1_macro"\nmetrics = ["accuracy", "roc-auc"]\n')
    storage = ["--storage", str(tmp_path / "a.db"), "--json"]
    options = ["--trials", "1", "--workers", "0", "--study", "s"]

    done = json.loads(run("run", str(file), *options, "--epochs", "1", *storage).stdout)
    file.write_text('metrics = "acuracy"\n')
    wrong = run("run", str(file), *options, *storage)

    assert done["spec"]["metrics"] == "accuracy,f1_macro,roc_auc"
    assert set(done["best"]["metrics"]) == {"accuracy", "f1_macro", "roc_auc", "loss"}
    assert wrong.returncode == 2
    assert f"{file} metrics acuracy: there is no such metric. Did you mean 'accuracy'?" in wrong.stderr


def test_a_comparison_is_told_in_the_metric(tmp_path: Path) -> None:
    """Table, chart, verdict and page show accuracies; the numbers of --json stay objectives."""
    table = f"table:{write_table(tmp_path / 'curves.csv')}"
    options = ["--samplers", "random,tpe", "--seeds", "3", "--epoch-budget", "60", "--optimise", "accuracy"]
    storage = ["--storage", str(tmp_path / "a.db"), "--html", str(tmp_path / "page.html")]

    text = run("compare", table, *options, "--target", "0.7", *storage)
    document = json.loads(run("compare", table, *options, *storage, "--json").stdout)

    page = (tmp_path / "page.html").read_text()
    medians = [1.0 - sorted(entry["final"])[1] for entry in document["entries"]]
    assert text.returncode == 0
    assert document["metric"] == "accuracy"
    assert "final validation accuracy at 60 epochs" in text.stdout
    assert "best accuracy so far" in text.stdout
    assert all(f"{median:.4f}" in text.stdout for median in medians)
    assert "best 0." in text.stderr
    assert "Final last-epoch validation accuracy" in page
    assert "validation loss" not in page[: page.index("<script")]


class Reticent(Own):
    """Its learner trains itself, and gives no metric."""

    def model(self, train, validation, learning_rate):
        learner = super().model(train, validation, learning_rate)
        with_metrics = learner.run_epoch
        learner.run_epoch = lambda: with_metrics()[:2]
        return learner


def test_a_learner_that_does_not_give_the_metric_fails_by_its_name(tmp_path: Path) -> None:
    """It has not diverged: the reason says what is missing, also when it is read off the ledger."""
    task = f"{Path(__file__).resolve()}:Reticent"

    storage = searched(tmp_path / "a.db", "s", task=task, optimise="accuracy", trials=2)

    for one in study_curves(storage, "s"):
        assert one.trial.outcome is Outcome.FAILED
        assert one.trial.epochs_done == 1
        assert one.trial.reason == "the training gave no accuracy to optimise; the metrics it gave: none"
