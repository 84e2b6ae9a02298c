"""`epochsearch run` as a user meets it: results on standard output, the rest on standard error."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path

import pytest

from tests.command import COMMAND, REPOSITORY, document, environment, run

SMALL = ["run", "digits-linear", "--workers", "0", "--epochs", "2:4", "--batch-size", "128"]
LONG = ["run", "digits-linear", "--workers", "0", "--trials", "100000", "--study", "long"]
LOUD = """
import os
import epochsearch
import numpy as np
from torch import nn

print("the file speaks")

class Loud(epochsearch.Task):
    def data(self):
        os.system("echo the shell speaks")
        print("the data speaks")
        return np.random.default_rng(0).random((200, 4)), np.arange(200) % 3

    def model(self):
        print("the model speaks")
        return nn.Linear(4, 3)
"""
FAILING = """
import epochsearch
import numpy as np

class Failing(epochsearch.Task):
    def data(self):
        return np.random.default_rng(0).random((200, 4)), np.arange(200) % 3

    def model(self, learning_rate):
        raise RuntimeError("no model\\ntoday")
"""


def test_a_search_prints_its_result_and_what_to_type_next(tmp_path: Path) -> None:
    """The result stands on standard output, one line per trial on standard error."""
    ended = run(*SMALL, "--trials", "3", "--study", "s", cwd=tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert re.search(r"^Best     epochs         [234]$", ended.stdout, flags=re.MULTILINE)
    assert "Next     epochsearch recommend s --confirm 5\n         epochsearch show s\n" in ended.stdout
    assert len(re.findall(r"^trial [012]  \w+  epochs ", ended.stderr, flags=re.MULTILINE)) == 3


def test_with_json_a_search_prints_one_document(tmp_path: Path) -> None:
    """It agrees with what `show` and `studies` print afterwards."""
    ended = document(*SMALL, "--trials", "3", "--study", "s", "--seed", "5", cwd=tmp_path)
    shown = document("show", "s", cwd=tmp_path)
    listed = document("studies", cwd=tmp_path)

    own = {"ended_by", "recommended"}
    assert {key: shown[key] for key in ended if key not in own} == {
        key: ended[key] for key in ended if key not in own
    }
    assert (listed[0]["study"], listed[0]["trials"], listed[0]["best"]) == ("s", 3, ended["best"]["value"])
    assert [len(trial["val_loss"]) for trial in shown["trials"]] == [t["epochs"] for t in shown["trials"]]


@pytest.mark.parametrize("workers", ["0", "2"])
def test_what_a_task_prints_is_no_result(workers: str, tmp_path: Path) -> None:
    """It goes to standard error: from the file itself, from data() and from the model, shells included."""
    (tmp_path / "loud.py").write_text(LOUD)
    command = ["run", "loud.py", "--workers", workers, "--trials", "1", "--epochs", "2", "--json"]

    ended = run(*command, "--batch-size", "16", cwd=tmp_path)

    assert json.loads(ended.stdout)["counts"]["completed"] == 1
    assert all(f"the {part} speaks" in ended.stderr for part in ("file", "shell", "data", "model"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupted_search_ends_within_two_seconds_and_says_how_to_go_on(
    number: signal.Signals, tmp_path: Path
) -> None:
    """Exit code 130, the best so far, and a command that can be pasted."""
    with searching(tmp_path) as process:
        asked = time.monotonic()
        process.send_signal(number)
        output, _ = process.communicate(timeout=20)

    assert time.monotonic() - asked < 2
    assert process.returncode == 130
    assert "Study    long (interrupted)" in output
    assert f"Next     {shlex.join(['python', '-m', 'epochsearch', *LONG])}\n" in output


def test_an_interrupted_search_goes_on(tmp_path: Path) -> None:
    """The same command with another total: what was finished is not run again."""
    with searching(tmp_path) as process:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    before = document("show", "long", cwd=tmp_path)

    total = str(sum(before["counts"].values()) + 1)
    document(*LONG[:-4], "--trials", total, "--study", "long", cwd=tmp_path)
    after = document("show", "long", cwd=tmp_path)

    finished = [trial for trial in before["trials"] if trial["outcome"] != "interrupted"]
    assert after["trials"][: len(finished)] == finished
    assert after["counts"]["interrupted"] == 0


def test_a_search_in_which_every_trial_fails_ends_with_the_reason(tmp_path: Path) -> None:
    """Exit code 1, the reason on the last line of standard error and in the document."""
    (tmp_path / "mine.py").write_text(FAILING)
    command = ["run", "mine.py", "--workers", "0", "--trials", "2", "--batch-size", "16"]

    plain = run(*command, cwd=tmp_path)
    as_json = run(*command, "--json", cwd=tmp_path)

    assert (plain.returncode, as_json.returncode) == (1, 1)
    assert "no model today" in plain.stderr.splitlines()[-1]
    assert len(plain.stderr.splitlines()) == 3  # one for each trial, one for the search
    assert json.loads(as_json.stdout)["error"]["exit_code"] == 1


def test_a_task_that_is_another_at_each_look_ends_the_search_and_fails_no_trial(tmp_path: Path) -> None:
    """Edited while it was searched, or with data that no seed fixes: it can go on once that is mended."""
    unseeded = FAILING.replace("default_rng(0)", "default_rng()")
    (tmp_path / "mine.py").write_text(unseeded)

    ended = run("run", "mine.py", "--workers", "1", "--batch-size", "16", "--study", "s", cwd=tmp_path)
    shown = document("show", "s", cwd=tmp_path)

    assert ended.returncode == 2
    assert "its code or data changed while the search was running" in ended.stderr.splitlines()[-1]
    assert {outcome: count for outcome, count in shown["counts"].items() if count} == {"interrupted": 1}


def test_a_task_file_named_like_a_library_is_searched_by_workers(tmp_path: Path) -> None:
    """Workers import Python's own `random`, as the command does, and see the environment that it sees."""
    (tmp_path / "bin").mkdir()
    shutil.copy(REPOSITORY / "epochsearch" / "__main__.py", tmp_path / "bin" / "epochsearch")
    asking = LOUD.replace("% 3\n", "% (4 if os.environ.get('PYTHONSAFEPATH') else 3)\n")
    (tmp_path / "random.py").write_text(asking)
    given = ["run", "random.py", "--workers", "1", "--epochs", "1", "--batch-size", "16", "--trials", "1"]

    ended = subprocess.run(
        [sys.executable, "bin/epochsearch", *given],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, "1 completed" in ended.stdout) == (0, True), ended.stderr


