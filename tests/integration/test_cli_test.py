"""`epochsearch test` as a user meets it: what it prints, what it counts, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from epochsearch.core.settings import Settings
from epochsearch.search.running.service import search
from tests.command import document, run

TASKS = Path("tests/integration/final_tasks.py").resolve()
WRONG_USAGE = {
    "test": "epochsearch test: STUDY is missing. Type: epochsearch test STUDY",
    "test s --trial x": "--trial x: must be a whole number, at least 0. Example: --trial 3",
    "test s --trail 3": "epochsearch test --trail: there is no such option. Did you mean '--trial'?",
    "test s t": "epochsearch test t: this is one argument too many. "
    "Put a value with spaces in quotes, or give an option its name.",
}
KEYS = {
    "study", "trial", "chosen", "epochs", "learning_rate", "batch_size", "hyperparameters", "weights",
    "folds", "rows", "test", "confidence", "validation", "optimism", "trials", "looks",
}  # fmt: skip


def searched(folder: Path, task: str, **more: Any) -> None:
    axes = {"epochs": "3", "learning_rate": "0.05", "batch_size": "16"}
    given = {"trials": 2, "axes": axes, "workers": "0", "pruner": "none", "study": "s"} | more
    for _ in search(Settings(task=task, **given), f"sqlite:///{folder / 'a.db'}"):
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database `a.db` and a study `s` in it that nobody has looked at."""
    folder = tmp_path_factory.mktemp("test")
    searched(folder, f"{TASKS}:Named")
    return folder


@pytest.mark.parametrize(("typed", "message"), WRONG_USAGE.items(), ids=WRONG_USAGE)
def test_wrong_usage_is_explained_in_one_line(typed: str, message: str, tmp_path: Path) -> None:
    """Where, what was given, the rule, what to do; exit code 2 and nothing on standard output."""
    ended = run(*typed.split(), cwd=tmp_path)

    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", message + "\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ss", "study ss: there is no such study in sqlite:///a.db. Did you mean 's'?"),
        ("s --trial 2", "--trial 2: study s has no such trial. Its trials are 0 to 1."),
    ],
)
def test_what_is_not_there_is_named_and_no_look(typed: str, said: str, folder: Path) -> None:
    """Exit code 3, in words or as a document; nothing is counted."""
    told = run("test", *typed.split(), "--storage", "a.db", cwd=folder)
    document_told = run("test", *typed.split(), "--storage", "a.db", "--json", cwd=folder)

    assert (told.returncode, told.stdout, told.stderr) == (3, "", said + "\n")
    error = json.loads(document_told.stdout)["error"]
    assert error == {"kind": "not-found", "message": said, "exit_code": 3}
    assert document_told.returncode == 3


@pytest.mark.slow
def test_a_look_is_told_in_80_columns_and_as_a_document(tmp_path: Path) -> None:
    """The first look evaluates, the second reads the record; both say the same, and each is counted."""
    searched(tmp_path, f"{TASKS}:Values", metrics="r2")

    printed = run("test", "s", "--storage", "a.db", cwd=tmp_path)
    told = document("test", "s", "--storage", "a.db", cwd=tmp_path)

    assert printed.returncode == 0, printed.stderr
    assert max(map(len, printed.stdout.splitlines())) <= 80
    assert printed.stdout.splitlines()[-1].endswith("test part: 1, at this point: 1 (evaluated now).")
    assert told.keys() == KEYS
    assert told["looks"] == {"study": 2, "point": 2, "from_record": True}
    assert told["test"].keys() == told["validation"].keys() >= {"loss", "r2"}
    assert told["optimism"] == told["test"]["loss"]["value"] - told["validation"]["loss"]
    assert sum(told["rows"].values()) == 120
    row = next(line.split() for line in printed.stdout.splitlines() if line.startswith("r2"))
    r2 = told["test"]["r2"]
    assert row[2:6] == [f"{r2['value']:.4f}", f"{r2['low']:.4f}", "to", f"{r2['high']:.4f}"]


@pytest.mark.slow
def test_the_page_tells_what_was_seen(folder: Path) -> None:
    """A report after a look has the score, whose it is and how often somebody looked, first of all."""
    before = document("report", "s", "--html", "p.html", "--storage", "a.db", cwd=folder)
    looked = document("test", "s", "--storage", "a.db", cwd=folder)
    after = document("report", "s", "--html", "q.html", "--storage", "a.db", cwd=folder)

    answers = [(folder / page).read_text().split("</section>")[0] for page in ("p.html", "q.html")]
    assert (before["looks"], after["looks"]) == (0, 1)
    assert "the test part has not been looked at" in answers[0]
    where = f"(trial {looked['trial']} after epoch {looked['epochs']}); looked at once"
    assert f"loss {looked['test']['loss']['value']:.4g}, accuracy " in answers[1]
    assert where in answers[1]
    apart = "above" if looked["optimism"] >= 0 else "below"
    assert f"the test loss is {abs(looked['optimism']):.4g} {apart} it" in answers[1]
