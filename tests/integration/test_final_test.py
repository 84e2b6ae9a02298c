"""`test` as a service: one evaluation, its intervals, and every look counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochsearch.core.errors import NotFoundError
from epochsearch.core.settings import Settings
from epochsearch.search.chosen import Chosen, chosen_scores
from epochsearch.search.final_test import final_test
from epochsearch.search.service import search

TASKS = "tests/integration/final_tasks.py"


def searched(folder: Path, task: str, **more: object) -> str:
    url = f"sqlite:///{folder / 'a.db'}"
    axes = {"epochs": "3", "learning_rate": "0.05", "batch_size": "16"}
    given = {"trials": 1, "axes": axes, "workers": "0", "pruner": "none", "study": "s"} | more
    for _ in search(Settings(task=task, **given), url):  # type: ignore[arg-type]
        pass
    return url


@pytest.mark.parametrize("kind", ["Named", "Values", "Lazy", "Estimator", "Own"])
def test_a_look_is_evaluated_once_and_counted_always(kind: str, tmp_path: Path) -> None:
    """The score is that of the chosen state, within its intervals; a second look reads the record."""
    storage = searched(tmp_path, f"{TASKS}:{kind}", folds=1 if kind == "Lazy" else 2)

    first, second = final_test(storage, "s"), final_test(storage, "s")

    (score,) = chosen_scores(storage, [Chosen("s", first.point.used.trial.number)], workers=1)
    assert score is not None
    assert (first.test.loss, first.test.metrics) == (score.loss, score.metrics)
    assert (second.test, second.intervals) == (first.test, first.intervals)
    assert (first.from_record, first.looks, second.from_record, second.looks) == (False, 1, True, 2)
    values = {"loss": score.loss, **dict(score.metrics)}
    assert {name for name, _, _ in first.intervals} == values.keys()
    assert all(low <= values[name] <= high for name, low, high in first.intervals)


def test_an_unknown_trial_is_not_looked_at(tmp_path: Path) -> None:
    """No look is counted for it."""
    storage = searched(tmp_path, f"{TASKS}:Named")

    with pytest.raises(NotFoundError, match="study s has no such trial"):
        final_test(storage, "s", trial=9)

    assert final_test(storage, "s").looks == 1
