"""A study becomes rows, and rows become files that read back the same."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from pyarrow import csv, parquet

from epochsearch.cli.rows import curve_rows, trial_rows
from epochsearch.cli.tables import write_rows
from epochsearch.core.point import Configuration, Point
from epochsearch.core.trial import Outcome, TrialCurve
from tests.unit.cli.fakes import report, trial


def test_every_row_has_every_column() -> None:
    """A failed trial has no metrics, but the table stays straight."""
    rows = trial_rows("s", [replace(trial(0, None, Outcome.FAILED), metrics=()), trial(1)])

    assert rows[0].keys() == rows[1].keys()
    assert (rows[0]["metric_accuracy"], rows[1]["metric_accuracy"]) == (None, 0.9815)


def test_a_further_hyperparameter_has_its_own_column() -> None:
    """Its name stands after `param_`, so that it can never hide another column."""
    point = Point(5, Configuration(0.1, 32, (("seed", 3),)))

    rows = trial_rows("s", [replace(trial(), point=point)])

    assert (rows[0]["param_seed"], rows[0]["seed"]) == (3, 0)


def test_curves_give_one_row_per_trial_and_epoch() -> None:
    """`epochs` is what was asked for, `epoch` where the row is."""
    rows = curve_rows("s", [TrialCurve(trial(4), (report(1), report(2)))])

    assert [(row["number"], row["epochs"], row["epoch"]) for row in rows] == [(4, 34, 1), (4, 34, 2)]


def test_json_reads_back_with_null_for_what_is_not_finite(tmp_path: Path) -> None:
    """A list of objects."""
    rows = curve_rows("s", [TrialCurve(trial(), (report(1, math.nan), report(2, 0.5)))])

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
