"""The files in a compressed archive, read in memory: nothing is unpacked, so no path in it can do harm."""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from epochsearch.core.errors import TaskError


def members(archive: bytes, where: str) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield the path and the content of each file in a .tar.gz, in the order in which they stand.

    where: how a message names the archive.

    Raises:
        TaskError: It is cut off, or is no such archive.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
            for member in opened:
                found = opened.extractfile(member) if member.isfile() else None
                if found is not None:
                    yield PurePosixPath(member.name), found.read()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        rule = f"it is cut off or no archive ({str(error).rstrip('.')})"
        raise TaskError(where, f"of {len(archive):,} bytes", rule, "Get it again.") from error
