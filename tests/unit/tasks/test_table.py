"""Recorded curves: what a table gives, and what is wrong with it if it gives nothing."""

from __future__ import annotations

import gzip
import lzma
import math
from pathlib import Path

import pytest

from epochsearch.core.errors import NotFoundError, TaskError
from epochsearch.core.point import Configuration
from epochsearch.tasks.facts import examine
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.table import TableTask

HEADER = "learning_rate,batch_size,seed,epoch,val_loss"
GOOD = f"""{HEADER},val_accuracy,test_loss,seconds
0.1,16,7,2,0.5,0.8,0.6,2.5
0.1,16,7,1,1.0,0.5,1.1,2.0
0.1,16,3,1,1.2,0.4,1.3,2.0
0.1,16,3,2,nan,0.1,nan,2.0
0.001,64,3,1,2.0,0.2,2.1,1.0
0.001,64,3,2,1.8,0.3,1.9,1.0
"""


def table(folder: Path, text: str) -> TableTask:
    path = folder / "curves.csv"
    path.write_text(text)
    return TableTask(path)


def test_a_table_offers_what_it_holds(tmp_path: Path) -> None:
    """Its axes are the recorded learning rates, batch sizes and epochs."""
    task = table(tmp_path, GOOD)

    assert (task.epochs, task.learning_rate, task.batch_size) == ("1:2", "0.001:0.1", "16,64")
    assert task.name == "curves"
    assert task.recorded


def test_a_curve_is_read_in_the_order_of_its_epochs(tmp_path: Path) -> None:
    """Losses, metrics and seconds are the recorded ones; the test loss is not among them."""
    reports = table(tmp_path, GOOD).reports(Configuration(0.1, 16), seed=1)

    assert [report.epoch for report in reports] == [1, 2]
    assert [report.val_loss for report in reports] == [1.0, 0.5]
    assert [report.train_loss for report in reports] == [1.0, 0.5]
    assert [report.seconds for report in reports] == [2.0, 2.5]
    assert reports[1].metrics == (("accuracy", 0.8),)


def test_seeds_go_round_the_recorded_ones(tmp_path: Path) -> None:
    """Seed 0 is the lowest recorded seed, and after the last one it begins again."""
    task = table(tmp_path, GOOD)

    curves = [task.reports(Configuration(0.1, 16), seed) for seed in range(4)]

    assert task.recorded_seeds(Configuration(0.1, 16)) == (3, 7)
    assert [curve[0].val_loss for curve in curves] == [1.2, 1.0, 1.2, 1.0]


def test_a_proposal_goes_to_the_nearest_configuration(tmp_path: Path) -> None:
    """Near is meant in the logarithm; a combination that was not recorded gives way to one that was."""
    task = table(tmp_path, GOOD)

    assert task.snap(Configuration(0.02, 31)) == Configuration(0.1, 16)
    assert task.snap(Configuration(0.02, 33)) == Configuration(0.001, 64)


def test_a_diverged_epoch_is_not_finite(tmp_path: Path) -> None:
    """NaN stays NaN, and a curve that ends in huge numbers is infinite from there."""
    rows = [f"0.1,16,0,{epoch},{loss}" for epoch, loss in enumerate(["1.0", "1e9", "0.9", "1e9", "1e30"], 1)]
    task = table(tmp_path, "\n".join([HEADER, *rows]))

    losses = [report.val_loss for report in task.reports(Configuration(0.1, 16), 0)]

    assert losses == [1.0, 1e9, 0.9, math.inf, math.inf]
    assert not table(tmp_path, GOOD).reports(Configuration(0.1, 16), 0)[1].finite


def test_test_losses_are_asked_for_by_name(tmp_path: Path) -> None:
    """They are there for the final evaluation, if they were recorded."""
    assert table(tmp_path, GOOD).test_losses(Configuration(0.1, 16), 1) == (1.1, 0.6)
    assert table(tmp_path, f"{HEADER}\n0.1,16,0,1,1.0\n").test_losses(Configuration(0.1, 16), 1) is None


def test_the_chance_loss_is_the_usual_loss_after_one_epoch(tmp_path: Path) -> None:
    """The median over the curves."""
    assert examine(table(tmp_path, GOOD)).chance_loss == 1.2


