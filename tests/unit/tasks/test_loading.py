"""From a reference to a task: names, files, and what may be wrong with them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from epochsearch.core.errors import NotFoundError, TaskError
from epochsearch.tasks.fingerprint import fingerprint
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.registry import ENTRIES

ONE = """
import numpy as np
from epochsearch import Task
class Mine(Task):
    def data(self):
        return np.arange(40.0).reshape(20, 2), np.arange(20) % 2
    def model(self):
        return None
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(ONE)
    return path


def test_listing_the_tasks_imports_no_model_library() -> None:
    """Names and titles are there before torch, scikit-learn or NumPy are."""
    program = (
        "import sys, epochsearch.tasks.loading\n"
        "from epochsearch.tasks.registry import ENTRIES\n"
        "assert all(entry.title for entry in ENTRIES.values())\n"
        "sys.exit(bool({'torch', 'sklearn', 'numpy', 'pyarrow'} & sys.modules.keys()))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("name", ENTRIES)
def test_a_built_in_task_knows_its_name_and_says_what_it_is(name: str) -> None:
    """The name leads to the task, its reference and its title."""
    task = load_task(name)

    assert task.name == task.reference == name
    assert ENTRIES[name].title
    assert ENTRIES[name].description
    assert "rows" in (type(task).__doc__ or "")


def test_an_unknown_name_gets_the_nearest_one() -> None:
    """A slip of the pen is answered with the name that was meant."""
    with pytest.raises(NotFoundError, match="Did you mean 'digits'"):
        load_task("digit")


def test_a_file_with_one_task_needs_no_name(file: Path) -> None:
    """Its reference has the name all the same, and loads the same task."""
    task = load_task(str(file))

    again = load_task(task.reference)

    assert task.reference == f"{file.as_posix()}:Mine"
    assert task.name == "Mine"
    assert fingerprint(again) == fingerprint(task)


def test_another_process_loads_the_same_task(file: Path) -> None:
    """The reference is all that a worker needs."""
    task = load_task(str(file))
    program = (
        "import sys; from epochsearch.tasks.loading import load_task; "
        "from epochsearch.tasks.fingerprint import fingerprint; print(fingerprint(load_task(sys.argv[1])))"
    )

    seen = subprocess.run(
        [sys.executable, "-c", program, task.reference], capture_output=True, text=True, check=True
    )

    assert seen.stdout.strip() == fingerprint(task)


def test_a_file_may_import_its_neighbours(tmp_path: Path) -> None:
    """Two folders with a neighbour of the same name do not get in each other's way."""
    names = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "neighbour.py").write_text(f"NAME = 'from-{folder}'")
        text = (
            "from epochsearch import Task\nimport neighbour\nclass Mine(Task):\n    name = neighbour.NAME\n"
        )
        (tmp_path / folder / "mine.py").write_text(text)
        names.append(load_task(str(tmp_path / folder / "mine.py")).name)

    assert names == ["from-a", "from-b"]


def test_a_changed_file_is_read_again(file: Path) -> None:
    """Loading runs the file as it is now."""
    load_task(str(file))
    file.write_text(ONE.replace("Mine", "Yours"))

    assert load_task(str(file)).name == "Yours"


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    """The message has the path."""
    with pytest.raises(NotFoundError, match=r"nowhere\.py"):
        load_task(str(tmp_path / "nowhere.py"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\n\nx / 0\n", ["ZeroDivisionError", "line 3"]),
        ("import no_such_thing\n", ["ModuleNotFoundError", "no_such_thing", "line 1"]),
        ("class :\n", ["SyntaxError", "line 1"]),
        ("raise SystemExit(3)\n", ["SystemExit"]),
        ("x = 1\n", ["must define a subclass of epochsearch.Task"]),
        ("from epochsearch import Task\n", ["must define a subclass"]),
        (ONE + ONE.replace("Mine", "Other"), ["Mine, Other", "mine.py:Mine"]),
        (ONE + "    def __init__(self, size):\n        pass\n", ["Mine() raised TypeError"]),
    ],
)
def test_what_is_wrong_with_a_file_is_said(file: Path, text: str, words: list[str]) -> None:
    """The message names the file and the reason."""
    file.write_text(text)

    with pytest.raises(TaskError) as caught:
        load_task(str(file))

    for word in ["mine.py", *words]:
        assert word in caught.value.message


def test_an_unknown_name_in_a_file_gets_the_nearest_one(file: Path) -> None:
    """As for built-in tasks."""
    with pytest.raises(TaskError, match="Did you mean 'Mine'"):
        load_task(f"{file}:Mime")


def test_a_file_is_what_stands_in_it_however_soon_it_was_edited(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python tells what it compiled by second and length: an edit of one letter would run as the old file."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    before = file.stat().st_mtime
    load_task(f"{file}")

    file.write_text(ONE.replace("return None", "return True"))
    os.utime(file, (before, before))

    assert load_task(f"{file}").model() is True
    assert [path.name for path in file.parent.iterdir()] == [file.name]
