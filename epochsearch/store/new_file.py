"""A database file that gets its name when it is whole, and what killed processes left on the way to one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil


@contextmanager
def named_when_whole(file: Path) -> Iterator[Path]:
    """Yield a free name beside `file`; what is made there takes the place of `file` if that is still free.

    Raises:
        OSError: The folder cannot be made or written.
    """
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(file)
        yield part
        _name_if_free(part, file)
    finally:
        _remove_part(part)


def _name_if_free(part: Path, file: Path) -> None:
    try:
        file.hardlink_to(part)
    except FileExistsError:
        return  # another program was faster
    except OSError:  # a file system without links
        if not file.exists():
            part.rename(file)


def _remove_abandoned(file: Path) -> None:
    for part in file.parent.glob(f"{file.name}.*.part"):
        pid = part.name.split(".")[-2]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            _remove_part(part)


def _remove_part(part: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            part.with_name(part.name + suffix).unlink(missing_ok=True)
