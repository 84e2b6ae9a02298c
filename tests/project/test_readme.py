"""The README cannot fall behind the command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from epochsearch.cli.app import app
from epochsearch.core.settings import Settings
from epochsearch.core.techniques import TECHNIQUES
from epochsearch.search.running.events import SearchEnded
from epochsearch.search.running.service import Stop, search
from tests.command import REPOSITORY, run

README = (REPOSITORY / "README.md").read_text()
GROUP = typer.main.get_command(app)
COMMANDS = sorted(GROUP.commands)  # type: ignore[attr-defined]


def test_the_readme_quotes_the_real_help() -> None:
    """The block after `$ epochsearch --help` is what the command prints, line for line."""
    block = re.search(r"```\w*\n\$ epochsearch --help\n(.*?)```", README, flags=re.DOTALL)

    assert block is not None
    assert lines(block[1]) == lines(run("--help").stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_help_and_is_in_the_readme(command: str) -> None:
    """Whoever reads `--help` or the README meets every command."""
    assert GROUP.commands[command].get_short_help_str()  # type: ignore[attr-defined]
    assert f"`epochsearch {command}" in README


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_a_technique_of_training_is_in_the_readme(technique: str) -> None:
    """`--training` does not list them: the README does."""
    assert re.search(rf"^\| .*`{technique}`", README, flags=re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_and_argument_of_a_command_has_help(command: str) -> None:
    """An option without a word of explanation is a riddle."""
    parameters = GROUP.commands[command].params  # type: ignore[attr-defined]

    assert [parameter.name for parameter in parameters if not parameter.help] == []


def test_the_task_in_the_readme_runs(tmp_path: Path) -> None:
    """Copied into a file, the example is searched as the text beside it says."""
    (block,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    (tmp_path / "mine.py").write_text(block)
    settings = Settings(task=str(tmp_path / "mine.py"), trials=2, axes={"epochs": "1:2"}, workers="0")

    *_, ended = search(settings, f"sqlite:///{tmp_path / 'a.db'}", Stop())

    assert isinstance(ended, SearchEnded)
    assert ended.summary.best is not None
    assert [name for name, _ in ended.summary.spec.space.extras] == ["dropout"]


@pytest.mark.parametrize("target", re.findall(r"make ([a-z]+)", README))
def test_a_make_target_that_the_readme_names_exists(target: str) -> None:
    """`make run` and the others are targets of the Makefile."""
    makefile = (REPOSITORY / "Makefile").read_text()

    assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_a_file_that_the_readme_links_to_exists(link: str) -> None:
    """Links within the repository lead somewhere."""
    assert (REPOSITORY / link).exists()


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]
