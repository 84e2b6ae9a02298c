"""A staged search as a user meets it: one command, its stages in every view of the study."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.command import document, run

BUDGETS = "staged(explore=5, carry=3, refine=4, schedules=2)"
STAGES = ["explore"] * 5 + ["carry"] * 3 + ["refine"] * 4 + ["schedules"] * 2
TYPED = ["run", "digits-linear", "--strategy", BUDGETS, "--epochs", "2:6", "--study", "s", "--workers", "0"]


@pytest.mark.slow
def test_every_view_of_a_staged_study_tells_its_stages(tmp_path: Path) -> None:
    """run, show, export, report and Optuna's own tables; the same command goes on where it stopped."""
    first = document(*TYPED, "--trials", "6", cwd=tmp_path)
    ended = run(*TYPED, cwd=tmp_path)
    shown = document("show", "s", cwd=tmp_path)
    text = run("show", "s", cwd=tmp_path).stdout
    run("export", "s", "trials.csv", cwd=tmp_path)
    run("report", "s", "--html", "page.html", cwd=tmp_path)

    rows = list(csv.DictReader((tmp_path / "trials.csv").read_text().splitlines()))
    with closing(sqlite3.connect(tmp_path / "studies" / "epochsearch.db")) as connection:
        found = connection.execute(
            "SELECT value_json FROM trial_user_attributes WHERE key = 'stage' ORDER BY trial_id"
        )
        optunas = [json.loads(row[0]) for row in found]
    assert [one["finished"] for one in first["stages"]] == [5, 1, 0, 0]
    assert "stage 2 of 4, carry: 3 trials on 628 rows, up to 3 epochs" in ended.stderr.splitlines()
    assert "stage 4 of 4, schedules: 2 trials on all rows, up to 6 epochs" in ended.stderr.splitlines()
    assert "all stages are over" in ended.stdout
    assert [one["finished"] for one in shown["stages"]] == [5, 3, 4, 2]
    assert [one["stage"] for one in shown["trials"]] == STAGES
    assert [row["stage"] for row in rows] == STAGES
    assert optunas == STAGES
    assert all(stage in text for stage in ("explore", "carry", "refine", "schedules"))
    assert all(len(line) <= 80 for line in text.partition("The best")[0].splitlines())
    assert "<h2>Stages</h2>" in (tmp_path / "page.html").read_text()
    assert json.dumps(shown["spec"]["sampler"]).startswith('"staged(')
