"""CIFAR-10, California housing and the 20 newsgroups: archives and extracted files say the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from epochsearch.core.errors import TaskError
from epochsearch.tasks.datasets.cifar import parse_cifar, read_cifar
from epochsearch.tasks.datasets.housing import read_housing
from epochsearch.tasks.datasets.news import body, read_news
from epochsearch.tasks.datasets.places import CIFAR_ARCHIVE, CIFAR_FILES, NEWS_FOLDERS
from tests.small_classics import (
    colour_images,
    districts,
    posts,
    write,
    write_archive,
    write_colour,
    write_districts,
    write_posts,
)

POST = """From: a@b.c
Subject: Re: engines

In article <1> someone@example.com writes:
> what do you think?
| and you?

I think: not much.

That is: nothing.
--
A. Name, Department of Engines
"""


def test_cifar_is_the_same_from_the_archive_and_from_its_files(tmp_path: Path) -> None:
    """Class first, then red, green and blue; the test file last."""
    write_colour(tmp_path)
    contents = {
        f"cifar-10-batches-bin/{name}": (tmp_path / name).read_bytes() for name in reversed(CIFAR_FILES)
    }
    write_archive(tmp_path / CIFAR_ARCHIVE, contents)

    loose = read_cifar(tuple(tmp_path / name for name in CIFAR_FILES))
    packed = read_cifar((tmp_path / CIFAR_ARCHIVE,))

    images, labels = colour_images()
    for found in (loose, packed):
        assert np.array_equal(found[0], images)
        assert np.array_equal(found[1], labels)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "f of 0 bytes: it is cut off or no file of CIFAR-10: its records have 3,073 bytes each"),
        (bytes(3073 * 2 - 1), "f of 6,145 bytes: it is cut off or no file of CIFAR-10"),
        (b"\x0a" + bytes(3072), "f has the class 10: classes of CIFAR-10 are 0 to 9. Get the binary version"),
    ],
)
def test_what_is_no_file_of_cifar_is_told_in_four_parts(content: bytes, message: str) -> None:
    """The version of 100 classes has records of another size; pickles have no such size at all."""
    with pytest.raises(TaskError) as error:
        parse_cifar(content, "f")

    assert error.value.message.startswith(message)


def test_an_archive_without_one_of_the_files_says_which(tmp_path: Path) -> None:
    """As the archive of the version for Python, which holds pickles and is not read."""
    write_archive(tmp_path / CIFAR_ARCHIVE, {"cifar-10-batches-py/data_batch_1": b"cos\nsystem\n"})

    with pytest.raises(TaskError, match="it holds no data_batch_1"):
        read_cifar((tmp_path / CIFAR_ARCHIVE,))


def test_an_archive_that_is_cut_off_says_so(tmp_path: Path) -> None:
    """Not a traceback of the library that unpacks it."""
    random = np.random.default_rng(0).bytes(50_000)
    write_archive(tmp_path / "whole.tgz", dict.fromkeys(CIFAR_FILES, random))
    write(tmp_path / CIFAR_ARCHIVE, (tmp_path / "whole.tgz").read_bytes()[:60_000])

    with pytest.raises(TaskError, match="of 60,000 bytes: it is cut off or no archive"):
        read_cifar((tmp_path / CIFAR_ARCHIVE,))


def test_districts_are_what_scikit_learn_makes_of_them(tmp_path: Path) -> None:
    """Income, age, rooms, bedrooms, people, people a household, latitude, longitude; prices in 100,000."""
    write_districts(tmp_path)
    content = (tmp_path / "cal_housing.data").read_bytes()
    write_archive(tmp_path / "cal_housing.tgz", {"CaliforniaHousing/cal_housing.data": content})

    loose, packed = read_housing(tmp_path / "cal_housing.data"), read_housing(tmp_path / "cal_housing.tgz")

    first = districts()[0]
    assert loose[0].shape == (80, 8)
    assert loose[0][0].tolist() == [
        first[7], first[2], first[3] / first[6], first[4] / first[6], first[5], first[5] / first[6],
        first[1], first[0],
    ]  # fmt: skip
    assert loose[1][0] == first[8] / 100_000
    for one, other in zip(loose, packed, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"1,2,3\n", "has 3 numbers a line: a district has 9"),
        (b"1,2,3\n1,2\n", "it is no table of numbers"),
        (b"<html>", "it is no table of numbers"),
    ],
)
def test_what_is_no_table_of_districts_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    """A page of an error instead of the file, for one."""
    (tmp_path / "cal_housing.data").write_bytes(content)

    with pytest.raises(TaskError, match=message):
        read_housing(tmp_path / "cal_housing.data")


def test_posts_are_the_same_from_the_archive_and_from_its_folders(tmp_path: Path) -> None:
    """Sorted by part, group and number, the test part last; letters beyond ASCII survive."""
    write_posts(tmp_path)
    write_archive(
        tmp_path / "20news-bydate.tar.gz", {name: text.encode("latin-1") for name, text in posts().items()}
    )
    (tmp_path / NEWS_FOLDERS[0] / "topic.a" / ".listing").write_text("no text of the data")

    loose = read_news(tuple(tmp_path / folder for folder in NEWS_FOLDERS))
    packed = read_news((tmp_path / "20news-bydate.tar.gz",))

    assert loose == packed == sorted(loose)
    assert {post.text for post in loose} == set(posts().values())
    assert [post.part for post in loose] == [0] * 60 + [1] * 40


def test_an_archive_without_a_test_part_is_refused(tmp_path: Path) -> None:
    """The published test part is what makes results comparable."""
    write_archive(tmp_path / "20news-bydate.tar.gz", {"20news-bydate-train/a.b/1": b"x"})

    with pytest.raises(TaskError, match="has 1 texts: needs 20news-bydate-train and 20news-bydate-test"):
        read_news((tmp_path / "20news-bydate.tar.gz",))


def test_the_body_of_a_post_is_what_its_author_wrote() -> None:
    """No header, no quotation and what introduces it, no signature."""
    assert body(POST) == "I think: not much.\n\nThat is: nothing."


def test_a_post_without_a_body_is_empty() -> None:
    """Nothing is invented."""
    assert body("Subject: none") == body("Subject: a\n\n> b\n--\nc") == ""
