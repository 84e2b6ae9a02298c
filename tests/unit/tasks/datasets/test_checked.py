"""A file that is not the published one is not trained on, unless its owner says that it is meant."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from epochsearch.core.errors import TaskError
from epochsearch.tasks.datasets.checked import PUBLISHED, checked
from epochsearch.tasks.datasets.places import DATA_SETS, DEBIAN

IMAGES = "t10k-images-idx3-ubyte"
CONTENT = b"made at home"


def sums(folder: Path, name: str, content: bytes) -> None:
    (folder / "SHA256SUMS").write_text(
        f"{hashlib.sha256(content).hexdigest()} *{name}\n\nanother  line here\n"
    )


def test_another_file_than_the_published_one_is_refused(tmp_path: Path) -> None:
    """Its checksum stands beside the known one, and how to use a file of one's own."""
    (tmp_path / IMAGES).write_bytes(CONTENT)

    with pytest.raises(TaskError) as error:
        checked("mnist", tmp_path / IMAGES)

    found = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    assert f"{IMAGES}: its MD5 is {found}, and the published one has 2646ac64" in error.value.message
    assert "SHA256SUMS" in error.value.action


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_file_that_is_listed_beside_itself_is_taken(tmp_path: Path, ending: str) -> None:
    """As sha256sum writes it: the sum is of the file as it lies there, the content comes without wrapping."""
    stored = gzip.compress(CONTENT) if ending else CONTENT
    (tmp_path / f"{IMAGES}{ending}").write_bytes(stored)
    sums(tmp_path, f"{IMAGES}{ending}", stored)

    assert checked("mnist", tmp_path / f"{IMAGES}{ending}") == CONTENT


def test_a_listed_file_that_has_changed_is_refused(tmp_path: Path) -> None:
    """What SHA256SUMS says counts."""
    (tmp_path / IMAGES).write_bytes(b"changed")
    sums(tmp_path, IMAGES, CONTENT)

    with pytest.raises(TaskError, match="and SHA256SUMS beside it says"):
        checked("mnist", tmp_path / IMAGES)


@pytest.mark.parametrize("stored", [gzip.compress(b"much" * 999)[:-20], b"no gzip"], ids=["cut", "foreign"])
def test_a_cut_off_or_foreign_file_says_so(tmp_path: Path, stored: bytes) -> None:
    """Before any checksum of what is in it."""
    (tmp_path / f"{IMAGES}.gz").write_bytes(stored)

    with pytest.raises(TaskError, match=f"of {len(stored)} bytes: it is cut off or no gzip file"):
        checked("mnist", tmp_path / f"{IMAGES}.gz")


def test_every_data_set_has_a_published_checksum() -> None:
    """MD5 or SHA-256 of at least one form in which it is published."""
    assert PUBLISHED.keys() == DATA_SETS.keys()
    assert {len(value) for each in PUBLISHED.values() for value in each.values()} == {32, 64}


def test_the_files_of_debian_are_the_published_ones() -> None:
    """Compressed anew, but the same content."""
    files = sorted((DEBIAN / "fashion-mnist").glob("*.gz"))
    if not files:
        pytest.skip("dataset-fashion-mnist is not installed")

    assert [len(checked("fashion-mnist", file)) for file in files] == [7840016, 10008, 47040016, 60008]
