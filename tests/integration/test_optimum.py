"""On a lattice that has been trained whole the optimum is known, and regret is told as on a table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import document

SPACE = ["--epochs", "4", "--learning-rate", "1e-3:1e-1", "--batch-size", "128,256", "--workers", "0"]
COMPARE = ["compare", "digits-linear", "--samplers", "random+none", "--seeds", "3", "--trials", "4",
           "--no-html", "--no-test", *SPACE]  # fmt: skip


@pytest.mark.slow
def test_a_lattice_trained_whole_gives_regret_and_the_cost_of_its_best_shares(tmp_path: Path) -> None:
    """Before the grid has trained all 42 configurations nothing is said of the optimum; afterwards it is."""
    before = document(*COMPARE, cwd=tmp_path)
    grid = document(
        "run", "digits-linear", "--sampler", "grid(learning_rate=21)", "--pruner", "none",
        "--resolution", "10", *SPACE, cwd=tmp_path,
    )  # fmt: skip
    after = document(*COMPARE, cwd=tmp_path)

    assert "best 5 %" not in json.dumps(before)
    assert grid["counts"]["completed"] == 42
    assert "best 5 %" in json.dumps(after)
    assert after["entries"][0]["final"] == before["entries"][0]["final"]
    assert min(after["entries"][0]["final"]) >= grid["best"]["value"]
