"""Every file under studies/ is a study that runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from epochsearch.core.settings import Settings
from epochsearch.search.events import SearchEnded
from epochsearch.search.service import Stop, search
from epochsearch.search.study_file import read_study_file
from tests.command import REPOSITORY

FILES = sorted((REPOSITORY / "studies").glob("*.toml"))


@pytest.fixture(params=FILES, ids=lambda file: file.name)
def file(request: pytest.FixtureRequest) -> Iterator[Path]:
    """One study file."""
    return request.param


def test_a_study_file_opens_with_its_question(file: Path) -> None:
    """The first two lines are a comment that asks something; they are what the file is chosen by."""
    first, second, third, *_ = file.read_text().splitlines()

    assert first.startswith("# ")
    assert second.startswith("# ")
    assert "?" in first
    assert not third.startswith("#")


def test_a_study_file_is_named_in_the_readme_beside_it(file: Path) -> None:
    """studies/README.md lists all of them."""
    assert f"`{file.name}`" in (REPOSITORY / "studies" / "README.md").read_text()


def test_a_study_file_runs_two_trials(file: Path, tmp_path: Path) -> None:
    """As it stands, but for a smaller budget."""
    small = Settings(trials=2, axes={"epochs": "1:2"}, workers="0")

    *_, ended = search(small.over(read_study_file(str(file))), f"sqlite:///{tmp_path / 'a.db'}", Stop())

    assert isinstance(ended, SearchEnded)
    assert ended.summary.finished == 2
    assert ended.summary.best is not None
