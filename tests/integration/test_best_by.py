"""`show --by`: the best for each value of an axis or several, of a real study."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochsearch.core.settings import Settings
from epochsearch.search.running.service import search
from tests.command import document, run
from tests.contract.subjects import HERE

AXES = {"epochs": "4", "learning_rate": "1e-3,1e-1", "batch_size": "8,16"}


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose `a.db` has the study `s`: a grid of four cells on three folds."""
    folder = tmp_path_factory.mktemp("by")
    settings = Settings(
        task=f"{HERE}:Noisy", sampler="grid", axes=AXES, workers="0", pruner="none", folds=3, study="s"
    )
    for _ in search(settings, f"sqlite:///{folder / 'a.db'}"):
        pass
    return folder


def test_a_row_says_what_the_trial_of_it_says(searched: Path) -> None:
    """Value, training loss and last loss are those of `show`, the best value is the best of the study."""
    place = ("--storage", str(searched / "a.db"))
    found, shown = document("show", "s", "--by", "batch-size", *place), document("show", "s", *place)

    assert [one["of"] for one in found["values"]] == [{"batch_size": 8}, {"batch_size": 16}]
    for one in found["values"]:
        trial = shown["trials"][one["trial"]]
        assert one["value"] == pytest.approx(trial["val_loss"][one["epochs"] - 1])
        assert one["train_loss"] == trial["train_loss"][one["epochs"] - 1]
        assert one["last"] == pytest.approx(trial["val_loss"][-1])
        assert one["configurations"] == 2


def test_the_tables_fit_a_terminal(searched: Path) -> None:
    """Each doubling of the epochs has a row in both tables."""
    ended = run("show", "s", "--by", "epochs,batch-size", "--storage", str(searched / "a.db"))

    lines = ended.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if line[:1].isdigit()] == ["1", "1", "2", "2", "4", "4"] * 2
    assert ended.stdout.count("the best") == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--by", "batch"), "--by batch: s has no such axis. Did you mean 'batch_size'?"),
        (("--by", "epochs", "--trial", "0"), "--by epochs: is of the whole study, not of one trial."),
    ],
)
def test_a_wrong_axis_is_refused(searched: Path, typed: tuple[str, ...], said: str) -> None:
    """Usage: exit code 2, and the nearest right name."""
    ended = run("show", "s", *typed, "--storage", str(searched / "a.db"))

    assert ended.returncode == 2
    assert said in ended.stderr
