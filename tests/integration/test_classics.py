"""A larger classic for real: Fashion-MNIST as Debian packages it, searched with a convolutional network."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochsearch.tasks.datasets.places import VARIABLE, find
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.raw import raw_data
from epochsearch.tasks.registry import ENTRIES
from tests.command import document, run
from tests.small_classics import WRITERS, only_in

needs_fashion = pytest.mark.skipif(
    find("fashion-mnist") is None, reason="Fashion-MNIST is not here: apt-get install dataset-fashion-mnist"
)
SUBSET = """
from epochsearch.tasks.images import FashionMnist

class Clothes(FashionMnist):
    split = (29 / 35, 1 / 35, 5 / 35)
    train_rows = 3000
"""


@needs_fashion
@pytest.mark.slow
def test_a_search_on_fashion_mnist_reaches_its_stated_quality(tmp_path: Path) -> None:
    """3,000 training rows, three trials of three or four epochs: 0.82 of 2,000 validation rows right."""
    (tmp_path / "clothes.py").write_text(SUBSET)
    arguments = ["run", "clothes.py", "--sampler", "random", "--pruner", "none", "--trials", "3"]
    arguments += ["--epochs", "3:4", "--learning-rate", "1e-3:4e-3", "--batch-size", "32"]

    found = document(*arguments, "--study", "clothes", cwd=tmp_path, timeout=300)

    assert found["counts"]["completed"] == 3
    assert found["best"]["metrics"]["accuracy"] >= 0.82


@needs_fashion
def test_fashion_mnist_has_the_rows_that_its_entry_says() -> None:
    """70,000 of them, 7,000 of each class."""
    raw = raw_data(load_task("fashion-mnist"))

    assert raw.rows == ENTRIES["fashion-mnist"].rows
    assert raw.outputs == 10


def test_tasks_says_whether_the_data_are_here(tmp_path: Path) -> None:
    """How they are held in JSON, `here` or `none` in the table; nothing of them is read."""
    listed = {task["name"]: task["data"] for task in document("tasks", cwd=tmp_path)}

    assert listed["digits"] == "installed"
    assert set(listed.values()) <= {"installed", "EPOCHSEARCH_DATA", "Debian", "scikit-learn", None}
    table = run("tasks", cwd=tmp_path).stdout.splitlines()
    shown = {line.split()[0]: line.split()[1] for line in table if line and line.split()[0] in ENTRIES}
    assert shown == {name: "here" if way else "none" for name, way in listed.items()}


def test_a_task_without_its_data_ends_with_the_three_ways(tmp_path: Path) -> None:
    """Exit code 3, and no traceback."""
    with only_in(tmp_path):
        ended = run("run", "california-housing", cwd=tmp_path)

    assert ended.returncode == 3
    assert "EPOCHSEARCH_DATA" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("name", WRITERS)
def test_a_search_runs_on_files_as_they_are_published(name: str, tmp_path: Path) -> None:
    """Small ones in the published formats, found by EPOCHSEARCH_DATA; standard output is JSON alone."""
    WRITERS[name](tmp_path / name)
    axes = ["--epochs", "1:2", "--learning-rate", "1e-3:1e-2", "--batch-size", "16"]
    arguments = ["run", name, "--trials", "2", "--workers", "0", "--pruner", "none", *axes]

    found = document(*arguments, cwd=tmp_path, settings={VARIABLE: str(tmp_path)})

    assert found["task"] == name
    assert found["counts"]["completed"] == 2
    assert found["best"]["value"] > 0
