"""`epochsearch extend` and `run --extend` as a user meets them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.command import COMMAND, document, environment, run

SEARCH = ["run", "digits-linear", "--workers", "0", "--epochs", "3:6", "--batch-size", "128", "--trials", "5"]
WRONG_USAGE = {
    "extend": "epochsearch extend: STUDY is missing. Type: epochsearch extend STUDY",
    "extend s --top 0": "--top 0: must be a whole number, at least 1. Example: --top 3",
    "extend s --gain 2": "--gain 2: must be a share between 0 and 1, as 0.005 or 0.5%. Example: --gain 0.5%",
    "extend s --gain 0%": "--gain 0%: "
    "must be a share between 0 and 1, as 0.005 or 0.5%. Example: --gain 0.5%",
    "extend s --max-epoch 9": "epochsearch extend --max-epoch: there is no such option. "
    "Did you mean '--max-epochs'?",
}


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose default storage holds the small study `s`."""
    folder = tmp_path_factory.mktemp("extend")
    document(*SEARCH, "--study", "s", cwd=folder)
    return folder


@pytest.mark.slow
def test_an_extension_is_trained_on_to_what_one_go_gives_and_says_why_it_stopped(tmp_path: Path) -> None:
    """Through the command: 6 epochs searched and carried on, against as many from nothing elsewhere."""
    document(*SEARCH, "--study", "s", cwd=tmp_path)
    before = document("show", "s", cwd=tmp_path)

    found = document("extend", "s", "--top", "2", "--max-epochs", "20", "--workers", "1", cwd=tmp_path)

    (tmp_path / "whole").mkdir()
    for one in found["extension"]["configurations"]:
        whole = ["--epochs", str(one["epochs"]["to"]), "--learning-rate", repr(one["learning_rate"])]
        whole += ["--study", repr(one["learning_rate"]), "--trials", "1"]
        document(*SEARCH[:4], "--batch-size", "128", *whole, cwd=tmp_path / "whole")
        again = document("show", whole[5], cwd=tmp_path / "whole")["trials"][0]
        extended = document("show", "s-extended", cwd=tmp_path)["trials"][one["trials"][-1]]
        assert one["epochs"]["to"] > one["epochs"]["from"]
        assert (one["stopped"], bool(one["reason"])) in (("gain", True), ("max-epochs", True))
        assert [extended[key] for key in ("train_loss", "val_loss", "value")] == [
            again[key] for key in ("train_loss", "val_loss", "value")
        ]
    assert run("verify", "s-extended", "--sample", "all", cwd=tmp_path).returncode == 0
    assert document("show", "s", cwd=tmp_path) == before


def test_what_is_printed_fits_80_columns_and_names_the_reasons(searched: Path) -> None:
    """The best, then each configuration with its epochs, its losses and why it stopped."""
    ended = run("extend", "s", "--gain", "4%", "--workers", "0", "--study", "plain", cwd=searched)

    assert ended.returncode == 0, ended.stderr
    assert "Study    plain (every configuration has stopped)\nBest" in ended.stdout
    assert len(re.findall(r"lr \S+  batch 128  epochs \d+( to \d+)?  loss ", ended.stdout)) == 3
    text = " ".join(ended.stdout.split())
    assert text.count("stopped: the next epoch is predicted to") == 3
    assert text.count("not more than 4.00 %") + text.count("predicted to cost") == 3
    assert max(map(len, ended.stdout.splitlines())) <= 80
    shown = run("show", "plain", cwd=searched).stdout
    assert shown.count("stopped: the next epoch is predicted to") == 3


def test_the_same_command_again_trains_nothing(searched: Path) -> None:
    """All there is to do is done; other options are refused with exit code 4."""
    command = ["extend", "s", "--top", "1", "--gain", "4%", "--study", "again"]
    first = document(*command, "--workers", "0", cwd=searched)

    again = document(*command, "--workers", "0", cwd=searched)
    other = run("extend", "s", "--top", "2", "--study", "again", cwd=searched)

    assert again["ended_by"] == "extended"
    assert again == first | {"seconds": again["seconds"]}
    assert other.returncode == 4
    assert other.stderr.startswith("--study again: it was begun with --top 1, now 2. Give the extension ano")


def test_a_search_may_be_extended_in_one_go(tmp_path: Path) -> None:
    """`run --extend`: the search as ever, and the extension beside it in the document."""
    command = [*SEARCH, "--study", "s", "--extend"]

    both = document(*command, cwd=tmp_path)

    assert both["counts"]["completed"] == 5
    assert both["extended"]["study"] == "s-extended"
    assert both["extended"]["best"]["value"] <= both["best"]["value"]
    assert [one["study"] for one in document("studies", cwd=tmp_path)] == ["s-extended", "s"]


@pytest.mark.parametrize("command", ["run digits-linear --schedule cosine --extend", "extend bound"])
def test_a_schedule_that_looks_at_the_length_is_refused_with_the_reason(command: str, searched: Path) -> None:
    """Exit code 2 before anything is trained."""
    document(*SEARCH[:-1], "1", "--schedule", "cosine", "--study", "bound", cwd=searched)

    ended = run(*command.split(), "--workers", "0", cwd=searched)

    assert ended.returncode == 2
    assert "its cosine schedule depends on the planned number of epochs" in ended.stderr
    assert "trial 0" not in ended.stderr


@pytest.mark.parametrize(("typed", "message"), WRONG_USAGE.items(), ids=WRONG_USAGE)
def test_wrong_usage_is_explained_in_one_line(typed: str, message: str, tmp_path: Path) -> None:
    """Where, what was given, the rule, what to do."""
    ended = run(*typed.split(), cwd=tmp_path)

    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", message + "\n")


def test_a_study_that_is_not_there_is_told_with_the_nearest_name(searched: Path) -> None:
    """Exit code 3, and one document with --json."""
    ended = run("extend", "t", "--json", cwd=searched)

    assert ended.returncode == 3
    assert "there is no such study" in json.loads(ended.stdout)["error"]["message"]


@pytest.mark.slow
def test_an_interrupted_extension_ends_with_130_and_goes_on(tmp_path: Path) -> None:
    """Ctrl-C while it trains: the same command goes on to the end that an undisturbed one has."""
    document(*SEARCH, "--study", "s", cwd=tmp_path)
    command = ["extend", "s", "--gain", "0.001%", "--max-epochs", "800", "--workers", "0"]
    process = subprocess.Popen(
        [*COMMAND, *command], cwd=tmp_path, env=environment(), stdout=-1, stderr=-1, text=True
    )
    assert process.stderr is not None
    while not process.stderr.readline().startswith("trial 9 "):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)

    ended = document(*command, cwd=tmp_path)
    whole = document(*command, "--study", "whole", cwd=tmp_path)

    assert process.returncode == 130
    assert "Study    s-extended (interrupted)" in output
    assert ended["extension"]["configurations"] == without_training(whole, ended)


def without_training(whole: dict[str, Any], ended: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the configurations of an extension that read all its epochs, with another's trained ones."""
    pairs = zip(whole["extension"]["configurations"], ended["extension"]["configurations"], strict=True)
    return [one | {"epochs": one["epochs"] | {"trained": other["epochs"]["trained"]}} for one, other in pairs]
