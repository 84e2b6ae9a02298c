"""The diagnosis of real trainings whose truth is known, and `show --trial` as a user meets it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from epochsearch.analysis.diagnosis_words import verdict_sentence
from epochsearch.analysis.findings import Diagnosis, Verdict
from epochsearch.core.axis import Written
from epochsearch.core.settings import Settings
from epochsearch.core.spec import StudySpec
from epochsearch.search.answers.advice import advice
from epochsearch.search.answers.diagnosing import FOREST, DiagnosedTrial, diagnosed_trial
from epochsearch.search.running.events import SearchEnded
from epochsearch.search.running.service import Stop, search
from tests.command import document, run
from tests.contract.subjects import write_table

TASKS = """
import epochsearch
import numpy as np
from sklearn.datasets import load_digits, make_circles, make_moons
from torch import nn

class Flipped(epochsearch.Task):
    "An over-parameterised model; every fifth label is another than it should be."
    def data(self):
        x, y = load_digits(return_X_y=True)
        rng = np.random.default_rng(0)
        wrong = rng.random(len(y)) < 0.2
        y = np.where(wrong, (y + rng.integers(1, 10, len(y))) % 10, y)
        return x[:900], y[:900]

    def model(self):
        return nn.Sequential(nn.Linear(64, 512), nn.ReLU(), nn.Linear(512, 10))

class Circles(epochsearch.Task):
    "A straight line cannot part them at all."
    def data(self):
        return make_circles(600, noise=0.1, factor=0.5, random_state=0)

    def model(self):
        return nn.Linear(2, 2)

class Moons(Circles):
    "A straight line parts most of them."
    def data(self):
        return make_moons(600, noise=0.1, random_state=0)

class Steady(Circles):
    "Enough for the circles."
    def model(self):
        return nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
"""


@dataclass
class Trained:
    """One point of a task, trained anew in this process, and what its curve says."""

    study: str
    url: str
    spec: StudySpec
    trial: DiagnosedTrial

    @property
    def diagnosis(self) -> Diagnosis:
        assert self.trial.diagnosis is not None
        return self.trial.diagnosis

    @property
    def commands(self) -> list[str]:
        point = self.trial.curve.trial.point
        return [one.command for one in advice(self.study, self.spec, point, self.diagnosis)]


def trained(folder: Path, task: str, epochs: int, rate: float, seed: int = 0) -> Trained:
    (folder / "mine.py").write_text(TASKS)
    axes: dict[str, Written] = {"epochs": epochs, "learning_rate": rate, "batch_size": 32}
    settings = Settings(f"{folder / 'mine.py'}:{task}", axes, sampler="grid", workers="0", seed=seed)
    return searched(settings, f"sqlite:///{folder / 'a.db'}")


def searched(settings: Settings, url: str) -> Trained:
    *_, ended = search(settings, url, Stop())
    assert isinstance(ended, SearchEnded)
    summary, trial = diagnosed_trial(url, ended.summary.study, 0)
    return Trained(summary.study, url, summary.spec, trial)


def followed(found: Trained, command: int) -> Trained:
    """Do what the diagnosis says to do next."""
    words = shlex.split(found.commands[command])
    said = dict(pairwise(words))
    axes: dict[str, Written] = {
        "epochs": said["--epochs"],
        "learning_rate": said["--learning-rate"],
        "batch_size": said["--batch-size"],
    }
    keep = {name: said[f"--{name}"] for name in ("optimiser", "schedule", "sampler")}
    settings = Settings(words[2], axes, workers="0", seed=int(said["--seed"]), **keep)
    return searched(settings, found.url)


def test_an_over_parameterised_model_on_flipped_labels_is_over_fitted(tmp_path: Path) -> None:
    """It learns the wrong labels by heart; what it is told to do next stops it at its best epoch."""
    found = trained(tmp_path, "Flipped", 40, 0.001)

    measured = found.diagnosis.measures
    assert found.diagnosis.verdict is Verdict.OVER_FITTED
    assert measured is not None
    assert measured.rising_epochs >= 10
    stopped = followed(found, 0).trial.curve
    assert stopped.trial.point.epochs == measured.best_epoch
    assert stopped.trial.cost.epochs_trained == 0  # it is the beginning of the same curve
    assert stopped.trial.value == measured.best_loss


def test_a_learning_rate_a_hundred_times_too_low_is_not_converged(tmp_path: Path) -> None:
    """It is told to go faster; twice the epochs, the second advice, bring at least what was said."""
    found = trained(tmp_path, "Steady", 30, 1e-4)

    measured = found.diagnosis.measures
    assert (found.diagnosis.verdict, found.diagnosis.converged) == (Verdict.NOT_YET_DECIDED, False)
    assert "not converged at epoch 30" in verdict_sentence(found.diagnosis)
    assert "--learning-rate 0.0001:0.01 " in found.commands[0]
    assert measured is not None
    longer = followed(found, 1).trial.curve
    assert (longer.trial.cost.epochs_trained, len(longer.reports)) == (30, 60)
    assert longer.reports[29].val_loss - longer.reports[59].val_loss >= measured.more.low


@pytest.mark.parametrize("task", ["Circles", "Moons"])
def test_a_linear_model_on_a_task_that_is_not_is_under_fitted(task: str, tmp_path: Path) -> None:
    """Whether it does no better than guessing, or stays above what a forest makes of the same rows."""
    found = trained(tmp_path, task, 60, 0.03)

    reference = found.diagnosis.reference
    assert found.diagnosis.verdict is Verdict.UNDER_FITTED
    assert reference.source == FOREST
    assert reference.reachable is not None
    assert found.diagnosis.measures is not None
    assert reference.reachable < found.diagnosis.measures.train_end


def test_a_model_that_can_is_well_fitted_and_other_seeds_are_found(tmp_path: Path) -> None:
    """The noise is that between seeds as soon as the ledger has another."""
    alone = trained(tmp_path, "Steady", 40, 0.01)
    followed(alone, 0)

    _, again = diagnosed_trial(alone.url, alone.study, 0)

    assert again.diagnosis is not None
    assert alone.diagnosis.verdict is again.diagnosis.verdict is Verdict.WELL_FITTED
    assert alone.diagnosis.measures is not None
    assert again.diagnosis.measures is not None
    assert alone.diagnosis.measures.noise.between == "epochs"
    assert (again.diagnosis.measures.noise.between, again.diagnosis.measures.noise.seeds) == ("seeds", 2)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study on recorded curves."""
    folder = tmp_path_factory.mktemp("table")
    write_table(folder / "a.csv", epochs=12)
    document("run", "table:a.csv", "--trials", "8", "--study", "s", "--storage", "a.db", cwd=folder)
    return folder


