"""The three ways to data that no package carries: which comes first, and what is said when none has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochsearch.core.errors import NotFoundError
from epochsearch.tasks.datasets.places import CIFAR_FILES, DATA_SETS, IDX_FILES, VARIABLE, find, missing
from epochsearch.tasks.loading import load_task
from tests.small_classics import (
    WRITERS,
    cache_housing,
    cache_news,
    cache_openml,
    colour_images,
    grey_images,
    only_in,
    write_all,
    write_grey,
)


@pytest.mark.parametrize("name", DATA_SETS)
def test_a_folder_of_the_user_comes_first(name: str, tmp_path: Path) -> None:
    """A folder of the data set's name below EPOCHSEARCH_DATA."""
    WRITERS[name](tmp_path / name)

    with only_in(tmp_path):
        place = find(name)

    assert place is not None
    assert place.way == "EPOCHSEARCH_DATA"
    assert all(file.is_relative_to(tmp_path / name) for file in place.files)


def test_a_folder_laid_out_by_torchvision_is_found(tmp_path: Path) -> None:
    """Whoever has them for another tool has them here."""
    write_grey(tmp_path / "MNIST" / "raw")

    with only_in(tmp_path):
        place = find("mnist")

    assert place is not None
    assert [file.name.removesuffix(".gz") for file in place.files] == list(IDX_FILES)


def test_scikit_learns_cache_is_found(tmp_path: Path) -> None:
    """As its fetchers leave it; a description whose data are gone does not count."""
    cache = tmp_path / "cache"
    cache_openml(cache, 554, *grey_images())
    cache_openml(cache, 40927, *colour_images())
    cache_housing(cache)
    cache_news(cache)
    (cache / "openml" / "openml.org" / "data/v1/download/40927/small.arff.gz").unlink()

    with only_in(tmp_path):
        found = {name: place.way for name in DATA_SETS if (place := find(name))}

    found.pop("fashion-mnist", None)  # Debian's package may be installed
    assert found == dict.fromkeys(("mnist", "california-housing", "20newsgroups"), "scikit-learn")


def test_a_torn_description_in_the_cache_is_no_data(tmp_path: Path) -> None:
    """It is fetched anew rather than stumbled over."""
    description = tmp_path / "cache/openml/openml.org/api/v1/json/data/554.gz"
    description.parent.mkdir(parents=True)
    description.write_bytes(b"\x1f\x8b\x08\x00")

    with only_in(tmp_path):
        assert find("mnist") is None


@pytest.mark.parametrize("name", ["mnist", "california-housing", "20newsgroups"])
def test_without_data_and_network_the_three_ways_are_named(name: str, tmp_path: Path) -> None:
    """The user's folder, Debian's package, the fetcher, and why fetching failed."""
    with only_in(tmp_path), pytest.raises(NotFoundError) as error:
        load_task(name).data()

    message = error.value.message
    assert message.startswith(f"the data of {name}: they are not in {tmp_path}, and fetching them failed (")
    assert f"Set EPOCHSEARCH_DATA to a folder with {DATA_SETS[name].folders[0]}/" in message
    assert "run fashion-mnist with Debian's dataset-fashion-mnist; or go online once" in message
    assert DATA_SETS[name].fetcher in message


def test_debians_package_is_named_for_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One command gets Fashion-MNIST."""
    monkeypatch.delenv(VARIABLE, raising=False)

    message = missing("fashion-mnist", "no route").message

    assert "they are not on this machine, and fetching them failed (no route). Set" in message
    assert "; apt-get install dataset-fashion-mnist; or go online once" in message


def test_a_folder_that_has_some_of_the_files_says_which_it_has_not(tmp_path: Path) -> None:
    """A download that was broken off is not silently replaced by another way's data."""
    write_all(tmp_path)
    (tmp_path / "mnist" / IDX_FILES[3]).unlink()
    (tmp_path / "cifar10" / CIFAR_FILES[2]).unlink()

    with only_in(tmp_path):
        for name, file in (("mnist", IDX_FILES[3]), ("cifar10", CIFAR_FILES[2])):
            with pytest.raises(NotFoundError) as error:
                load_task(name).data()

            assert f"{tmp_path / name} has some of their files and no {file}. Put it" in error.value.message
