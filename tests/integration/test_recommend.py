"""`recommend` and `run --confirm` on real studies: fresh seeds, what is trained, what is never touched."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from epochsearch import Task
from epochsearch.analysis.recommendation import Noise
from epochsearch.core.settings import Settings
from epochsearch.search.answers.confirming import confirm
from epochsearch.search.answers.race_events import CurveConfirmed, RaceEnded, RaceStarted
from epochsearch.search.answers.recommendation import grounds, recommended
from epochsearch.search.running.progress import Stop
from epochsearch.search.running.service import search
from epochsearch.store.replicates import tried_configurations
from epochsearch.tasks.prepared import split_rows
from tests.command import COMMAND, document, environment, run
from tests.contract.subjects import HERE, write_table

AXES = {"epochs": "2:6", "learning_rate": "1e-3:1e-1", "batch_size": "8,16,32"}
SEALED = """
import epochsearch
import numpy as np
from torch import nn

READABLE = {readable}

class Rows:
    def __len__(self):
        return 90

    def __getitem__(self, row):
        if row not in READABLE:
            raise PermissionError("a test row was touched")
        return np.random.default_rng(row).random(4, dtype=np.float32) + row % 3, row % 3

class Sealed(epochsearch.Task):
    def data(self):
        return Rows()

    def model(self):
        return nn.Linear(4, 3)
"""


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the study `s`: twelve trials, each trained once."""
    file = tmp_path_factory.mktemp("recommend") / "a.db"
    settings = Settings(task=f"{HERE}:Noisy", trials=12, axes=AXES, workers="0", pruner="none", study="s")
    for _ in search(settings, f"sqlite:///{file}"):
        pass
    return file


@pytest.fixture
def url(searched: Path, tmp_path: Path) -> str:
    """The URL of a copy of it."""
    return f"sqlite:///{shutil.copy(searched, tmp_path / 'a.db')}"


def raced(url: str, count: int, seeds: int, stop: Stop | None = None) -> tuple[RaceStarted, int, RaceEnded]:
    """Return how a race began, how many curves it trained, and how it ended."""
    started, *events, ended = confirm(url, "s", count, seeds, workers=0, stop=stop)
    assert isinstance(started, RaceStarted)
    assert isinstance(ended, RaceEnded)
    return started, sum(isinstance(event, CurveConfirmed) for event in events), ended


def test_a_point_trained_once_comes_without_an_error(url: str) -> None:
    """The lowest loss of all curves; nothing is said of how sure it is."""
    found = recommended(url, "s")

    spec, tried = tried_configurations(url, "s")
    lowest = min(min(one.replicates[0].losses[spec.space.min_epochs - 1 :]) for one in tried)
    assert found.best.loss == lowest
    assert found.noise.source == "none"
    assert found.recommended.standard_error is None


def test_a_race_gives_the_error_and_trains_nothing_twice(url: str) -> None:
    """Fresh seeds are those after the search's own; a second race reads them all, more seeds add to them."""
    started, curves, ended = raced(url, 3, 4)
    again = raced(url, 3, 4)
    more = raced(url, 3, 5)

    assert started.seeds == (1, 2, 3, 4)
    assert (curves, ended.epochs_trained) == (12, 4 * sum(one.upto for one in started.contestants))
    assert (again[1], again[2].epochs_trained, again[2].left) == (0, 0, ended.left)
    assert more[1] == ended.left
    found = recommended(url, "s")
    assert (found.noise.source, found.noise.seeds, found.noise.configurations) == ("seeds", 5, 3)
    assert found.recommended.standard_error is not None
    assert found.best_epoch is not None
    assert grounds(url, "s").rivals is not None


def test_contestants_are_the_best_of_the_search_each_at_its_best_epoch(url: str) -> None:
    """One of each configuration: a curve answers for all of its epochs."""
    started, *_ = raced(url, 4, 2)

    spec, tried = tried_configurations(url, "s")
    first = spec.space.min_epochs
    own = {one.identity: one.replicates[0].losses for one in tried}
    best = sorted(own, key=lambda identity: min(own[identity][first - 1 :]))[:4]
    assert [one.identity for one in started.contestants] == best
    assert [own[one.identity][one.point.epochs - 1] for one in started.contestants] == [
        min(own[identity][first - 1 :]) for identity in best
    ]


