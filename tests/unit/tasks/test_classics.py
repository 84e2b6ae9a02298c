"""The larger classics on small files: the same task by every way, the published test part sealed."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from epochsearch.core.errors import NotFoundError
from epochsearch.tasks.base import Task
from epochsearch.tasks.fingerprint import fingerprint
from epochsearch.tasks.images import Cifar10, Mnist
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.prepared import prepare, sealed_test, split_rows
from epochsearch.tasks.raw import raw_data
from epochsearch.tasks.registry import ENTRIES
from tests.small_classics import (
    cache_housing,
    cache_news,
    cache_openml,
    colour_images,
    grey_images,
    only_in,
    write_all,
)

NAMES = [name for name, entry in ENTRIES.items() if entry.origin.data_set]
TEST_ROWS = {"mnist": 10, "fashion-mnist": 10, "cifar10": 14, "20newsgroups": 40}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every data set in small files, in a user's folder and in scikit-learn's cache."""
    folder = write_all(tmp_path_factory.mktemp("classics"))
    for number in (554, 40996):
        cache_openml(folder / "cache", number, *grey_images())
    cache_openml(folder / "cache", 40927, *colour_images())
    cache_housing(folder / "cache")
    cache_news(folder / "cache")
    return folder


@pytest.fixture
def own(home: Path) -> Iterator[Path]:
    """Let data come from the user's folder."""
    with only_in(home):
        yield home


@pytest.mark.parametrize("name", [name for name in NAMES if name != "fashion-mnist"])
def test_scikit_learns_cache_gives_the_same_task_as_the_files(name: str, home: Path, tmp_path: Path) -> None:
    """Rows, order and values, to the last bit: curves are shared however the data came.

    Fashion-MNIST is left out: Debian's package, where it is installed, comes before the cache.
    """
    shutil.copytree(home / "cache", tmp_path / "cache")
    with only_in(home):
        by_files = fingerprint(load_task(name))

    with only_in(tmp_path):
        fetched = fingerprint(load_task(name))

    assert fetched == by_files


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_what_the_entry_says(name: str, own: Path) -> None:
    """Shape and classes; the number of rows is that of the real data."""
    raw, entry = raw_data(load_task(name)), ENTRIES[name]

    assert raw.inputs == entry.inputs
    assert (None if raw.target == "values" else raw.outputs) == entry.classes


@pytest.mark.parametrize("name", TEST_ROWS)
def test_the_published_test_part_is_the_sealed_one(name: str, own: Path) -> None:
    """The last rows of the files, and no others."""
    task = load_task(name)
    rows = split_rows(task)

    count = raw_data(task).rows
    assert rows.test.tolist() == list(range(count - TEST_ROWS[name], count))
    assert sealed_test(task).rows == TEST_ROWS[name]


class Counted(Mnist):
    """As many rows as the real data."""

    def data(self):
        return np.zeros((70_000, 1)), np.arange(70_000) % 10


class CountedInColour(Cifar10):
    """The same."""

    def data(self):
        return np.zeros((60_000, 1)), np.arange(60_000) % 10


@pytest.mark.parametrize(("kind", "trained"), [(Counted, 50_000), (CountedInColour, 40_000)])
def test_the_parts_of_the_real_data_have_round_numbers(kind: type[Task], trained: int) -> None:
    """Of 70,000 and of 60,000 rows, 10,000 are for the validation and 10,000 for the test."""
    rows = split_rows(kind())

    assert (len(rows.train), len(rows.validation), len(rows.test)) == (trained, 10_000, 10_000)


def test_pixels_are_scaled_to_one(own: Path) -> None:
    """By a constant: nothing of the images is fitted."""
    images, _ = grey_images()

    found = raw_data(load_task("mnist")).x

    assert found.dtype == np.float32
    assert found[:, 0].tolist() == (images.astype(np.float32) / np.float32(255)).tolist()


def test_prices_are_standardised_on_the_training_part(own: Path) -> None:
    """Measures and prices have mean 0 and deviation 1 there, and only there."""
    part = prepare(load_task("california-housing")).train

    assert part.x.mean(axis=0) == pytest.approx(0, abs=1e-5)
    assert part.x.std(axis=0) == pytest.approx(1, abs=1e-5)
    assert part.y is not None
    assert (part.y.mean(), part.y.std()) == pytest.approx((0, 1), abs=1e-5)


def test_words_of_headers_and_signatures_are_not_among_the_tokens(own: Path) -> None:
    """Each small post has eight words of its own: a word on topic X number N, caf(e)."""
    x = raw_data(load_task("20newsgroups")).x

    assert x.shape == (100, 256)
    assert set((x != 0).sum(axis=1).tolist()) == {8}


def test_a_changed_file_in_the_cache_is_not_trained_on(home: Path, tmp_path: Path) -> None:
    """fetch_openml compares checksums; there is no other one to be fetched here."""
    shutil.copytree(home / "cache", tmp_path / "cache")
    (file,) = (tmp_path / "cache").rglob("download/554/*.gz")
    file.write_bytes(gzip.compress(b"@DATA\n" + b"0," * 784 + b"1\n"))

    with only_in(tmp_path), pytest.raises(NotFoundError, match="fetching them failed"):
        load_task("mnist").data()
