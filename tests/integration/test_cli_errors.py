"""Whatever goes wrong on the command line ends in one message and an exit code, never in a traceback."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import COMMAND, document, environment, run

WRONG_USAGE = {
    "run --trial 3": "epochsearch run --trial: there is no such option. Did you mean '--trials'?",
    "report s --outt x": "epochsearch report --outt: there is no such option. See: epochsearch report --help",
    "run --trials": "--trials: needs a value. Type: --trials VALUE",
    "run --trials x": "--trials x: must be a whole number, at least 1. Example: --trials 10",
    "run --trials 0": "--trials 0: must be a whole number, at least 1. Example: --trials 10",
    "run --epoch-budget 1.5": "--epoch-budget 1.5: "
    "must be a whole number, at least 1. Example: --epoch-budget 10",
    "run --time-limit soon": "--time-limit soon: "
    "must be a time above 0, as 90s, 10m or 1h30m. Example: --time-limit 10m",
    "run --param dropout": "--param dropout: must be NAME=RANGE. Example: --param dropout=0.0:0.5",
    "run --strategy stages": "--strategy stages: there is no such strategy. Did you mean 'staged'?",
    "run --strategy staged --sampler tpe": "--strategy staged: "
    "a strategy is in the sampler's place. Give either --strategy or --sampler.",
    "run digits more": "epochsearch run more: this is one argument too many. "
    "Put a value with spaces in quotes, or give an option its name.",
    "run --json=1": "--json: takes no value. Type: --json",
    "rum": "epochsearch rum: there is no such command. Did you mean 'run'?",
    "--verison": "epochsearch --verison: there is no such option. Did you mean '--version'?",
    "show": "epochsearch show: STUDY is missing. Type: epochsearch show STUDY",
    "export s": "epochsearch export: FILE is missing. Type: epochsearch export STUDY FILE",
    "export s a.xls": "FILE a.xls: must end in .csv, .json or .parquet. Example: epochsearch export s a.csv",
    "dashboard --port http": "--port http: must be a whole number, at least 1. Example: --port 8080",
}  # fmt: skip
WIDE = """
import epochsearch
import numpy as np
import torch
from torch import nn

class Wide(epochsearch.Task):
    def data(self):
        return np.random.default_rng(0).random((200, 4)), np.arange(200) % 3

    def model(self):
        made = nn.Linear(4, 3)
        made.register_buffer("table", torch.zeros(1_000_000))
        return made
"""


@pytest.mark.parametrize(("typed", "message"), WRONG_USAGE.items(), ids=WRONG_USAGE)
def test_wrong_usage_is_explained_in_one_line(typed: str, message: str, tmp_path: Path) -> None:
    """Where, what was given, the rule, what to do; exit code 2 and nothing on standard output."""
    ended = run(*typed.split(), cwd=tmp_path)

    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", message + "\n")


@pytest.mark.parametrize(
    "typed", ["run --trial 3 --json", "--json run --trials x", "rum --json", "show --json"]
)
def test_with_json_an_error_is_one_document(typed: str, tmp_path: Path) -> None:
    """Wherever `--json` stands; the message is on standard error too."""
    ended = run(*typed.split(), cwd=tmp_path)

    error = json.loads(ended.stdout)["error"]
    assert (error["kind"], error["exit_code"], ended.returncode) == ("usage", 2, 2)
    assert error["message"] + "\n" == ended.stderr


def test_a_file_whose_name_is_mistyped_is_told_from_those_that_are_there(tmp_path: Path) -> None:
    """Tasks and studies, whichever ending was typed."""
    for name in ("mine.py", "study.toml"):
        (tmp_path / name).touch()

    told = [run("run", typed, cwd=tmp_path).stderr for typed in ("mnie.py", "studdy.toml", "study.tom")]

    for message, meant in zip(told, ("mine.py", "study.toml", "study.toml"), strict=True):
        assert f"Did you mean '{meant}'?" in message


@pytest.mark.parametrize("command", ["show s", "export s a.csv", "dashboard"])
def test_looking_at_a_storage_that_is_not_there_creates_nothing(command: str, tmp_path: Path) -> None:
    """Exit code 3, and what to type to begin."""
    ended = run(*command.split(), "--storage", "none.db", cwd=tmp_path)

    assert ended.returncode == 3
    assert "there is no such database file. Start a study with: epochsearch run" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_study_yet_is_no_error(tmp_path: Path) -> None:
    """`studies` says how to start one, and creates nothing."""
    ended = run("studies", cwd=tmp_path)

    assert ended.returncode == 0
    assert (
        ended.stdout == "No study in sqlite:///studies/epochsearch.db yet. Start one with: epochsearch run\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["studies", "show s", "export s a.csv", "dashboard"])
def test_a_file_that_is_no_database_is_refused(command: str, tmp_path: Path) -> None:
    """Its content is left alone."""
    (tmp_path / "notes.db").write_text("not a database, just some notes that are longer than a header\n" * 20)

    ended = run(*command.split(), "--storage", "notes.db", cwd=tmp_path)

    assert ended.returncode == 1
    assert "not a database" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_error_that_nobody_foresaw_is_one_line(tmp_path: Path) -> None:
    """The traceback is for `--debug`, wherever that stands."""
    (tmp_path / "a.csv").mkdir()
    broken = "import epochsearch.cli.options as o; o.storage_url = None\n"
    broken += "from epochsearch.cli.app import main; main()"

    plain = probe(broken, "studies", directory=tmp_path)
    debugged = probe(broken, "studies", "--debug", directory=tmp_path)

    assert (plain.returncode, debugged.returncode) == (1, 1)
    assert plain.stderr.startswith("unexpected: TypeError: ")
    assert plain.stderr.endswith(". Run again with --debug for the traceback\n")
    assert len(plain.stderr.splitlines()) == 1
    assert "Traceback (most recent call last)" in debugged.stderr


def test_a_reader_who_leaves_early_is_no_error(tmp_path: Path) -> None:
    """`epochsearch tasks | head -0` says nothing on standard error."""
    with subprocess.Popen(
        [*COMMAND, "tasks"], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as reader:
        assert reader.stdout is not None
        assert reader.stderr is not None
        reader.stdout.close()
        said = reader.stderr.read()

    assert said == b""


@pytest.mark.parametrize(
    ("redirected", "code", "said"),
    [
        (">/dev/full", 1, "standard output: it cannot be written (No space left on device)."),
        (">&- 2>&- <&-", 0, ""),
    ],
)
def test_an_output_that_takes_nothing_is_no_surprise(
    redirected: str, code: int, said: str, tmp_path: Path
) -> None:
    """The study is stored all the same; a closed stream's number is given to none of our files."""
    typed = "run digits-linear --workers 0 --trials 1 --epochs 2 --study s"
    ended = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", *COMMAND, *typed.split()],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ended.returncode, said in ended.stderr) == (code, True)
    assert document("show", "s", cwd=tmp_path)["counts"]["completed"] == 1


