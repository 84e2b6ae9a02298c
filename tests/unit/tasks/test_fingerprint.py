"""What changes a fingerprint and what does not, and the facts of a task."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from epochsearch import Task
from epochsearch.tasks.facts import examine
from epochsearch.tasks.fingerprint import fingerprint
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.registry import built_in_task

TEXT = """
import numpy as np
from epochsearch import Task
import layers

class Mine(Task):
    def data(self):
        return np.arange(40.0).reshape(20, 2), np.arange(20) % 2
"""


def fingerprint_of(folder: Path, text: str = TEXT, layers: str = "WIDTH = 3") -> str:
    (folder / "layers.py").write_text(layers)
    (folder / "mine.py").write_text(text)
    return fingerprint(load_task(str(folder / "mine.py")))


def test_layout_comments_and_docstrings_do_not_count(tmp_path: Path) -> None:
    """Code that does the same gives the same curves."""
    decorated = TEXT.replace("class Mine(Task):", "# a note\nclass Mine( Task ):\n    'What it is.'\n")

    assert fingerprint_of(tmp_path, decorated) == fingerprint_of(tmp_path)


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        (TEXT.replace("% 2", "// 10"), "WIDTH = 3"),  # other data
        (TEXT + "    standardise = False\n", "WIDTH = 3"),  # other code
        (TEXT, "WIDTH = 4"),  # another neighbour
    ],
)
def test_data_code_and_imported_neighbours_count(tmp_path: Path, text: str, layers: str) -> None:
    """Change any of them and the curves are new ones."""
    assert fingerprint_of(tmp_path, text, layers) != fingerprint_of(tmp_path)


def test_data_count_when_the_code_is_the_same(tmp_path: Path) -> None:
    """A file that the code reads may change behind its back."""
    values = tmp_path / "values.txt"
    text = (
        f"import numpy as np\nfrom epochsearch import Task\nclass Mine(Task):\n    def data(self):\n"
        f"        return np.loadtxt({str(values)!r}).reshape(-1, 1), np.arange(20) % 2\n"
    )
    np.savetxt(values, np.arange(20.0))
    before = fingerprint_of(tmp_path, text)

    np.savetxt(values, np.arange(20.0) + 1)

    assert fingerprint_of(tmp_path, text) != before


def test_a_metric_that_was_typed_in_counts() -> None:
    """Where no file holds it, its code does: what the epochs of a curve hold hangs on it."""

    def task_with(body: str) -> Task:
        typed: dict[str, Any] = {"__name__": "typed"}
        exec(f"def score(outputs, targets):\n    return {body}\n", typed)
        data = {"data": lambda self: (np.zeros((20, 2)), np.arange(20) % 2)}
        return type("Mine", (Task,), {**data, "metrics": (typed["score"],)})()

    assert fingerprint(task_with("0.5")) == fingerprint(task_with("0.5"))
    assert fingerprint(task_with("0.5")) != fingerprint(task_with("0.6"))


def test_facts_of_digits() -> None:
    """1,797 rows in three parts; who guesses by the training shares scores about log 10."""
    facts = examine(built_in_task("digits"))

    assert (facts.train_rows, facts.validation_rows, facts.test_rows) == (1257, 270, 270)
    assert (facts.inputs, facts.classes) == ((64,), 10)
    assert facts.chance_loss == pytest.approx(math.log(10), abs=1e-3)


@pytest.mark.parametrize(
    ("y", "loss", "expected"),
    [
        (np.repeat([0, 1], 20), None, math.log(2)),
        (np.repeat([0, 1], 20), "binary-cross-entropy", math.log(2)),
        (np.repeat([0.0, 2.0], 20), "mse", 1.0),
        (np.repeat([0, 1], 20), lambda outputs, targets: outputs, None),
    ],
)
def test_the_chance_loss_is_that_of_a_constant(y: Any, loss: Any, expected: float | None) -> None:
    """Entropy for classes, variance for values, unknown for a loss of one's own."""
    x = np.arange(40.0).reshape(40, 1)
    task = type("Mine", (Task,), {"data": lambda self: (x, y), "loss": loss})()

    found = examine(task).chance_loss

    assert found == (None if expected is None else pytest.approx(expected, rel=1e-2))
