"""The IDX format of MNIST: a header that names type and sizes, high bytes first, and then the numbers.

Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", 1998, last section of its page.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np

from epochsearch.core.errors import TaskError
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.datasets.checked import checked

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_DIMENSIONS = 32  # of a NumPy array of any version


def read_idx_images(name: str, files: tuple[Path, ...]) -> tuple[Array, Array]:
    """Return pixels (rows, 1, height, width) and classes (rows,) as uint8, the test part last.

    name: of the data set. files: images and labels of the training part, then of the test part.

    Raises:
        TaskError: A file cannot be read, is another one, is cut off, or has not as many rows as its pair.
    """
    arrays = [parse_idx(checked(name, file), str(file)) for file in files]
    for file, images, labels in zip(files[1::2], arrays[0::2], arrays[1::2], strict=True):
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
            given = f"holds {_sizes(labels)} labels for {_sizes(images)} pixels"
            raise TaskError(str(file), given, "there must be one label for each image", "Get both again.")
    return np.concatenate(arrays[0::2])[:, None], np.concatenate(arrays[1::2])


def parse_idx(content: bytes, where: str) -> Array:
    """Return the array that the content of an IDX file holds, in this machine's byte order.

    where: how a message names the file.

    Raises:
        TaskError: It is no IDX file, or holds fewer or more numbers than its header says.
    """
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _TYPES:
        rule = "it is no IDX file: two zero bytes, a type and the number of dimensions come first"
        raise TaskError(where, f"begins with {content[:4].hex(' ') or 'nothing'}", rule, "Get it again.")
    kind, dimensions = np.dtype(_TYPES[content[2]]), content[3]
    start = 4 + 4 * dimensions
    if not 1 <= dimensions <= _MOST_DIMENSIONS or len(content) < start:
        rule = f"its header says {dimensions} dimensions, and it ends before their sizes"
        raise TaskError(where, f"of {len(content):,} bytes", rule, "Get it again.")
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    expected = start + math.prod(shape) * kind.itemsize
    if len(content) != expected:
        sizes = "x".join(map(str, shape))
        rule = (
            f"it is {'cut off' if len(content) < expected else 'too long'}: {sizes} numbers need {expected:,}"
        )
        raise TaskError(where, f"of {len(content):,} bytes", rule, "Get it again.")
    numbers = np.frombuffer(content, dtype=kind, offset=start).reshape(shape)
    return numbers.astype(kind.newbyteorder("="), copy=False)


def _sizes(array: Array) -> str:
    return "x".join(map(str, array.shape))