def test_compressed_tables_and_parquet_are_the_same(tmp_path: Path) -> None:
    """The way it is packed makes no difference to the curves."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    (tmp_path / "curves.csv.xz").write_bytes(lzma.compress(GOOD.encode()))
    (tmp_path / "curves.csv.gz").write_bytes(gzip.compress(GOOD.encode()))
    parquet.write_table(csv.read_csv(pa.BufferReader(GOOD.encode())), tmp_path / "curves.parquet")
    expected = table(tmp_path, GOOD).reports(Configuration(0.1, 16), 1)

    for name in ("curves.csv.xz", "curves.csv.gz", "curves.parquet"):
        task = load_task(f"table:{tmp_path / name}")
        assert isinstance(task, TableTask)
        assert task.reports(Configuration(0.1, 16), 1) == expected


def test_a_missing_table_is_not_found(tmp_path: Path) -> None:
    """The message has the path."""
    with pytest.raises(NotFoundError, match=r"none\.csv"):
        load_task(f"table:{tmp_path / 'none.csv'}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["readable"]),
        (f"{HEADER}\n", ["no rows"]),
        ("learning_rate,epoch,val_loss\n0.1,1,2\n", ["no column batch_size, seed"]),
        (f"{HEADER}\n0.1,16,0,1,1\n0.1,16,0,1,2\n", ["epoch 1 twice", "0.1, 16, 0"]),
        (f"{HEADER}\n0.1,16,0,1,1\n0.1,16,0,3,2\n", ["epoch 3 where 2 was expected"]),
        (f"{HEADER}\n0.1,16,0,0,1\n0.1,16,0,1,2\n", ["epoch is 0 in row 1"]),
        (f"{HEADER}\n0.1,16,0,1,good\n", ["good"]),
        (f"{HEADER}\n-0.1,16,0,1,1\n", ["learning_rate is -0.1", "above 0"]),
        (f"{HEADER}\n0.1,16.5,0,1,1\n", ["batch_size is 16.5", "whole"]),
        (f"{HEADER}\n0.1,,0,1,1\n", ["batch_size is nan"]),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, text: str, words: list[str]) -> None:
    """The message names the table and what is wrong in it."""
    with pytest.raises(TaskError) as caught:
        table(tmp_path, text)

    for word in ["curves.csv", *words]:
        assert word in caught.value.message


def test_an_unreadable_archive_is_refused(tmp_path: Path) -> None:
    """A file that is not what its name says."""
    (tmp_path / "curves.csv.xz").write_bytes(b"nonsense")

    with pytest.raises(TaskError, match="LZMAError"):
        TableTask(tmp_path / "curves.csv.xz")


def test_further_hyperparameters_are_axes_and_part_of_a_configuration(tmp_path: Path) -> None:
    """A proposal is moved to the nearest one over all of them; its curve is that one's."""
    rows = [
        f"0.1,16,{width},{act},0,1,{loss}"
        for width, act, loss in [(8, "relu", 1.0), (64, "relu", 2.0), (64, "tanh", 3.0)]
    ]
    header = "learning_rate,batch_size,param_width,param_act,seed,epoch,val_loss"
    task = table(tmp_path, "\n".join([header, *rows]))

    near = task.snap(Configuration(0.3, 20, (("act", "tanh"), ("width", 50))))

    assert dict(task.hyperparameters) == {"act": "relu,tanh", "width": "8,64"}
    assert near == Configuration(0.1, 16, (("act", "tanh"), ("width", 64)))
    assert task.reports(near, 0)[0].val_loss == 3.0


def test_of_curves_of_many_lengths_the_largest_table_is_searched(tmp_path: Path) -> None:
    """Two of four epochs make 8, three of three 9; one that diverged early has an end that is known."""
    lengths = {0.1: 4, 0.2: 4, 0.3: 3, 0.4: 1}
    rows = [f"{rate},16,0,{epoch},1.0" for rate, count in lengths.items() for epoch in range(1, count + 1)]
    task = table(tmp_path, "\n".join([HEADER, *rows, "0.5,16,0,1,nan"]))

    assert task.epochs == "1:3"
    assert task.learning_rates == (0.1, 0.2, 0.3, 0.5)
    assert task.snap(Configuration(0.4, 16)).learning_rate != 0.4
