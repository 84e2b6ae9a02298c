"""`epochsearch profile` and `run --dry-run`: what is predicted is what happens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import document, run

HUNGRY = """
import numpy as np
from torch import nn
import epochsearch

class Hungry(epochsearch.Task):
    batch_size = "64,512"

    def data(self):
        return np.random.default_rng(0).random((1500, 64)).astype("float32"), np.arange(1500) % 3

    def model(self):
        return nn.Sequential(nn.Linear(64, 8192), nn.ReLU(), nn.Linear(8192, 3))
"""
WRONG_USAGE = {
    "profile digits --batch-size 8": "epochsearch profile --batch-size: there is no such option. "
    "Did you mean '--batch-sizes'?",
    "profile digits --batch-sizes 4,x": "--batch-sizes 4,x: 'x' is not a whole number. "
    "Example: --batch-sizes 5:50 or 16,32,64",
    "profile digits --memory lots": "--memory lots: must be a size as 500MB or 2GB. Example: --memory 2GB",
    "profile digits --accumulate 1": "--accumulate 1: must be a whole number, at least 2. "
    "Example: --accumulate 4",
    "run digits --dry-runs": "epochsearch run --dry-runs: there is no such option. "
    "Did you mean '--dry-run'?",
}  # fmt: skip


@pytest.fixture(scope="module")
def hungry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a task whose batches take much memory."""
    folder = tmp_path_factory.mktemp("hungry")
    (folder / "mine.py").write_text(HUNGRY)
    return folder


@pytest.fixture(scope="module")
def profiled(hungry: Path) -> dict[str, Any]:
    """The profile of that task."""
    found: dict[str, Any] = document("profile", "mine.py", cwd=hungry)
    return found


@pytest.mark.slow
def test_a_profile_tells_time_memory_and_the_largest_batch_that_fits(
    hungry: Path, profiled: dict[str, Any]
) -> None:
    """A batch of 512 takes 8,192 numbers a row several times over; in 4 parts less. Nothing is stored."""
    small, large, parts = profiled["batches"]
    assert taken(profiled) == [(64, 1), (512, 1), (512, 4)]
    assert (small["steps"], large["steps"], parts["steps"]) == (17, 3, 3)
    assert large["memory_bytes"] - small["memory_bytes"] > 448 * 8192 * 4
    assert parts["memory_bytes"] < large["memory_bytes"] - 200 * 8192 * 4
    for one in profiled["batches"]:
        assert one["samples_per_second"] == pytest.approx(profiled["train_rows"] / one["epoch_seconds"])
    assert (profiled["largest"]["batch_size"], profiled["largest"]["bounded_by"]) == (1050, "rows")
    assert sorted(path.name for path in hungry.iterdir() if path.name != "__pycache__") == ["mine.py"]


@pytest.mark.slow
def test_a_limit_on_memory_bounds_the_largest_batch(hungry: Path, profiled: dict[str, Any]) -> None:
    """Between what the two sizes take: the larger one does not fit, and a smaller one is found and tried."""
    limit = (profiled["batches"][0]["memory_bytes"] + profiled["batches"][1]["memory_bytes"]) // 2

    found = document("profile", "mine.py", "--memory", str(limit), cwd=hungry)

    assert found["limit_bytes"] == limit
    assert found["largest"]["bounded_by"] == "memory"
    assert found["largest"]["batch_size"] < 512
    assert found["largest"]["memory_bytes"] <= limit


def test_a_profile_fits_80_columns(hungry: Path) -> None:
    """The table, the largest size, and what to type next."""
    ended = run("profile", "digits-linear", "--batch-sizes", "1000", cwd=hungry)

    assert ended.returncode == 0, ended.stderr
    assert "1,000 in 4 parts" in ended.stdout
    assert "Next     epochsearch run digits-linear --dry-run\n" in ended.stdout
    assert max(map(len, ended.stdout.splitlines())) <= 80


def test_a_scikit_learn_task_is_profiled_without_parts(tmp_path: Path) -> None:
    """Its estimators know no accumulation."""
    found = document("profile", "digits-sgd", "--batch-sizes", "128", cwd=tmp_path)

    assert taken(found) == [(128, 1)]


