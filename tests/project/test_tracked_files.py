"""What is committed belongs to everyone: no path of one machine, no address of a package index."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command import REPOSITORY

HOMES = ["/" + home + "/" for home in ("home", "root", "Users", "work", "opt")]
INDEXES = ["index" + "-url", "find" + "-links", "pypi" + ".org", "python" + "hosted"]


def test_no_tracked_file_names_a_path_of_this_machine_or_a_package_index() -> None:
    """Every place is relative to the repository, and packages come from wherever pip looks."""
    found = [
        f"{file}: {needle}"
        for file in tracked_files()
        for needle in [*HOMES, *INDEXES, str(REPOSITORY)]
        if needle in (REPOSITORY / file).read_text(errors="replace")
    ]

    assert found == []


def test_no_tracked_file_is_large() -> None:
    """Data and databases stay outside; a megabyte of source would be a mistake."""
    large = [file for file in tracked_files() if (REPOSITORY / file).stat().st_size > 1_000_000]

    assert large == []


def tracked_files() -> list[Path]:
    if shutil.which("git") is None or not (REPOSITORY / ".git").exists():
        pytest.skip("not a git clone: no list of tracked files")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout
    return [Path(name) for name in listed.split("\0") if name and (REPOSITORY / name).is_file()]
