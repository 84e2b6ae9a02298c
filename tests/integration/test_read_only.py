"""A study in a folder that may only be read: a colleague's share, a mounted backup, an archive."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from epochsearch.core.settings import Settings
from epochsearch.search.running.service import search
from tests.command import run_without_rights

READING = (
    "studies",
    "show s",
    "show s --trial 0",
    "recommend s",
    "export s {out}/trials.csv --curves {out}/curves.csv",
    "report s --html {out}/page.html",
    "verify s --sample 1",
    "train s --out {out}/model",
)
WRITING = ("run digits-linear --study s --trials 3", "test s", "extend s --workers 0")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="root's rights are given up in Linux's way"),
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a study `s` in the default storage; nothing in it may be written."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "studies").mkdir()
    axes = {"epochs": "2", "learning_rate": "0.01", "batch_size": "64"}
    asked = Settings(task="digits-linear", trials=2, axes=axes, workers="0", pruner="none", study="s")
    for _ in search(asked, f"sqlite:///{folder}/studies/epochsearch.db"):
        pass
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)


@pytest.mark.parametrize("command", READING)
def test_what_only_reads_reads(command: str, kept: Path, tmp_path: Path) -> None:
    """And leaves no file behind."""
    before = sorted(kept.rglob("*"))

    ended = run_without_rights(*command.format(out=tmp_path).split(), cwd=kept)

    assert (ended.returncode, "Traceback" in ended.stderr) == (0, False), ended.stderr
    assert sorted(kept.rglob("*")) == before


@pytest.mark.parametrize("command", WRITING)
def test_what_writes_says_that_it_cannot(command: str, kept: Path) -> None:
    """In one line, and shows nothing: a look at the test part is on record or did not happen."""
    ended = run_without_rights(*command.split(), cwd=kept)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "the database cannot be written" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
