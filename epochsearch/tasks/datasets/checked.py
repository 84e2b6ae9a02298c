"""The content of a file of a published data set, if it is that file: its checksum must be the known one.

The four IDX files of MNIST and of Fashion-MNIST are known by the MD5 of what is in them, however they were
compressed; the archives of CIFAR-10 (MD5, from its page), of California housing and of the 20 newsgroups
(SHA-256, as scikit-learn has them) as they are. Extracted files of these three have no published checksum:
their readers check sizes and values. A file SHA256SUMS beside a file, as `sha256sum` writes it, is gone by
instead.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Mapping
from pathlib import Path

from epochsearch.core.errors import TaskError
from epochsearch.tasks.datasets.places import CIFAR_ARCHIVE, HOUSING_ARCHIVE, NEWS_ARCHIVE

OWN_SUMS = "SHA256SUMS"

PUBLISHED: Mapping[str, Mapping[str, str]] = {
    "mnist": {
        "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    },
    "fashion-mnist": {
        "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
        "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
        "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
    },
    "cifar10": {CIFAR_ARCHIVE: "c32a1d4ab5d03f1284b67883e8d87530"},
    "california-housing": {
        HOUSING_ARCHIVE: "aaa5c9a6afe2225cc2aed2723682ae403280c4a3695a2ddda4ffb5d8215ea681"
    },
    "20newsgroups": {NEWS_ARCHIVE: "8f1b2514ca22a5ade8fbb9cfa5727df95fa587f4c87b786e15c759fa66d95610"},
}
"""Checksums by data set and file: MD5 (32 digits) or SHA-256 (64), of the content without gzip's wrapping."""


def checked(name: str, file: Path) -> bytes:
    """Return the content of a file of the data set `name`, out of gzip's wrapping where its name ends in .gz.

    An archive that is published as such (.tar.gz, .tgz) stays wrapped.

    Raises:
        TaskError: It cannot be read, is cut off, or is another file than the published one.
    """
    stored = _read(file)
    own = _own_sum(file)
    if own is not None:
        _compare(stored, own, file, f"{OWN_SUMS} beside it says", "Get it again, or mend that file.")
    plain = file.name.removesuffix(".gz")
    content = stored if file.name in PUBLISHED[name] or plain == file.name else _unwrapped(stored, file)
    published = PUBLISHED[name].get(file.name) or PUBLISHED[name].get(plain)
    if own is None and published is not None:
        action = f"Get it again; a file of your own making is to be in {OWN_SUMS} beside it."
        _compare(content, published, file, "the published one has", action)
    return content


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        rule = f"it cannot be read ({error.strerror})"
        raise TaskError(str(file), "", rule, "Check its permissions.") from error


def _unwrapped(stored: bytes, file: Path) -> bytes:
    try:
        return gzip.decompress(stored)
    except (OSError, EOFError, zlib.error) as error:
        rule = f"it is cut off or no gzip file ({str(error).rstrip('.')})"
        raise TaskError(str(file), f"of {len(stored):,} bytes", rule, "Get it again.") from error


def _own_sum(file: Path) -> str | None:
    """Return the SHA-256 that a file beside this one says it has, None if it says nothing of it."""
    sums = file.with_name(OWN_SUMS)
    if not sums.is_file():
        return None
    lines = (line.split(maxsplit=1) for line in sums.read_text(encoding="utf-8").splitlines())
    listed = {parts[1].strip().removeprefix("*"): parts[0].lower() for parts in lines if len(parts) == 2}
    return listed.get(file.name)


def _compare(content: bytes, expected: str, file: Path, who: str, action: str) -> None:
    kind = "md5" if len(expected) == 32 else "sha256"
    found = hashlib.new(kind, content, usedforsecurity=False).hexdigest()
    if found != expected:
        shown = {"md5": "MD5", "sha256": "SHA-256"}[kind]
        raise TaskError(str(file), "", f"its {shown} is {found}, and {who} {expected}", action)
