"""What is fitted on the training rows, done to others, and written down in full."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from epochsearch import Task
from epochsearch.tasks.facts import examine
from epochsearch.tasks.prepared import prepare, prepare_final, preprocessing, sealed_test, split_rows
from epochsearch.tasks.preprocessing import Preprocessing
from epochsearch.tasks.registry import built_in_task

RNG = np.random.default_rng(0)
X = RNG.normal(3.0, 2.0, size=(60, 4))
CLASSES = np.arange(60) % 3


class Sealed:
    """A Dataset whose items outside `readable` raise; all of it is readable if that is None."""

    def __init__(self, readable: set[int] | None) -> None:
        self.readable = readable

    def __len__(self) -> int:
        return len(X)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        if self.readable is not None and index not in self.readable:
            raise PermissionError(f"item {index} is sealed")
        return X[index].astype(np.float32), CLASSES[index]


def task_of(given: Any, **attributes: Any) -> Task:
    return type("Mine", (Task,), {"data": lambda self: given, **attributes})()


def test_a_search_reads_no_item_of_a_datasets_test_part() -> None:
    """Law 7: neither the split, nor the kind of the target, nor the fingerprint needs one; the test does."""
    rows = split_rows(task_of(Sealed(None)))
    dataset = Sealed({*rows.train.tolist(), *rows.validation.tolist()})
    task = task_of(dataset)

    facts, parts = examine(task), [prepare(task), prepare_final(task)]

    assert (facts.train_rows, facts.test_rows) == (42, 9)
    assert all(len([*part.train.x]) == part.train.rows for part in parts)
    with pytest.raises(PermissionError, match="is sealed"):
        sealed_test(task).x[0]


def test_the_final_training_part_is_training_and_validation_rows() -> None:
    """What is fitted is fitted on both; the test rows could be anything."""
    rows = split_rows(task_of((X, CLASSES)))
    elsewhere = X.copy()
    elsewhere[rows.test] += 1000
    task = task_of((elsewhere, CLASSES))

    final = prepare_final(task)

    both = np.concatenate([rows.train, rows.validation])
    scaled = (X[both] - X[both].mean(axis=0)) / X[both].std(axis=0)
    assert np.allclose(final.train.x, scaled, atol=1e-6)
    assert np.array_equal(final.train.y, CLASSES[both])
    assert np.array_equal(final.validation.y, CLASSES[rows.validation])
    assert prepare(task).train.rows == len(rows.train)


TASKS = {
    "standardised columns": task_of((X, CLASSES)),
    "scaled target": task_of((X, X[:, 0] * 1e3), standardise_target=True),
    "images": task_of((X.reshape(60, 1, 2, 2), CLASSES)),
    "tokens": task_of((CLASSES.reshape(30, 2), CLASSES[:30]), standardise=False),
    "digits": built_in_task("digits"),
}


@pytest.mark.parametrize("name", TASKS)
def test_as_json_it_does_the_same_to_the_last_bit(name: str) -> None:
    """Written down and read back, it makes of the raw rows what the model was trained on."""
    task = TASKS[name]
    part, rows = prepare(task).train, split_rows(task).train
    x, _ = task.data()

    done = Preprocessing.from_dict(json.loads(json.dumps(preprocessing(task).to_dict())))

    again = done.inputs(np.asarray(x)[rows])
    assert again.tobytes() == part.x.tobytes()
    assert again.dtype == part.x.dtype
    assert done.to_dict() == preprocessing(task).to_dict()


def test_names_of_columns_and_classes_are_kept() -> None:
    """Of a DataFrame and of text labels; a Dataset may name its classes."""
    import pandas as pd

    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    named = task_of((frame, np.array(["cat", "dog", "cow"])[CLASSES]))
    dataset = Sealed(None)
    dataset.classes = ["x", "y", "z"]  # type: ignore[attr-defined]

    assert preprocessing(named).columns == ("a", "b", "c", "d")
    assert preprocessing(named).labels == ("cat", "cow", "dog")
    assert preprocessing(task_of(dataset)).labels == ("x", "y", "z")
