"""Curves leave the ledger as a table and come back as a task, the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochsearch.core.curve import EpochReport
from epochsearch.core.settings import Settings
from epochsearch.search.running.service import search
from epochsearch.store.archive import study_curves
from epochsearch.store.used_curves import all_curves
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.table import TableTask
from tests.command import document, run
from tests.contract.subjects import HERE

AXES = {"epochs": "5", "batch_size": "8,32", "weight_decay": "0.0:0.1"}


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A ledger with two studies of one task, both with a further hyperparameter."""
    url = f"sqlite:///{tmp_path_factory.mktemp('tables') / 'a.db'}"
    for name, seed in (("s", 0), ("t", 1)):
        settings = Settings(
            task=f"{HERE}:Noisy", trials=5, axes=AXES, workers="0", pruner="none", study=name, seed=seed
        )
        for _ in search(settings, url):
            pass
    return url


@pytest.mark.parametrize("name", ["curves.csv", "curves.csv.xz", "curves.parquet"])
def test_exported_curves_are_read_back_bit_for_bit(name: str, storage: str, tmp_path: Path) -> None:
    """Every loss, metric and time of every curve in the ledger, further hyperparameters included."""
    file = tmp_path / name
    document("export", "--curves", str(file), "--storage", storage)

    task = load_task(f"table:{file}")

    assert isinstance(task, TableTask)
    for curve in all_curves(storage):
        again = task.reports(curve.identity.configuration, 0)
        assert all(a.same_values(b) for a, b in zip(again, curve.reports, strict=True))
        assert [report.seconds for report in again] == [report.seconds for report in curve.reports]


def test_a_study_of_an_exported_table_has_the_losses_of_the_trained_one(storage: str, tmp_path: Path) -> None:
    """The same search, once on training and once on its record, sees the same curves."""
    file = tmp_path / "curves.csv"
    document("export", "s", str(tmp_path / "trials.csv"), "--curves", str(file), "--storage", storage)
    trained = study_curves(storage, "s")
    record = f"sqlite:///{tmp_path / 'b.db'}"

    document("run", f"table:{file}", "--trials", "8", "--study", "r", "--storage", record)

    known = {one.trial.point.configuration: [numbers(report) for report in one.reports] for one in trained}
    for one in study_curves(record, "r"):
        task = load_task(f"table:{file}")
        found = known[task.snap(one.trial.point.configuration)]
        assert found[: len(one.reports)] == [numbers(report) for report in one.reports]


def test_the_command_says_what_it_wrote_and_refuses_what_is_no_table(storage: str, tmp_path: Path) -> None:
    """One line a file; an ending that no table has is told at once."""
    trials, curves = str(tmp_path / "trials.csv"), str(tmp_path / "curves.csv")

    both = run("export", "s", trials, "--curves", curves, "--storage", storage)
    wrong = run("export", "s", "--curves", str(tmp_path / "a.json"), "--storage", storage)

    assert both.stdout == f"{trials}: 5 rows\n{curves}: 25 rows\n"
    assert wrong.returncode == 2
    assert "must end in .csv, .csv.xz, .csv.gz or .parquet" in wrong.stderr


def numbers(report: EpochReport) -> tuple[object, ...]:
    return report.epoch, report.train_loss, report.val_loss, report.metrics, report.seconds
