"""CIFAR-10's binary version: records of a class and 32x32 pixels in red, green and blue.

The version for Python is pickles, which may run any code when they are read: it is not read.

Source: Krizhevsky, "The CIFAR-10 dataset", 2009, section "Binary version" of its page.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from epochsearch.core.errors import TaskError
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.datasets.archives import members
from epochsearch.tasks.datasets.checked import checked
from epochsearch.tasks.datasets.places import CIFAR_FILES

CLASSES = 10
_IMAGE = (3, 32, 32)
_RECORD = 1 + 3 * 32 * 32  # bytes


def read_cifar(files: tuple[Path, ...]) -> tuple[Array, Array]:
    """Return pixels (rows, 3, 32, 32) and classes (rows,) as uint8, the test part last.

    files: the archive, or the six files in it in the order of CIFAR_FILES.

    Raises:
        TaskError: A file cannot be read, is another one, or is cut off.
    """
    batches = [parse_cifar(content, where) for content, where in _contents(files)]
    images, labels = zip(*batches, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def parse_cifar(content: bytes, where: str) -> tuple[Array, Array]:
    """Return pixels (rows, 3, 32, 32) and classes (rows,) of one file's content, as uint8.

    where: how a message names the file.

    Raises:
        TaskError: It is no whole number of records, or a class is not one of ten.
    """
    if not content or len(content) % _RECORD:
        rule = f"it is cut off or no file of CIFAR-10: its records have {_RECORD:,} bytes each"
        raise TaskError(where, f"of {len(content):,} bytes", rule, "Get the binary version again.")
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, _RECORD)
    labels = records[:, 0]
    if labels.max() >= CLASSES:
        rule = f"classes of CIFAR-10 are 0 to {CLASSES - 1}"
        raise TaskError(where, f"has the class {labels.max()}", rule, "Get the binary version again.")
    return records[:, 1:].reshape(-1, *_IMAGE), labels


def _contents(files: tuple[Path, ...]) -> Iterator[tuple[bytes, str]]:
    """Yield the content of the six files, and how each is named."""
    if len(files) > 1:
        yield from ((checked("cifar10", file), str(file)) for file in files)
        return
    (archive,) = files
    found = {path.name: content for path, content in members(checked("cifar10", archive), str(archive))}
    for name in CIFAR_FILES:
        if name not in found:
            raise TaskError(str(archive), "", f"it holds no {name}", "Get the binary version again.")
        yield found[name], f"{archive}: {name}"
