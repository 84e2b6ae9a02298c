"""Law 7: a task whose test rows raise when they are touched passes every command but the final test.

A new command has to take its place here, in OPEN or among those that read no task.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer

from epochsearch.cli.app import app
from epochsearch.core.settings import Settings
from epochsearch.report.model_card import model_card
from epochsearch.search.final.final_model import FinalRequest, ModelMade, train
from epochsearch.search.running.service import search
from epochsearch.store.used_curves import used_curves
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.prepared import split_rows
from tests.command import document, run

OPEN = (
    "studies",
    "show s",
    "show s --trial 0",
    "report s --html page.html",
    "profile sealed.py --batch-sizes 16",
    "check sealed.py",
    "recommend s",
    "recommend s --confirm 1 --seeds 2 --workers 0",
    "extend s --top 1 --max-epochs 5 --gain 1% --study x --workers 0",
    "export s trials.csv --curves curves.csv",
    "verify s --sample 1 --workers 1",
    "audit s --pruners median --shuffles 2",
    "train s",
    "train s --keep --out models/kept",
    "predict models/s rows.npy",
    "compare sealed.py --samplers tpe,random --seeds 1 --trials 2 --epochs 1:2 --no-test --no-html",
    "run sealed.py --study s --trials 4 --workers 0 --epochs 1:3 --batch-size 16 --pruner none",
)
"""Commands that read a task and must leave its test part sealed; the folder has the study `s` and a model."""

ELSEWHERE = {"tasks", "init", "dashboard"}
"""Commands that read no task."""

UNSEALING = {"test"}
"""The commands that look at the test part, which is what they are for."""

TASK = """
from pathlib import Path

import numpy as np
from torch import nn

import epochsearch

TEST = {test}
OPENED = Path(__file__).with_name("opened")


class Rows:
    def __init__(self):
        self.x = np.random.default_rng(0).normal(size=(90, 4)).astype(np.float32)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        if int(index) in TEST and not OPENED.exists():
            raise PermissionError("a row of the test part was touched")
        return self.x[index], int(self.x[index, 0] > 0)


class Sealed(epochsearch.Task):
    def data(self):
        return Rows()

    def model(self):
        return nn.Linear(4, 2)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the task, a study `s` of it in the default storage, a model and new rows."""
    folder = tmp_path_factory.mktemp("sealed")
    (folder / "opened").touch()
    (folder / "sealed.py").write_text(TASK.format(test=set()))
    test = split_rows(load_task(f"{folder / 'sealed.py'}")).test
    (folder / "sealed.py").write_text(TASK.format(test=set(test.tolist())))
    (folder / "opened").unlink()
    np.save(folder / "rows.npy", np.zeros((3, 4), dtype=np.float32))
    for command in (*OPEN[-1:], "train s --out models/s --force"):
        ended = run(*command.split(), cwd=folder)
        assert ended.returncode == 0, ended.stderr
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("command", OPEN)
def test_a_command_leaves_the_test_part_sealed(command: str, folder: Path) -> None:
    """Each item of the test part raises when it is read; the command ends well all the same."""
    ended = run(*command.split(), *(["--force"] if command.startswith("train") else []), cwd=folder)

    assert (ended.returncode, "touched" in ended.stderr) == (0, False), ended.stderr


@pytest.mark.slow
def test_the_final_test_touches_it_and_a_look_that_fails_is_none(folder: Path) -> None:
    """`test` is stopped by the first test row while they raise; once they do not, that is the first look."""
    refused = run("test", "s", cwd=folder)
    (folder / "opened").touch()
    try:
        looked = document("test", "s", cwd=folder)
    finally:
        (folder / "opened").unlink()

    assert (refused.returncode, "a row of the test part was touched" in refused.stderr) == (1, True)
    assert looked["looks"] == {"study": 1, "point": 1, "from_record": False}
    assert looked["test"]["loss"]["low"] <= looked["test"]["loss"]["value"] <= looked["test"]["loss"]["high"]


def test_every_command_is_here() -> None:
    """Whoever adds one says whether it may look."""
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]

    assert {command.split()[0] for command in OPEN} | ELSEWHERE | UNSEALING >= commands


def test_other_test_targets_change_nothing_but_the_fingerprint(tmp_path: Path) -> None:
    """Of data in memory: with absurd test targets the search and the model are the same to the last bit."""
    found = [_searched_and_trained(tmp_path / name, poison) for name, poison in (("a", "0.0"), ("b", "1e12"))]

    assert found[0] == found[1]


def _searched_and_trained(folder: Path, poison: str) -> tuple[object, ...]:
    folder.mkdir()
    mine = folder / "values.py"
    mine.write_text(VALUES)
    rows = split_rows(load_task(f"{mine}")).test
    mine.write_text(VALUES.replace("# poison", f"y[{rows.tolist()}] += {poison}"))
    storage = f"sqlite:///{folder / 'a.db'}"
    axes = {"epochs": "1:4", "batch_size": "16"}
    asked = Settings(task=f"{mine}", trials=6, axes=axes, workers="0", study="s")
    for _ in search(asked, storage):
        pass
    *_, last = train(storage, FinalRequest("s", folder / "m"), model_card)
    assert isinstance(last, ModelMade)
    return [*_told(storage)], last.record.written.files


def _told(storage: str) -> Iterator[object]:
    for one in used_curves(storage, "s"):
        yield one.trial.point, one.trial.outcome, one.trial.value
        for curve in one.curves:
            yield [replace(report, seconds=0.0, memory_bytes=None) for report in curve.reports]


VALUES = """
import numpy as np
from torch import nn

import epochsearch


class Values(epochsearch.Task):
    standardise_target = True

    def data(self):
        x = np.random.default_rng(0).normal(size=(90, 4))
        y = x @ np.arange(4.0)
        # poison
        return x, y

    def model(self):
        return nn.Linear(4, 1)
"""
