"""`epochsearch compare` as a user runs it: result, documents, interruption, kill, and what is refused."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.command import COMMAND, document, environment, run, start
from tests.contract.subjects import write_table

SMALL = ["--samplers", "random,tpe", "--seeds", "3", "--epoch-budget", "40"]
TRAINED = [
    "compare", "digits-linear", "--samplers", "random,tpe+none", "--seeds", "3", "--epoch-budget", "60",
    "--epochs", "2:12", "--workers", "1", "--no-html",
]  # fmt: skip
LONG = ["compare", "digits-linear", "--seeds", "20", "--epoch-budget", "5000", "--workers", "1"]
KEYS = {"task", "budget", "entries", "pairs", "verdicts", "epochs", "seconds"}
ENTRY_KEYS = {"name", "studies", "final", "epochs", "test", "anytime"}
PAIR_KEYS = {"a", "b", "difference", "low", "high", "p", "p_holm", "wins"}


@pytest.fixture
def table(tmp_path: Path) -> str:
    write_table(tmp_path / "recorded.csv")
    return "table:recorded.csv"


def test_a_comparison_prints_a_table_a_chart_a_verdict_and_where_the_page_is(
    table: str, tmp_path: Path
) -> None:
    """The result stands on standard output, one line per search on standard error; the page is there."""
    ended = run("compare", table, *SMALL, cwd=tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert re.search(
        r"^random +\d\.\d+ +\d\.\d+ +\d\.\d\d +\d of 3 +120 +0$", ended.stdout, flags=re.MULTILINE
    )
    assert re.search(r"● random +▲ tpe", ended.stdout) or re.search(r"o random +\^ tpe", ended.stdout)
    assert "validation losses of the points that the searches chose" in ended.stdout.replace("\n  ", " ")
    assert len(re.findall(r"^search \d of 6 ", ended.stderr, flags=re.MULTILINE)) == 6
    page = re.search(r"^Page +(\S+\.html)$", ended.stdout, flags=re.MULTILINE)
    assert page is not None
    assert (tmp_path / page[1]).stat().st_size < 8e6
    assert (
        max(len(line) for line in ended.stdout.splitlines() if not line.startswith(("Page", "Next", " ")))
        <= 80
    )


def test_with_json_a_comparison_prints_one_document(table: str, tmp_path: Path) -> None:
    """All keys that programs rely on, and numbers that agree with the studies themselves."""
    found = document("compare", table, *SMALL, "--no-html", cwd=tmp_path)

    assert found.keys() >= KEYS
    assert found["budget"] == {"epochs": 40, "seconds": None, "trials": None}
    assert [entry["name"] for entry in found["entries"]] == ["random", "tpe"]
    for entry in found["entries"]:
        assert entry.keys() >= ENTRY_KEYS
        assert len(entry["studies"]) == len(entry["final"]) == len(entry["anytime"]) == 3
        shown = document("show", entry["studies"][0], cwd=tmp_path)
        assert entry["final"][0] == shown["best"]["value"] == entry["anytime"][0][-1][1]
        assert sum(trial["epochs_charged"] for trial in shown["trials"]) == 40
    assert [pair.keys() >= PAIR_KEYS for pair in found["pairs"]] == [True]
    assert len(found["verdicts"]) == 1
    assert not list(tmp_path.rglob("*.html"))


def test_several_tables_are_compared_one_by_one_and_over_all(table: str, tmp_path: Path) -> None:
    """Results per table, and Friedman's test over them."""
    write_table(tmp_path / "second.csv", epochs=8)
    arguments = ["--samplers", "grid,random,tpe", "--seeds", "2", "--epoch-budget", "30", "--no-html"]

    found = document("compare", table, "table:second.csv", *arguments, cwd=tmp_path)

    assert [task["task"] for task in found["tasks"]] == [table, "table:second.csv"]
    assert set(found["over_tasks"]["average_ranks"]) == {"grid", "random", "tpe"}


def test_the_same_command_again_trains_nothing_and_says_the_same(tmp_path: Path) -> None:
    """All is in the storage."""
    first, second = (document(*TRAINED, cwd=tmp_path) for _ in range(2))

    assert lasting(second) == lasting(first)
    assert second["epochs"]["trained"] < second["epochs"]["charged"]