def test_an_attribute_that_nothing_reads_is_noted_before_the_first_trial(tmp_path: Path) -> None:
    """A misspelt one changes nothing, which is hard to see."""
    (tmp_path / "mine.py").write_text(LOUD.replace("    def data", '    epocs = "1"\n\n    def data', 1))
    given = ["--workers", "0", "--trials", "1", "--epochs", "1", "--batch-size", "16"]

    ended = run("run", "mine.py", *given, cwd=tmp_path)

    noted = "note: mine.py:Loud epocs: no attribute that a task has, and not read. Did you mean 'epochs'?"
    assert noted in ended.stderr.splitlines()


def test_a_study_does_not_go_on_with_an_edited_task(tmp_path: Path) -> None:
    """Exit code 4, and in words what differs."""
    command = ["run", "mine.py", "--workers", "0", "--epochs", "2", "--batch-size", "16", "--study", "s"]
    (tmp_path / "mine.py").write_text(LOUD)
    document(*command, "--trials", "1", cwd=tmp_path)
    (tmp_path / "mine.py").write_text(LOUD.replace("% 3", "% 2"))

    ended = run(*command, "--trials", "2", cwd=tmp_path)

    assert ended.returncode == 4
    assert ended.stderr.splitlines()[-1] == (
        "--study s: it was made under another spec: the task's code or data were different. "
        "Give --study another name, or the stored values."
    )


def test_options_go_over_a_study_file(tmp_path: Path) -> None:
    """What the file says holds where the command line is silent."""
    (tmp_path / "a.toml").write_text('task = "digits-linear"\nsampler = "random"\nseed = 3\n')

    ended = document("run", "a.toml", *SMALL[2:], "--trials", "1", "--seed", "4", cwd=tmp_path)

    assert (ended["task"], ended["sampler"], ended["spec"]["seed"]) == ("digits-linear", "random", 4)


def test_on_a_terminal_the_view_fits_it_and_is_gone_at_the_end(tmp_path: Path) -> None:
    """Each line that is drawn fits 80 columns; the result alone stands on standard output."""
    ended, drawn = on_a_terminal([*SMALL, "--trials", "20", "--study", "s"], tmp_path, term="xterm-256color")

    lines = re.split(r"\r?\n|\r", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn))
    assert ended.returncode == 0
    assert any(line.startswith("s  digits-linear  tpe + median  in this process") for line in lines)
    assert max(map(len, lines)) <= 80
    assert "trial 0  completed" not in drawn
    assert ended.stdout.startswith("Study    s (the trials are done)\n")


def test_a_dumb_terminal_gets_plain_lines(tmp_path: Path) -> None:
    """One line per trial and no control characters."""
    ended, drawn = on_a_terminal([*SMALL, "--trials", "2"], tmp_path, term="dumb")

    assert ended.returncode == 0
    assert len(re.findall(r"^trial [01]  completed", drawn, flags=re.MULTILINE)) == 2
    assert "\x1b" not in drawn


def searching(directory: Path) -> subprocess.Popen[str]:
    """Return a long search that has finished its first trial."""
    process = subprocess.Popen(
        [*COMMAND, *LONG],
        cwd=directory,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    while not process.stderr.readline().startswith("trial 1 "):
        assert process.poll() is None
    return process


def on_a_terminal(
    arguments: list[str], directory: Path, term: str
) -> tuple[subprocess.CompletedProcess[str], str]:
    """Return how a command ended whose standard error is a terminal of 80 x 24, and what was drawn there."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=directory,
        env=environment() | {"TERM": term},
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    drawn = b""
    try:
        while piece := os.read(ours, 65536):
            drawn += piece
    except OSError:
        pass  # Linux says so when the other end is closed
    os.close(ours)
    output, _ = process.communicate(timeout=60)
    return subprocess.CompletedProcess(arguments, process.returncode, output), drawn.decode()
