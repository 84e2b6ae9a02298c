"""Frozen learners as files beside the database: written atomically, checked when read, swept when unowned.

Workers write the files, the driver alone records them. A file that is missing or damaged costs re-training,
never a wrong value.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

SWEEP_AGE = 600.0  # seconds: a file that nobody recorded by then is an orphan


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of one curve after `epoch` epochs."""

    key: str  # of the curve
    epoch: int
    file: str  # name within the checkpoint folder
    bytes: int
    sha256: str
    seconds: float = 0.0  # training time that it saves
    kept: bool = False  # it stays when the curve goes on: other curves begin there


def write_checkpoint(
    folder: Path, key: str, epoch: int, state: bytes, seconds: float, *, kept: bool = False
) -> Checkpoint:
    """Write `state` and return its record; whoever reads the folder sees the whole file or none.

    Raises:
        OSError: The disk is full or cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{key[:32]}-{epoch}{'-kept' if kept else ''}.checkpoint"
    part = folder / f"{name}.{uuid4().hex}.part"  # other workers may be writing the same one
    try:
        part.write_bytes(state)
        part.replace(folder / name)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return Checkpoint(key, epoch, name, len(state), hashlib.sha256(state).hexdigest(), seconds, kept)


def read_checkpoint(folder: Path, checkpoint: Checkpoint) -> bytes | None:
    """Return the state, or None if the file is gone or is not what was written."""
    try:
        state = (folder / checkpoint.file).read_bytes()
    except OSError:
        return None
    return state if hashlib.sha256(state).hexdigest() == checkpoint.sha256 else None


def remove_files(folder: Path, names: list[str]) -> None:
    """Remove checkpoint files; those already gone are passed over."""
    for name in names:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError:
            continue


def sweep(folder: Path, owned: set[str]) -> None:
    """Remove files that no record owns and that are old enough not to be on their way to one."""
    if not folder.is_dir():
        return
    old = time.time() - SWEEP_AGE
    orphans = [
        entry
        for entry in folder.iterdir()
        if entry.name not in owned and entry.suffix in (".checkpoint", ".part")
    ]
    remove_files(folder, [entry.name for entry in orphans if _modified(entry) < old])


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return float("inf")