@pytest.mark.slow
def test_a_comparison_killed_again_and_again_ends_with_the_same_verdict(tmp_path: Path) -> None:
    """SIGKILL at several moments of the training, then the same command once more."""
    (tmp_path / "whole").mkdir()
    whole = document(*TRAINED, cwd=tmp_path / "whole")

    for seconds in (4.0, 5.0, 6.0):
        process = start(*TRAINED, cwd=tmp_path)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
    continued = document(*TRAINED, cwd=tmp_path)

    assert lasting(continued) == lasting(whole)


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_an_interrupted_comparison_says_how_to_go_on(as_json: bool, tmp_path: Path) -> None:
    """Exit code 130, what is done is kept, and a command that can be pasted."""
    process = subprocess.Popen(
        [*COMMAND, *LONG, *(["--json"] if as_json else [])],
        cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    while "grid is sized" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)

    assert process.returncode == 130
    command = "python -m epochsearch compare digits-linear --seeds 20 --epoch-budget 5000 --workers 1"
    if as_json:
        assert json.loads(output)["ended_by"] == "interrupted"
        assert command in errors
    else:
        assert f"Next     {command}\n" in output


def test_stored_studies_can_be_compared(table: str, tmp_path: Path) -> None:
    """By name, in a list or one by one; the pairs are those of their seeds."""
    names = []
    for sampler in ("random", "tpe"):
        for seed in range(3):
            names.append(f"{sampler}-{seed}")
            given = ["--sampler", sampler, "--seed", str(seed), "--study", names[-1]]
            document("run", table, *given, "--pruner", "none", "--epoch-budget", "40", cwd=tmp_path)

    found = document(
        "compare", "--studies", ",".join(names[:4]), "--studies", ",".join(names[4:]), cwd=tmp_path
    )

    assert [(entry["name"], entry["studies"]) for entry in found["entries"]] == [
        ("random", names[:3]), ("tpe", names[3:])
    ]  # fmt: skip
    assert [(pair["a"], pair["b"]) for pair in found["pairs"]] == [("random", "tpe")]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--seeds", "0"], 2, "--seeds 0: must be a whole number, at least 1. Example: --seeds 10"),
        (["--target", "low"], 2, "--target low: must be a finite number. Example: --target 0.1"),
        (["--samplers", "random,,tpe"], 2, "an entry must be SAMPLER or SAMPLER+PRUNER"),
        (["--samplers", "random,random"], 2, "an entry must not stand there twice"),
        (["--samplers", "rundom"], 2, "there is no such sampler. Did you mean 'random'?"),
        (["--time-budget", "soon"], 2, "must be a time above 0, as 90s, 10m or 1h30m"),
        (["--studies", "a,b"], 2, "--studies with TASK: stored searches are compared as they are"),
        (["--html", "/proc/no/page.html", *SMALL], 2, "it cannot be written"),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "",
)
def test_a_mistake_is_told_in_one_line(
    arguments: list[str], code: int, said: str, table: str, tmp_path: Path
) -> None:
    """Where, what was given, the rule, what to do; no traceback."""
    ended = run("compare", table, *arguments, cwd=tmp_path)

    assert ended.returncode == code, ended.stderr
    assert said in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize("tasks", [["table:none.csv"], ["nothing"]], ids=" ".join)
def test_an_unknown_task_is_not_found(tasks: list[str], tmp_path: Path) -> None:
    """Exit code 3, and nothing is made."""
    ended = run("compare", *tasks, cwd=tmp_path)

    assert ended.returncode == 3, ended.stderr
    assert not list(tmp_path.iterdir())


def lasting(found: dict[str, Any]) -> dict[str, Any]:
    """Return a document without what another run of the same may change: seconds and trained epochs."""
    kept = {key: value for key, value in found.items() if key not in ("seconds", "epochs")}
    kept["charged"] = found["epochs"]["charged"]
    kept["entries"] = [
        {key: value for key, value in entry.items() if key not in ("anytime_seconds", "epochs")}
        for entry in found["entries"]
    ]
    return kept
