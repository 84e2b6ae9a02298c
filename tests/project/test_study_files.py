"""Every file under studies/ is a study that runs, and every folder there answers a question."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from epochsearch.cli.app import app
from epochsearch.core.settings import Settings
from epochsearch.search.running.events import SearchEnded
from epochsearch.search.running.service import Stop, search
from epochsearch.search.settings.study_file import read_study_file
from tests.command import REPOSITORY

STUDIES = REPOSITORY / "studies"
FILES = sorted((*STUDIES.glob("*.toml"), *STUDIES.glob("*/*.toml")))
FOLDERS = sorted({file.parent for file in FILES} - {STUDIES})
PARTS = ("Question", "Expectation", "Result", "What did not hold", "Again")
GROUP = typer.main.get_command(app)


@pytest.fixture(params=FILES, ids=lambda file: str(file.relative_to(STUDIES)))
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
    """That of its folder lists all of them."""
    assert file.name in (file.parent / "README.md").read_text()


def test_a_study_file_runs_two_trials(file: Path, tmp_path: Path) -> None:
    """As it stands, but for a smaller budget."""
    small = Settings(trials=2, axes={"epochs": "1:2"}, workers="0")

    *_, ended = search(small.over(read_study_file(str(file))), f"sqlite:///{tmp_path / 'a.db'}", Stop())

    assert isinstance(ended, SearchEnded)
    assert ended.summary.finished == 2
    assert ended.summary.best is not None


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_question_has_its_parts_and_is_in_the_list(folder: Path) -> None:
    """Question, expectation, result, what did not hold and how to do it again, in this order; short lines."""
    text = (folder / "README.md").read_text()
    places = [text.find(f"\n## {part}\n") for part in PARTS]

    assert -1 not in places
    assert places == sorted(places)
    assert f"]({folder.name}/README.md)" in (STUDIES / "README.md").read_text()
    assert all(len(line) <= 80 for block in code_blocks(text) for line in block.splitlines())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_command_of_a_question_can_be_typed(folder: Path) -> None:
    """Its command, its options and the study file are there; each study file of the folder is run by one."""
    text = (folder / "README.md").read_text()
    typed = [shlex.split(line)[1:] for block in code_blocks(text) for line in commands(block)]

    assert typed
    for command, *arguments in typed:
        known = {option for parameter in GROUP.commands[command].params for option in parameter.opts}  # type: ignore[attr-defined]
        assert {word for word in arguments if word.startswith("--")} <= known
        assert all((REPOSITORY / word).is_file() for word in arguments if word.startswith("studies/"))
    run = {arguments[0] for command, *arguments in typed if command == "run"}
    assert {str(file.relative_to(REPOSITORY)) for file in FILES if file.parent == folder} <= run


def code_blocks(text: str) -> list[str]:
    return re.findall(r"```\n(.*?)```", text, flags=re.DOTALL)


def commands(block: str) -> list[str]:
    """Return the commands of a block, each on one line, without what a shell prints before it."""
    lines = re.sub(r" *\\\n *", " ", block).splitlines()
    plain = [line.removeprefix("$ ") for line in lines]
    return [line for line in plain if line.startswith("epochsearch ")]