def test_neighbours_do_not_crowd_a_race(tmp_path: Path) -> None:
    """Of two learning rates a twentieth apart the better one runs, unless all are asked for."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    axes = {"epochs": "4", "learning_rate": "0.01,0.0105,0.0001", "batch_size": "8"}
    settings = Settings(
        task=f"{HERE}:Noisy", sampler="grid", axes=axes, workers="0", pruner="none", study="s"
    )
    for _ in search(settings, url):
        pass

    two, three = raced(url, 2, 2)[0], raced(url, 3, 2)[0]

    assert sorted(one.point.learning_rate for one in two.contestants)[0] == 0.0001
    assert [one.point.learning_rate for one in three.contestants[:2]] == [
        one.point.learning_rate for one in two.contestants
    ]
    assert {one.point.learning_rate for one in three.contestants} == {0.0001, 0.01, 0.0105}


def test_a_stopped_race_goes_on_to_the_same_end(url: str, searched: Path, tmp_path: Path) -> None:
    """What it had trained is kept; the end is that of a race that was never stopped (laws 2 and 4)."""
    other = f"sqlite:///{shutil.copy(searched, tmp_path / 'b.db')}"
    stop, trained = Stop(), 0
    for event in confirm(url, "s", 3, 4, workers=0, stop=stop):
        trained += isinstance(event, CurveConfirmed)
        stop.requested = trained >= 5
    assert isinstance(event, RaceEnded)
    assert event.stopped
    before = event.epochs_trained

    *_, ended = raced(url, 3, 4)
    *_, whole = raced(other, 3, 4)

    assert (
        before + ended.epochs_trained <= whole.epochs_trained + 6
    )  # the curve that was cut has no checkpoint
    assert _losses(url) == _losses(other)


@pytest.mark.slow
def test_a_killed_race_goes_on_with_the_same_command(url: str) -> None:
    """SIGKILL in the middle; then the same command ends with the result of one that was not killed."""
    command = ["recommend", "s", "--confirm", "3", "--seeds", "4", "--storage", url]
    with subprocess.Popen(
        [*COMMAND, *command], env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        seen = [process.stderr.readline() for _ in range(4)]
        process.kill()
    assert all(line.startswith(("racing", "seed")) for line in seen)

    after = document(*command)

    assert after["confirmed"]["epochs_read"] > 0
    assert after["recommended"]["noise"]["source"] == "seeds"


@pytest.mark.slow
def test_ctrl_c_ends_a_race_with_what_it_has(url: str) -> None:
    """Exit code 130, the command that goes on, and a recommendation of what is known."""
    command = ["recommend", "s", "--confirm", "8", "--seeds", "50", "--storage", url]
    process = subprocess.Popen(
        [*COMMAND, *command], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    while not process.stderr.readline().startswith("seed"):
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "stopped early; 8 configurations raced" in said
    assert re.search(r"^Next +.*recommend s --confirm 8 --seeds 50", said, flags=re.MULTILINE)


def test_folds_are_enough_to_say_how_sure(tmp_path: Path) -> None:
    """Every point has one loss a fold; the best epoch has its interval."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    settings = Settings(task=f"{HERE}:Noisy", trials=6, folds=3, axes=AXES, workers="0", study="s")
    for _ in search(settings, url):
        pass

    found = recommended(url, "s")
    raced(url, 2, 2)

    assert (found.noise.source, found.noise.units) == ("folds", 3)
    assert recommended(url, "s").noise == Noise("seeds", 2, 3, 2)
    assert found.best.standard_error is not None
    assert found.best_epoch is not None
    assert found.best_epoch.low <= found.best_epoch.estimate <= found.best_epoch.high


