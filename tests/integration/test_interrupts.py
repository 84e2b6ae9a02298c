"""Ctrl-C as a terminal sends it, to the whole process group, when a search is busy elsewhere."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.command import COMMAND, document, environment

TASK = """
import time
from pathlib import Path

import epochsearch
import numpy as np

def busy(where):
    if Path(where).exists():
        Path("reached").touch()
        time.sleep(30)

class Slow(epochsearch.Task):
    def data(self):
        busy("slow-data")
        return np.random.default_rng(0).random((200, 4), dtype=np.float32), np.arange(200) % 3

    def model(self):
        from torch import nn

        class Slow(nn.Linear):
            def forward(self, x):
                busy("slow-epochs")
                return super().forward(x)

        return Slow(4, 3)
"""
SEARCH = ["run", "task.py", "--batch-size", "16", "--study", "s", "--epochs", "2", "--trials", "2"]


@pytest.mark.parametrize("workers", ["0", "2"])
def test_ctrl_c_while_the_data_are_loaded_ends_at_once(workers: str, tmp_path: Path) -> None:
    """Nothing is to be saved yet; the fork server, which is loading torch, does not complain."""
    code, errors, seconds = interrupted([*SEARCH, "--workers", workers], "slow-data", tmp_path)

    assert (code, errors) == (130, "note: ending the search; once more to end at once\n")
    assert seconds < 2


@pytest.mark.parametrize("workers", ["0", "2"])
def test_ctrl_c_in_the_middle_of_a_long_epoch_ends_at_once(workers: str, tmp_path: Path) -> None:
    """The trial is noted as interrupted, and the same command goes on with it."""
    code, errors, seconds = interrupted([*SEARCH, "--workers", workers], "slow-epochs", tmp_path)
    (tmp_path / "slow-epochs").unlink()
    after = document(*SEARCH, "--workers", workers, cwd=tmp_path)

    assert code == 130
    assert "Traceback" not in errors
    assert "trial 0  interrupted  epochs 0 of 2" in errors
    assert seconds < 2
    assert after["counts"]["completed"] == 2


def interrupted(command: list[str], busy: str, directory: Path) -> tuple[int, str, float]:
    """Return exit code, standard error and the seconds it took to end a command that is busy."""
    (directory / "task.py").write_text(TASK)
    (directory / busy).touch()
    with subprocess.Popen(
        [*COMMAND, *command],
        cwd=directory,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        end = time.monotonic() + 60
        while not (directory / "reached").exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end, "the task was never reached"
            time.sleep(0.02)
        asked = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=25)
        seconds = time.monotonic() - asked  # the fork server may hold standard error longer
        _, errors = process.communicate(timeout=25)
    return process.returncode, errors, seconds
