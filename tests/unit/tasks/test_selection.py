"""Columns are chosen on the training rows alone, and those left out tell the model nothing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from torch import nn

import epochsearch
from epochsearch.core.errors import TaskError
from epochsearch.tasks.prepared import prepare, preprocessing, split_rows
from epochsearch.tasks.preprocessing import Preprocessing
from epochsearch.tasks.treatment import check_choices, treatment_of
from epochsearch.training.learner import make_learner
from tests.contract.subjects import identity

WAYS = ("select_best", "select_recursive")


def selected(task: epochsearch.Task, **training: int) -> tuple[int, ...] | None:
    treatment = treatment_of(task, identity(task, training=training))
    return preprocessing(task, treatment=treatment).selected


class Few(epochsearch.Task):
    """Columns 2 and 7 of twelve decide; column 5 never changes."""

    values = False
    poisoned = False

    def data(self):
        x = np.random.default_rng(0).normal(size=(200, 12))
        x[:, 5] = 3.0
        told = x[:, 2] - 2 * x[:, 7]
        y = told if self.values else (told > 0).astype(int)
        if self.poisoned:  # what column 0 is worth on other than training rows must not be seen
            others = np.setdiff1d(np.arange(200), split_rows(Few()).train)
            x[others, 0] = 100 * y[others]
        return x, y

    def model(self):
        return nn.Linear(12, 2)


class FewValues(Few):
    values = True

    def model(self):
        return nn.Linear(12, 1)


class Poisoned(Few):
    poisoned = True


class Image(Few):
    def data(self):
        return np.zeros((40, 1, 4, 4), dtype=np.float32), np.arange(40) % 2


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("task", [Few(), FewValues(), Poisoned()])
def test_the_columns_that_decide_are_found(task: epochsearch.Task, way: str) -> None:
    """For classes and for values, whatever the rows of validation and test would say."""
    assert selected(task, **{way: 2}) == (2, 7)


@pytest.mark.parametrize("way", WAYS)
def test_more_columns_hold_the_fewer_ones(way: str) -> None:
    """One ranking serves every number of columns; one that never changes comes last."""
    chosen = [selected(Few(), **{way: count}) for count in range(1, 13)]

    assert all(set(few or ()) < set(more or ()) for few, more in pairwise(chosen))
    assert chosen[-2] is not None
    assert way != "select_best" or 5 not in chosen[-2]
    assert selected(Few()) is None


def test_a_column_that_is_left_out_has_no_effect() -> None:
    """A curve on two columns is the curve on data in which the others hold their mean; k may be searched."""
    columns = prepare(Few()).train.x.mean(axis=0)

    report = make_learner(Few(), identity(Few(), extras={"select_best": 2})).run_epoch()
    other = make_learner(Few(), identity(Few())).run_epoch()

    assert report.finite
    assert report.train_loss != other.train_loss
    assert np.abs(columns).max() < 1e-6


def test_a_model_takes_its_columns_along() -> None:
    """New rows go the same way as those it was trained on; a model of before there was selection has all."""
    task = Few()
    treatment = treatment_of(task, identity(task, training={"select_best": 2}))
    done = preprocessing(task, treatment=treatment)
    rows = np.asarray(task.data()[0])[split_rows(task).train]

    again = Preprocessing.from_dict(done.to_dict())

    assert again.selected == (2, 7)
    seen = prepare(task, treatment=treatment).train.x
    assert (again.inputs(rows) == seen).all()
    assert not np.delete(seen, [2, 7], axis=1).any()
    later = ("selected", "fill", "categories")
    before = {key: value for key, value in preprocessing(task).to_dict().items() if key not in later}
    assert Preprocessing.from_dict(before).to_dict() == preprocessing(task).to_dict()


@pytest.mark.parametrize(
    ("task", "training", "message"),
    [
        (Few(), {"select_best": 13}, "select_best 13: the task has 12 input columns. Keep at most 12"),
        (Few(), {"select_best": 2, "select_recursive": 2}, "columns are selected in one way"),
        (Image(), {"select_best": 2}, "needs a table"),
    ],
)
def test_a_selection_that_cannot_be_made_is_told(
    task: epochsearch.Task, training: dict[str, int], message: str
) -> None:
    """In words of the task."""
    with pytest.raises(TaskError, match=message):
        check_choices(task, identity(task, training=training).recipe, {})
    with pytest.raises(TaskError, match=message):
        selected(task, **training)