def test_a_run_ends_with_the_recommendation_and_races_if_asked(tmp_path: Path) -> None:
    """Without --confirm nothing more is trained, and the command that makes surer comes next."""
    command = ["run", f"{HERE}:Plain", "--trials", "5", "--epochs", "2:4", "--workers", "0"]
    command += ["--study", "s", "--storage"]
    storage = str(tmp_path / "a.db")

    plain = run(*command, storage)
    raced = document(*command, storage, "--confirm", "2")

    assert re.search(r"^Take     [234] epochs, learning rate ", plain.stdout, flags=re.MULTILINE)
    assert f"Next     epochsearch recommend s --confirm 5 --storage {storage}" in plain.stdout
    assert raced["epochs"]["charged"] <= 20
    assert raced["confirmed"]["configurations"] == 2
    assert raced["recommended"]["noise"] == {"source": "seeds", "seeds": 8, "folds": 1, "configurations": 2}
    assert raced["recommended"]["standard_error"] > 0
    assert document("recommend", "s", "--storage", storage)["recommended"] == raced["recommended"]


def test_no_test_row_is_touched(tmp_path: Path) -> None:
    """Law 7: a task whose test items raise passes `run --confirm` and `recommend`."""
    rows = split_rows(type("Rows", (Task,), {"data": lambda self: _Open()})())
    readable = {*rows.train.tolist(), *rows.validation.tolist()}
    assert len(readable) < 90
    (tmp_path / "sealed.py").write_text(SEALED.format(readable=readable))
    command = ["sealed.py", "--batch-size", "8,16", "--epochs", "2:4", "--trials", "4", "--study", "s"]
    command += ["--workers", "0"]

    searched = document("run", *command, "--confirm", "2", cwd=tmp_path)
    found = document("recommend", "s", cwd=tmp_path)

    assert searched["counts"]["failed"] == 0
    assert found["recommended"] == searched["recommended"]
    assert found["recommended"]["noise"]["seeds"] == 8


def test_a_recorded_table_confirms_with_the_seeds_it_has(tmp_path: Path) -> None:
    """One seed is none to confirm with; further ones are raced without training anything."""
    write_table(tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    random = np.random.default_rng(0)
    more = [_jittered(line, seed, random) for seed in (1, 2, 3) for line in lines[1:]]
    (tmp_path / "b.csv").write_text("\n".join([*lines, *more]) + "\n")
    for name in ("a", "b"):
        document("run", f"table:{name}.csv", "--trials", "8", "--study", name, cwd=tmp_path)

    refused = run("recommend", "a", "--confirm", "2", cwd=tmp_path)
    found = document("recommend", "b", "--confirm", "2", cwd=tmp_path)

    assert refused.returncode == 2
    assert "holds one seed of a configuration" in refused.stderr
    assert found["recommended"]["noise"] == {"source": "seeds", "seeds": 3, "folds": 1, "configurations": 2}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nosuch"], 3, "there is no such study"),
        (["s2"], 3, "Did you mean 's'?"),
        (["s", "--confirm", "0"], 2, "--confirm 0: must be a whole number, at least 1"),
        (["s", "--confirm", "2", "--seeds", "1"], 2, "--seeds 1: must be a whole number, at least 2"),
        (["s", "--seeds", "4"], 2, "nothing is raced without --confirm"),
        (["s", "--confrim", "2"], 2, "Did you mean '--confirm'?"),
    ],
)
def test_mistakes_are_told_in_four_parts(arguments: list[str], code: int, said: str, searched: Path) -> None:
    """Where, what, the rule, what to do."""
    ended = run("recommend", *arguments, "--storage", str(searched))

    assert ended.returncode == code
    assert said in ended.stderr


class _Open:
    """As many items as the sealed data have, all of them readable."""

    def __len__(self) -> int:
        return 90

    def __getitem__(self, row: int) -> tuple[np.ndarray, int]:
        return np.zeros(4, dtype=np.float32), row % 3


def _losses(url: str) -> dict[tuple[str, int], tuple[float, ...]]:
    _, tried = tried_configurations(url, "s")
    return {(one.identity.key, curve.seed): curve.losses for one in tried for curve in one.replicates}


def _jittered(line: str, seed: int, random: np.random.Generator) -> str:
    rate, size, _, epoch, loss, *rest = line.split(",")
    jittered = loss if loss == "nan" else f"{float(loss) + random.normal(0, 0.02):.6f}"
    return ",".join([rate, size, str(seed), epoch, jittered, *rest])