@pytest.mark.slow
def test_a_dry_run_predicts_the_search_that_follows(tmp_path: Path) -> None:
    """Trials and epochs exactly; training time within a factor of 3, disk of 2: machines are never idle."""
    command = ["run", "digits-linear", "--sampler", "random", "--pruner", "none", "--epochs", "20:40"]
    command += ["--batch-size", "16,64", "--trials", "20", "--workers", "1", "--study", "s"]
    command += ["--storage", "a.db"]

    said = document(*command, "--dry-run", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []
    done = document(*command, cwd=tmp_path)

    assert said["exact"]
    assert said["trials"] == done["counts"]["completed"]
    assert said["epochs"] == {name: done["epochs"][name] for name in ("charged", "trained")}
    assert said["seconds"]["trained"] / 3 < done["seconds"]["trained"] < 3 * said["seconds"]["trained"]
    folder = tmp_path / "a.db.checkpoints"
    kept, size = sum(file.stat().st_size for file in folder.iterdir()), (tmp_path / "a.db").stat().st_size
    assert said["bytes"]["checkpoints"] / 2 < kept < 2 * said["bytes"]["checkpoints"]
    assert said["bytes"]["database"] / 2 < size < 2 * said["bytes"]["database"]


@pytest.mark.slow
def test_a_dry_run_reads_the_ledger_where_it_knows(tmp_path: Path) -> None:
    """No epoch is trained to find the price, and what is there is not counted as to be trained."""
    command = ["run", "digits-linear", "--sampler", "random", "--epochs", "4:8", "--batch-size", "64,128"]
    command += ["--workers", "0", "--study", "s", "--trials"]
    document(*command, "8", cwd=tmp_path)

    same, more = (document(*command, trials, "--dry-run", cwd=tmp_path) for trials in ("8", "10"))
    other = document(*command, "8", "--study", "other", "--dry-run", cwd=tmp_path)

    assert (same["trials"], same["finished"], same["epochs"]["charged"]) == (0, 8, 0)
    assert (more["trials"], more["epoch_seconds"]["from"]) == (2, "ledger")
    assert more["epochs"]["charged"] == more["epochs"]["trained"] > 0
    assert other["epochs"]["trained"] < other["epochs"]["charged"]
    assert 0 < more["pruned_share"]["share"] <= 1


def test_a_dry_run_fits_80_columns_and_says_how_it_knows(tmp_path: Path) -> None:
    """What ends the search, the price of an epoch, and the command that starts it, which may be longer."""
    command = ["run", "digits-linear", "--epochs", "10", "--batch-size", "64", "--time-limit", "2s"]

    ended = run(*command, "--dry-run", cwd=tmp_path)

    *lines, last = ended.stdout.splitlines()
    assert "then the time is up" in ended.stdout
    assert "1 batch size measured just now" in ended.stdout
    assert last.endswith(" ".join(command))
    assert max(map(len, lines)) <= 80


def test_a_recorded_table_has_a_plan_and_no_profile(tmp_path: Path) -> None:
    """Nothing is trained there."""
    rows = [
        f"{rate},{size},0,{epoch},{1 / epoch}" for rate in (0.1, 0.01) for size in (8, 16) for epoch in (1, 2)
    ]
    (tmp_path / "t.csv").write_text("\n".join(["learning_rate,batch_size,seed,epoch,val_loss", *rows]) + "\n")

    said = document("run", "table:t.csv", "--sampler", "grid", "--dry-run", cwd=tmp_path)
    refused = run("profile", "table:t.csv", "--json", cwd=tmp_path)

    assert (said["ended_by"], said["epoch_seconds"]["from"], said["seconds"]["wall"]) == (
        "grid",
        "recorded",
        0,
    )
    assert refused.returncode == 2
    assert "recorded curves are not trained" in json.loads(refused.stdout)["error"]["message"]


@pytest.mark.parametrize(("typed", "message"), WRONG_USAGE.items(), ids=WRONG_USAGE)
def test_wrong_usage_is_explained_in_one_line(typed: str, message: str, tmp_path: Path) -> None:
    """Where, what was given, the rule, what to do."""
    ended = run(*typed.split(), cwd=tmp_path)

    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", message + "\n")


def taken(profile: dict[str, Any]) -> list[tuple[int, int]]:
    """Return how the batches of each row were taken: their size, and in how many parts."""
    return [(one["batch_size"], one["accumulate"]) for one in profile["batches"]]
