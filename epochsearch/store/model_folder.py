"""A trained model as a folder: described by `model.json`, made whole or not at all, checked when it is read.

It stands where the user wants it, apart from any database. What is in the file of weights is the training
room's business; here a file is a name, a length and a digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from epochsearch.core.errors import NotFoundError, StorageError, UsageError, nearest, room_action
from epochsearch.core.model import FORMAT, ModelFile, ModelRecord

RECORD = "model.json"
CARD = "README.md"


def check_free(folder: Path, *, force: bool) -> None:
    """Return if a model folder may be made there; force: an older model may be replaced.

    Raises:
        UsageError: Something is there that must not be replaced.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError("--out", str(folder), "this is a file", "Name a folder that is not there yet.")
    if not any(folder.iterdir()):
        return
    if not (folder / RECORD).is_file():
        rule = "this folder holds something else than a model, and is left alone"
        raise UsageError("--out", str(folder), rule, "Name another folder.")
    if not force:
        rule = "there is a model in this folder already"
        raise UsageError("--out", str(folder), rule, "Name another folder, or add --force to replace it.")


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `folder` when the block ends without an error.

    Until then whatever was there stays. See `check_free` for what must not be replaced.

    Raises:
        StorageError: It cannot be made or written.
    """
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(folder)
        part.mkdir()
        yield part
        _put_in_place(part, folder)
    except OSError as error:
        rule = f"it cannot be written ({error.strerror or error})"
        action = room_action(error, "Name a place that can be written.")
        raise StorageError("--out", str(folder), rule, action) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def describe(folder: Path, record: ModelRecord, card: str) -> None:
    """Write the record and the card beside the model's own files.

    Raises:
        OSError: The folder cannot be written.
    """
    text = json.dumps(record.to_dict(), indent=1, allow_nan=False)
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")
    (folder / CARD).write_text(card, encoding="utf-8")


def read_record(folder: Path) -> ModelRecord:
    """Return the description of the model in a folder, after a check of all its files.

    Raises:
        NotFoundError: There is no such folder, or no model in it (with the nearest name beside it).
        StorageError: A file is gone, damaged or of a newer epochsearch.
    """
    if not folder.is_dir():
        beside = [str(path) for path in _listed(folder.parent) if (path / RECORD).is_file()]
        action = nearest(str(folder), beside) if beside else "Make one: epochsearch train STUDY"
        raise NotFoundError("MODEL", str(folder), "there is no such folder", action)
    if not (folder / RECORD).is_file():
        action = "Make one: epochsearch train STUDY"
        raise NotFoundError("MODEL", str(folder), f"this folder has no {RECORD}, so it is no model", action)
    record = _record(folder)
    for file in record.written.files:
        _check(folder, file)
    return record


def _record(folder: Path) -> ModelRecord:
    where, action = str(folder / RECORD), "Make the model again: epochsearch train STUDY --force"
    try:
        stored = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        newer = stored["format"] > FORMAT
        record = None if newer else ModelRecord.from_dict(stored)
    except OSError as error:
        rule = f"it cannot be read ({error.strerror})"
        raise StorageError(where, "", rule, "Make it readable.") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StorageError(where, "", "it does not describe a model", action) from error
    if record is None:
        rule = f"its format is {stored['format']}, this epochsearch knows up to {FORMAT}"
        raise StorageError(where, "", rule, "Upgrade: pip install -U epochsearch")
    return record


def _check(folder: Path, file: ModelFile) -> None:
    action = "Make the model again: epochsearch train STUDY --force"
    try:
        content = (folder / file.name).read_bytes()
    except OSError as error:
        rule = f"it cannot be read ({error.strerror})"
        raise StorageError(str(folder / file.name), "", rule, action) from error
    if hashlib.sha256(content).hexdigest() != file.sha256:
        rule = f"it is not the file that {RECORD} describes"
        raise StorageError(str(folder / file.name), "", rule, action)


def _listed(folder: Path) -> list[Path]:
    with suppress(OSError):
        return list(folder.iterdir())
    return []


def _put_in_place(part: Path, folder: Path) -> None:
    """Give the finished folder its name; an older one goes first, and comes back if that fails."""
    if not folder.exists():
        part.rename(folder)
        return
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    folder.rename(old)
    try:
        part.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _remove_abandoned(folder: Path) -> None:
    """Remove what killed processes left on their way to this folder; a whole older model comes back."""
    for kind in ("part", "old"):
        for left in folder.parent.glob(f".{folder.name}.*.{kind}"):
            pid = left.name.split(".")[-2]
            if not pid.isdecimal() or psutil.pid_exists(int(pid)):
                continue
            if kind == "old" and not folder.exists():
                left.rename(folder)
            else:
                shutil.rmtree(left, ignore_errors=True)
