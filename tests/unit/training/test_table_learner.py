"""Curves read from a table obey the learner's contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochsearch.core.choice import Choice, Scalar
from epochsearch.core.curve import CurveIdentity
from epochsearch.core.errors import TaskError
from epochsearch.core.point import Configuration
from epochsearch.core.recipe import Recipe
from epochsearch.tasks.table import TableTask
from epochsearch.training.table_learner import TableLearner


@pytest.fixture
def task(tmp_path: Path) -> TableTask:
    path = tmp_path / "curves.csv"
    rows = [f"0.1,16,0,{epoch},{1 / epoch}" for epoch in (1, 2, 3)]
    path.write_text("\n".join(["learning_rate,batch_size,seed,epoch,val_loss", *rows]))
    return TableTask(path)


def identity(*, folds: int = 1, **extras: Scalar) -> CurveIdentity:
    configuration = Configuration(0.1, 16, tuple(extras.items()))
    recipe = Recipe(Choice("adam"), Choice("constant"))
    return CurveIdentity("curves", "f", configuration, recipe, 0, 0, folds, "cpu", "2", 1)


def test_epochs_come_in_order_and_go_on_after_a_freeze(task: TableTask) -> None:
    """A thawed learner stands where the frozen one stood."""
    learner, other = TableLearner(task, identity()), TableLearner(task, identity())
    learner.run_epoch()
    other.thaw(learner.freeze())

    assert other.run_epoch() == learner.run_epoch()
    assert learner.run_epoch().val_loss == 1 / 3


def test_the_record_ends_where_it_ends(task: TableTask) -> None:
    """Nothing is made up beyond the last recorded epoch."""
    learner = TableLearner(task, identity())
    learner.thaw(b"3")

    with pytest.raises(TaskError, match="the recorded curve ends at epoch 3"):
        learner.run_epoch()


def test_what_no_table_records_is_refused(task: TableTask) -> None:
    """Further hyperparameters and folds have no recorded curves."""
    with pytest.raises(TaskError, match="hyperparameter 'width'"):
        TableLearner(task, identity(width=3))
    with pytest.raises(TaskError, match="2 folds"):
        TableLearner(task, identity(folds=2))
