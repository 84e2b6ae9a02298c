"""IDX files: what a header says is what is read, and nothing else passes."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from epochsearch.core.errors import TaskError
from epochsearch.tasks.datasets.idx import parse_idx, read_idx_images
from epochsearch.tasks.datasets.places import files_of
from tests.small_classics import grey_images, idx, only_in, write, write_grey

CODES = {"u1": 0x08, "i1": 0x09, ">i2": 0x0B, ">i4": 0x0C, ">f4": 0x0D, ">f8": 0x0E}


@given(st.data(), st.sampled_from(list(CODES)), arrays.array_shapes(max_dims=4, min_side=0, max_side=5))
def test_any_array_is_read_as_it_was_written(data: st.DataObject, kind: str, shape: tuple[int, ...]) -> None:
    """Of every type that the format knows, high bytes first in the file, this machine's order in memory."""
    array = data.draw(arrays.arrays(np.dtype(kind), shape))
    header = bytes([0, 0, CODES[kind], len(shape)]) + struct.pack(f">{len(shape)}I", *shape)

    read = parse_idx(header + array.tobytes(), "f")

    assert read.dtype.isnative
    assert read.shape == shape
    assert read.astype(array.dtype).tobytes() == array.tobytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "f begins with nothing: it is no IDX file: two zero bytes"),
        (b"\x1f\x8b\x08\x00", "f begins with 1f 8b 08 00: it is no IDX file"),
        (b"\0\0\x07\x01\0\0\0\x01a", "f begins with 00 00 07 01: it is no IDX file"),
        (b"\0\0\x08\x00", "f of 4 bytes: its header says 0 dimensions"),
        (b"\0\0\x08\x03\0\0\0\x01", "f of 8 bytes: its header says 3 dimensions, and it ends before"),
        (idx(np.zeros((2, 3)))[:-1], "f of 17 bytes: it is cut off: 2x3 numbers need 18. Get it again."),
        (idx(np.zeros((2, 3))) + b"a", "f of 19 bytes: it is too long: 2x3 numbers need 18. Get it again."),
        (b"\0\0\x08\x02" + b"\xff" * 8, "f of 12 bytes: it is cut off: 4294967295x4294967295 numbers need"),
    ],
)
def test_what_is_no_whole_idx_file_is_told_in_four_parts(content: bytes, message: str) -> None:
    """A wrong header takes no memory either: sizes are checked before anything is made."""
    with pytest.raises(TaskError) as error:
        parse_idx(content, "f")

    assert error.value.message.startswith(message)


def test_the_test_part_comes_last(tmp_path: Path) -> None:
    """Four files become images with one channel and their classes."""
    write_grey(tmp_path / "mnist")

    with only_in(tmp_path):
        images, labels = read_idx_images("mnist", files_of("mnist"))

    expected, classes = grey_images()
    assert images.tobytes() == expected.tobytes()
    assert images.shape == (70, 1, 28, 28)
    assert labels.tolist() == classes.tolist()


def test_labels_of_another_length_are_refused(tmp_path: Path) -> None:
    """Sixty images and fifty-nine labels do not belong together."""
    write(tmp_path / "images.gz", gzip.compress(idx(np.zeros((60, 28, 28)))))
    write(tmp_path / "labels", idx(np.zeros(59)))

    with pytest.raises(TaskError, match="holds 59 labels for 60x28x28 pixels: there must be one label for"):
        read_idx_images("mnist", (tmp_path / "images.gz", tmp_path / "labels"))
