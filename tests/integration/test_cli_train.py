"""`epochsearch train` and `predict` as a user meets them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from tests.command import document, run

SEARCH = ("run", "digits-linear", "--workers", "0", "--epochs", "2", "--batch-size", "128", "--trials", "2")
WRONG_USAGE = {
    "train": "epochsearch train: STUDY is missing. Type: epochsearch train STUDY",
    "train s --on train": "--on train: must be training+validation or training. Did you mean 'training'?",
    "train s --updates some": "--updates some: must be same or epochs. Did you mean 'same'?",
    "train s --export onxx": "--export onxx: must be torch or onnx. Did you mean 'onnx'?",
    "train s --trial x": "--trial x: must be a whole number, at least 0. Example: --trial 3",
    "train s --keep --updates same": "--keep --updates: a run that is kept is not trained again. "
    "Leave one of them out.",
    "train s --keeep": "epochsearch train --keeep: there is no such option. Did you mean '--keep'?",
    "predict m": "epochsearch predict: FILE is missing. Type: epochsearch predict MODEL FILE",
    "predict m rows.csv --out a.xls": "--out a.xls: "
    "must end in .csv, .csv.gz, .csv.xz, .json or .parquet. Example: --out a.csv",
}
NOT_FOUND = {
    "predict m rows.csv": "MODEL m: there is no such folder. Make one: epochsearch train STUDY",
    "predict . rows.csv": "MODEL .: this folder has no model.json, so it is no model. "
    "Make one: epochsearch train STUDY",
    "train s --storage none.db": "sqlite:///none.db study s: there is no such database file. "
    "Start a study with: epochsearch run",
}


@pytest.mark.parametrize(("typed", "message"), WRONG_USAGE.items(), ids=WRONG_USAGE)
def test_wrong_usage_is_explained_in_one_line(typed: str, message: str, tmp_path: Path) -> None:
    """Where, what was given, the rule, what to do; exit code 2 and nothing on standard output."""
    ended = run(*typed.split(), cwd=tmp_path)

    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", message + "\n")


@pytest.mark.parametrize(("typed", "message"), NOT_FOUND.items(), ids=NOT_FOUND)
def test_what_is_not_there_is_named(typed: str, message: str, tmp_path: Path) -> None:
    """Exit code 3; nothing is made."""
    ended = run(*typed.split(), cwd=tmp_path)

    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "", message + "\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_from_a_search_to_answers_in_three_commands(tmp_path: Path) -> None:
    """Search, train, predict: each in a process of its own; what is printed fits 80 columns."""
    from sklearn.datasets import load_digits

    pixels, _ = load_digits(return_X_y=True)
    np.savetxt(tmp_path / "rows.csv", pixels[:7], delimiter=",")
    document(*SEARCH, "--study", "s", cwd=tmp_path)

    trained = run("train", "s", cwd=tmp_path)
    again = run("train", "s", "--json", cwd=tmp_path)
    printed = run("predict", "models/s", "rows.csv", "--no-header", cwd=tmp_path)
    written = document("predict", "models/s", "rows.csv", "--no-header", "--out", "a.json", cwd=tmp_path)

    assert trained.returncode == 0, trained.stderr
    assert "epochsearch predict models/s FILE" in trained.stdout
    assert max(map(len, trained.stdout.splitlines())) <= 80
    assert "epoch 2 of 2  loss " in trained.stderr
    assert json.loads(again.stdout)["error"]["exit_code"] == again.returncode == 2
    rows = [*csv.DictReader(io.StringIO(printed.stdout))]
    stored = json.loads((tmp_path / "a.json").read_text())
    assert written["rows"] == len(rows) == 7
    assert [{name: str(value) for name, value in row.items()} for row in stored] == rows
    assert {row["class"] for row in rows} <= set("0123456789")
