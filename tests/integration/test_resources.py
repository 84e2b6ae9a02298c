"""What training took is stored with every trial, and shown wherever trials are."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.command import document, run

SEARCH = ["run", "digits-linear", "--workers", "1", "--epochs", "2:4", "--trials", "2", "--study", "s"]


def test_memory_and_time_are_stored_with_every_trial(tmp_path: Path) -> None:
    """In `show`, its document, the rows of trials and those of curves."""
    document(*SEARCH, cwd=tmp_path)

    shown = document("show", "s", cwd=tmp_path)["trials"]
    text = run("show", "s", cwd=tmp_path).stdout
    run("export", "s", "trials.csv", "--curves", "curves.csv", cwd=tmp_path)
    trials, curves = rows(tmp_path / "trials.csv"), rows(tmp_path / "curves.csv")

    for one in shown:
        assert len(one["epoch_seconds"]) == one["epochs_done"]
        assert sum(one["epoch_seconds"]) == one["seconds_charged"]
        assert 50e6 < one["memory_bytes"] < 4e9
    assert [int(row["memory_bytes"]) for row in trials] == [one["memory_bytes"] for one in shown]
    peak = max(one["memory_bytes"] for one in shown)
    assert max(int(row["memory_bytes"]) for row in curves) == peak
    assert f"Memory     {peak / 1e6:.0f} MB at most in a worker" in text


def rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text().splitlines()))