def test_every_epoch_is_shown_within_eighty_columns(table: Path) -> None:
    """A row for each, with the chart above; commands alone may be longer, so that they can be pasted."""
    shown = document("show", "s", "--storage", "a.db", cwd=table)["trials"][0]
    ended = run("show", "s", "--trial", "0", "--price", "2.1/h", "--storage", "a.db", cwd=table)

    lines = ended.stdout.splitlines()
    assert ended.returncode == 0, ended.stderr
    assert [line.split()[0] for line in lines[-shown["epochs_done"] :]] == [
        str(epoch) for epoch in range(1, shown["epochs_done"] + 1)
    ]
    assert [line for line in lines if len(line) > 80 and "epochsearch " not in line] == []
    assert {line.split()[0] for line in lines if line[:1].strip()} >= {"Study", "Trial", "Best", "Diagnosis"}


def test_the_document_has_every_epoch_and_the_returns(table: Path) -> None:
    """What `show` says of the trial is in it as it is."""
    whole = document("show", "s", "--storage", "a.db", cwd=table)
    found = document("show", "s", "--trial", "0", "--gain", "2%", "--storage", "a.db", cwd=table)

    assert found["trial"] == whole["trials"][0]
    assert [epoch["val_loss"] for epoch in found["epochs"]] == whole["trials"][0]["val_loss"]
    assert found["returns"]["least_gain"] == 0.02
    assert found["returns"]["per_epoch"][0] is None
    assert whole["returns"]["last_share"] == 0.1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["s", "--trial", "8"], 3, "study s has no such trial. Its trials are 0 to 7."),
        (["s", "--trial", "x"], 2, "--trial x: must be a whole number, at least 0. Example: --trial 3"),
        (["s", "--price", "2.1/h"], 2, "goes with one trial. Add: --trial 0 --price 2.1/h"),
        (["s", "--trial", "0", "--price", "2/day"], 2, "Example: --price 2.1/h"),
        (["s", "--trial", "0", "--gain", "2"], 2, "Example: --gain 0.5%"),
        (["t", "--trial", "0"], 3, "Known: s."),
    ],
)
def test_what_is_wrong_is_told_in_four_parts(arguments: list[str], code: int, said: str, table: Path) -> None:
    """The exit code and the rule, on standard error."""
    ended = run("show", *arguments, "--storage", "a.db", cwd=table)

    assert ended.returncode == code
    assert said in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
