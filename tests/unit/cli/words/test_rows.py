"""A study becomes rows, and rows become files that read back the same."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyarrow import csv, parquet

from epochsearch.cli.terminal.tables import write_rows
from epochsearch.cli.words.rows import table_rows, trial_rows
from epochsearch.core.choice import Choice
from epochsearch.core.curve import CurveIdentity, EpochReport
from epochsearch.core.errors import UsageError
from epochsearch.core.point import Configuration, Point
from epochsearch.core.recipe import Recipe
from epochsearch.core.trial import Outcome
from epochsearch.store.used_curves import LedgerCurve
from tests.unit.cli.fakes import report, trial


def test_every_row_has_every_column() -> None:
    """A failed trial has no metrics, but the table stays straight."""
    rows = trial_rows("s", [replace(trial(0, None, Outcome.FAILED), metrics=()), trial(1)])

    assert rows[0].keys() == rows[1].keys()
    assert (rows[0]["metric_accuracy"], rows[1]["metric_accuracy"]) == (None, 0.9815)


def test_a_trial_has_the_peak_of_its_memory_where_it_was_measured() -> None:
    """In bytes."""
    rows = trial_rows("s", [trial(0), trial(1)], {1: 3 * 10**8})

    assert [row["memory_bytes"] for row in rows] == [None, 300_000_000]


def test_a_further_hyperparameter_has_its_own_column() -> None:
    """Its name stands after `param_`, so that it can never hide another column."""
    point = Point(5, Configuration(0.1, 32, (("seed", 3),)))

    rows = trial_rows("s", [replace(trial(), point=point)])

    assert (rows[0]["param_seed"], rows[0]["seed"]) == (3, 0)


def test_curves_give_one_row_per_epoch() -> None:
    """In the format of recorded tables: hyperparameters under `param_`, metrics under `val_`."""
    rows = table_rows([curve(report(1), report(2), configuration=Configuration(0.1, 16, (("width", 8),)))])

    assert [row["epoch"] for row in rows] == [1, 2]
    assert list(rows[0]) == [
        "learning_rate", "batch_size", "param_width", "seed", "epoch", "val_loss", "train_loss",
        "val_accuracy", "seconds",
    ]  # fmt: skip


def test_folds_are_averaged_as_far_as_all_go() -> None:
    """A table has one validation part."""
    rows = table_rows(
        [
            curve(report(1, 0.5), report(2, 0.5), fold=0, folds=2),
            curve(report(1, 1.5), fold=1, folds=2),
        ]
    )

    assert [row["val_loss"] for row in rows] == [1.0]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"task": "wine"}, "more than one task (digits and wine)"),
        ({"recipe": Recipe(Choice("sgd"), Choice("constant"))}, "sgd, constant schedule"),
        ({"metrics": ("accuracy", "f1_macro")}, "set of metrics (the task's own and accuracy, f1_macro)"),
        ({"length": 5, "recipe": Recipe(Choice("adam"), Choice("cosine"))}, "cosine schedule"),
    ],
)
def test_curves_of_several_kinds_are_no_table(other: dict[str, Any], words: str) -> None:
    """One table could not say which is which."""
    with pytest.raises(UsageError) as caught:
        table_rows([curve(report(1)), curve(report(1), **other)])

    assert words in caught.value.message


def test_json_reads_back_with_null_for_what_is_not_finite(tmp_path: Path) -> None:
    """A list of objects."""
    rows = table_rows([curve(report(1, math.nan), report(2, 0.5))])

    write_rows(rows, tmp_path / "a.json")

    assert [row["val_loss"] for row in json.loads((tmp_path / "a.json").read_text())] == [None, 0.5]


@pytest.mark.parametrize(("name", "read"), [("a.csv", csv.read_csv), ("a.parquet", parquet.read_table)])
def test_csv_and_parquet_read_back_the_same(name: str, read: object, tmp_path: Path) -> None:
    """Names, numbers and missing values survive."""
    rows = trial_rows("s", [trial(0), trial(1, None, Outcome.PRUNED)])

    write_rows(rows, tmp_path / name)
    table = read(tmp_path / name)  # type: ignore[operator]

    assert table.column_names == list(rows[0])
    assert table["learning_rate"].to_pylist() == [0.0012, 0.0012]
    assert table["value"].to_pylist() == [0.0831, None]


def test_a_hyperparameter_of_mixed_kinds_becomes_text(tmp_path: Path) -> None:
    """A column has one type."""
    write_rows([{"param_width": 3}, {"param_width": "wide"}], tmp_path / "a.parquet")

    assert parquet.read_table(tmp_path / "a.parquet")["param_width"].to_pylist() == ["3", "wide"]


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.parquet"])
def test_a_study_without_trials_is_an_empty_file_of_its_kind(name: str, tmp_path: Path) -> None:
    """There is nothing to say, and it is said without an error."""
    write_rows([], tmp_path / name)

    assert (tmp_path / name).exists()


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    """The new file takes its place only when it is whole."""
    file = tmp_path / "a.json"
    file.write_text("old")

    with pytest.raises(TypeError):
        write_rows([{"a": object()}], file)

    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def curve(*reports: EpochReport, **fields: Any) -> LedgerCurve:
    given = {
        "task": "digits", "fingerprint": "f", "configuration": Configuration(0.1, 16),
        "recipe": Recipe(Choice("adam"), Choice("constant")), "seed": 0, "fold": 0, "folds": 1,
        "device": "cpu", "torch": "2", "threads": 1,
    } | fields  # fmt: skip
    return LedgerCurve(CurveIdentity(**given), reports)
