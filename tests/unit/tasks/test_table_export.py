"""Histories of Weights & Biases and MLflow are tables of recorded curves."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from epochsearch.core.errors import TaskError
from epochsearch.core.point import Configuration
from epochsearch.tasks.table import TableTask

WANDB = """run_id,_step,_runtime,epoch,config.learning_rate,config.batch_size,config.depth,config.data,lr,train/loss,val/loss,val/acc
a1,0,1.0,0,0.1,16,2,iris,0.1,2.5,,
a1,1,2.0,0,0.1,16,2,iris,0.1,2.0,1.5,0.4
a1,2,5.0,1,0.1,16,2,iris,0.05,1.0,NaN,0.1
b2,1,4.0,0,0.01,32,4,iris,0.01,2.2,1.8,0.3
b2,2,6.0,1,0.01,32,4,iris,0.01,1.9,1.6,0.5
c3,1,4.0,0,0.1,16,2,iris,0.1,2.1,1.4,0.4
c3,2,6.0,1,0.1,16,2,iris,0.1,1.1,1.2,0.5
"""  # noqa: E501
MLFLOW = """run_id,key,value,step,timestamp,params.learning_rate,params.batch_size
a1,val_loss,1.5,1,1700000000000,0.1,16
a1,train_loss,2.0,1,1700000000000,0.1,16
a1,val_loss,1.2,2,1700000001000,0.1,16
a1,train_loss,1.0,2,1700000001000,0.1,16
b2,val_loss,1.8,1,1700000000000,0.01,16
b2,val_loss,1.6,2,1700000000000,0.01,16
b2,train_loss,2.0,1,1700000001000,0.01,16
b2,train_loss,1.9,2,1700000001000,0.01,16
"""


def table(folder: Path, text: str) -> TableTask:
    path = folder / "history.csv"
    path.write_text(text)
    return TableTask(path)


def test_a_wandb_history_is_read_run_by_run(tmp_path: Path) -> None:
    """Epochs counted from 0 begin at 1; what an epoch logged in several rows stands in one; NaN stays NaN."""
    reports = table(tmp_path, WANDB).reports(Configuration(0.1, 16, (("depth", 2),)), seed=0)

    assert [report.epoch for report in reports] == [1, 2]
    assert [report.train_loss for report in reports] == [2.0, 1.0]
    assert reports[0].val_loss == 1.5
    assert math.isnan(reports[1].val_loss)
    assert reports[0].metrics == (("accuracy", 0.4),)
    assert [report.seconds for report in reports] == [2.0, 3.0]


def test_runs_of_one_configuration_are_its_seeds(tmp_path: Path) -> None:
    """In the order in which they stand; a configuration's constant columns do not count."""
    task = table(tmp_path, WANDB)

    assert task.recorded_seeds(Configuration(0.1, 16, (("depth", 2),))) == (0, 1)
    assert dict(task.hyperparameters) == {"depth": "2,4"}


def test_an_mlflow_history_is_widened(tmp_path: Path) -> None:
    """A row per run, metric and step; its parameters stand beside it."""
    reports = table(tmp_path, MLFLOW).reports(Configuration(0.01, 16), seed=0)

    assert [(report.val_loss, report.train_loss) for report in reports] == [(1.8, 2.0), (1.6, 1.9)]


def test_a_table_under_other_names_needs_no_runs(tmp_path: Path) -> None:
    """An alias stands for our own column."""
    task = table(tmp_path, "lr,batch_size,seed,epoch,val/loss\n0.1,16,0,1,2.0\n")

    assert task.reports(Configuration(0.1, 16), 0)[0].val_loss == 2.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (WANDB.replace("b2,2,6.0,1", "b2,2,6.0,0"), ["run b2", "epoch 0 twice"]),
        (WANDB.replace("b2,2,6.0,1", "b2,2,6.0,2"), ["epoch 3 where 2 was expected"]),
        (WANDB.replace("val/loss", "val/err"), ["no column for val_loss", "val/err"]),
        (
            WANDB.replace("config.learning_rate", "rate"),
            ["run a1 has lr 0.1 and 0.05", "config.learning_rate"],
        ),
        (MLFLOW.replace("params.batch_size", "params.bsz"), ["no column for batch_size", "params.bsz"]),
        (MLFLOW.replace("b2,val_loss,1.6,2", "b2,val_loss,1.6,1"), ["run b2", "epoch 1 twice"]),
        (
            "rate,size,loss\n1,2,3\n",
            ["no column learning_rate, batch_size, seed, epoch, val_loss", "rate, size"],
        ),
    ],
    ids=["duplicate", "gap", "no loss", "schedule", "no batch size", "MLflow duplicate", "unknown"],
)
def test_what_is_wrong_with_an_export_is_named(tmp_path: Path, text: str, words: list[str]) -> None:
    """The message has the file, the run or the columns that were found."""
    with pytest.raises(TaskError) as caught:
        table(tmp_path, text)

    for word in ["history.csv", *words]:
        assert word in caught.value.message
