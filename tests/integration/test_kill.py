"""Laws 4 and 6 as a user meets them: `kill -9`, the same command again, and nothing is different."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.command import document, start

KILLS = 20
POINT = ("epochs", "learning_rate", "batch_size")
COMPARED = ("number", "outcome", *POINT, "value", "seed", "epochs_charged", "train_loss", "val_loss")


@pytest.mark.slow
def test_a_search_killed_twenty_times_ends_with_the_records_of_one_that_was_not(
    tmp_path: Path,
) -> None:
    """Twenty times SIGKILL, during start-up and search in turn, and each time the same command goes on."""
    search = ["run", "digits", "--sampler", "tpe", "--pruner", "median", "--trials", "40"]
    search += ["--seed", "0", "--workers", "1", "--study", "s"]
    began = time.monotonic()
    training = document(*search, *storage(tmp_path / "whole.db"))["seconds"]["trained"]
    start_up = time.monotonic() - began - training
    moments = random.Random(20)

    for i in range(KILLS):
        driver = start(*search, *storage(tmp_path / "killed.db"))
        early = moments.uniform(0, start_up)
        kill_after(driver, early if i % 2 else start_up + moments.uniform(0, training / 6))
    document(*search, *storage(tmp_path / "killed.db"))

    assert records(tmp_path / "killed.db") == records(tmp_path / "whole.db")


@pytest.mark.slow
def test_a_search_that_freezes_and_thaws_killed_in_the_middle_gives_the_same_orders(tmp_path: Path) -> None:
    """Three times SIGKILL, in and between stretches: the same curves, as far, and the same forecasts."""
    search = ["run", "digits", "--sampler", "freeze-thaw", "--epochs", "50", "--epoch-budget", "150"]
    search += ["--seed", "0", "--workers", "1", "--study", "s"]
    began = time.monotonic()
    training = document(*search, *storage(tmp_path / "whole.db"))["seconds"]["wall"]
    start_up = time.monotonic() - began - training
    moments = random.Random(6)

    for _ in range(3):
        driver = start(*search, *storage(tmp_path / "killed.db"))
        kill_after(driver, start_up + moments.uniform(0, training / 2))
    document(*search, *storage(tmp_path / "killed.db"))

    assert records(tmp_path / "killed.db") == records(tmp_path / "whole.db")
    assert orders(tmp_path / "killed.db") == orders(tmp_path / "whole.db")


@pytest.mark.slow
def test_a_killed_worker_costs_no_trial_and_changes_no_curve(tmp_path: Path) -> None:
    """Two workers die in mid-search; others take over, and every record is as with one worker unharmed."""
    search = ["run", "digits", "--sampler", "random", "--pruner", "none", "--epochs", "20:30"]
    search += ["--batch-size", "32,64", "--trials", "10", "--seed", "0", "--study", "s"]
    document(*search, "--workers", "1", *storage(tmp_path / "whole.db"))

    driver = start(*search, "--workers", "2", *storage(tmp_path / "killed.db"))
    try:
        for _ in range(2):
            victim = a_busy_worker(driver)
            victim.kill()
            while is_at_work(victim):
                time.sleep(0.01)
        driver.wait(120)
    finally:
        driver.kill()

    assert driver.returncode == 0
    assert records(tmp_path / "killed.db") == records(tmp_path / "whole.db")


def storage(path: Path) -> list[str]:
    return ["--storage", f"sqlite:///{path}"]


def records(database: Path) -> list[dict[str, Any]]:
    shown = document("show", "s", *storage(database))
    return [{key: trial[key] for key in COMPARED} for trial in shown["trials"]]


def orders(database: Path) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = document("show", "s", *storage(database))["orders"]
    return shown


def kill_after(driver: subprocess.Popen[bytes], seconds: float) -> None:
    """Kill the driver, and see to it that its workers end by themselves soon after."""
    try:
        driver.wait(seconds)
        return  # ended before its moment came: there was little left to do
    except subprocess.TimeoutExpired:
        workers = psutil.Process(driver.pid).children(recursive=True)
        driver.kill()
        driver.wait()
    deadline = time.monotonic() + 20
    while any(is_at_work(worker) for worker in workers):
        assert time.monotonic() < deadline, f"left behind by a killed driver: {workers}"
        time.sleep(0.05)


def is_at_work(process: psutil.Process) -> bool:
    """Return whether the process runs; one that ended and that nobody has asked about does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def a_busy_worker(driver: subprocess.Popen[bytes], patience: float = 60) -> psutil.Process:
    """Return a worker (a child of the driver's forkserver) that has trained for at least half a second."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        for worker in workers_of(driver):
            if is_at_work(worker) and sum(worker.cpu_times()[:2]) > 0.5:
                return worker
        time.sleep(0.05)
    raise AssertionError("no worker was at work")


def workers_of(driver: subprocess.Popen[bytes]) -> Sequence[psutil.Process]:
    try:
        return [worker for server in psutil.Process(driver.pid).children() for worker in server.children()]
    except psutil.NoSuchProcess:
        return []