def test_an_interrupt_before_anything_began_ends_quietly(tmp_path: Path) -> None:
    """Exit code 130 and no traceback."""
    broken = (
        "import os, signal, epochsearch.cli.options as o\n"
        "o.nothing_stored = lambda url: os.kill(os.getpid(), signal.SIGINT)\n"
        "from epochsearch.cli.app import main\n"
        "main()"
    )

    ended = probe(broken, "studies", directory=tmp_path)
    as_json = probe(broken, "studies", "--json", directory=tmp_path)

    assert (ended.returncode, ended.stdout, ended.stderr) == (128 + signal.SIGINT, "", "")
    assert json.loads(as_json.stdout)["error"]["exit_code"] == as_json.returncode == 130


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_will_do(encoding: str, tmp_path: Path) -> None:
    """A character that a terminal lacks is replaced, not fatal."""
    ended = subprocess.run(
        [*COMMAND, "show", "größer", "--storage", "nö.db"],
        cwd=tmp_path,
        env=environment() | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 3
    assert b"Traceback" not in ended.stderr
    assert b"there is no such database file" in ended.stderr


def test_alone_the_command_shows_its_help(tmp_path: Path) -> None:
    """The same as `--help`, and no error."""
    alone, asked = run(cwd=tmp_path), run("--help", cwd=tmp_path)

    assert (alone.returncode, alone.stdout) == (0, asked.stdout)


def probe(code: str, *arguments: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Return how the command line ended when a part of it was replaced before it started."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=directory,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_disk_that_takes_no_more_loses_no_page_and_is_not_the_tasks_fault(tmp_path: Path) -> None:
    """The old page stays whole; a model that cannot be written is told by its place, not by the task's."""
    (tmp_path / "mine.py").write_text(WIDE)
    small = ["--trials", "1", "--epochs", "1", "--batch-size", "64", "--workers", "1", "--study", "s"]
    document("run", "mine.py", *small, cwd=tmp_path)
    document("report", "s", cwd=tmp_path)
    page = tmp_path / "studies" / "s.html"
    before = page.read_text()

    reported = run("report", "s", cwd=tmp_path, prepare=_no_large_files)
    trained = run("train", "s", cwd=tmp_path, prepare=_no_large_files)

    assert "--html studies/s.html: it cannot be written (File too large)" in reported.stderr
    assert "--out models/s: it cannot be written (File too large)" in trained.stderr.splitlines()[-1]
    assert (page.read_text(), [file.name for file in page.parent.glob("*.html*")]) == (before, ["s.html"])


def _no_large_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
