"""Files to begin with: a task that works, its study and its test, copied into a folder of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from epochsearch.core.errors import UsageError, nearest

TEMPLATES: Mapping[str, str] = {
    "tabular": "a table of numbers, classes",
    "image": "images, a small CNN, augmentation",
    "text": "tokens, padding, dropped tokens",
    "lightning": "a LightningModule and its datamodule",
    "custom": "a loss and a metric of your own",
}
"""Each template and what it shows."""

_FOLDER = Path(__file__).resolve().parent / "template_files"
FILES = ("task.py", "study.toml", "test_task.py")


def write_template(name: str, folder: Path) -> tuple[Path, ...]:
    """Copy a template into a folder, made if it is not there, and return the files written.

    Raises:
        UsageError: There is no such template, a file is there already, or the folder cannot be written.
    """
    if name not in TEMPLATES:
        raise UsageError("--template", name, "there is no such template", nearest(name, TEMPLATES))
    targets = tuple(folder / file for file in FILES)
    for target in targets:
        if target.exists():
            raise UsageError("DIR", str(target), "the file is there already", "Give another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for target in targets:
            target.write_bytes(_source(name, target.name).read_bytes())
    except OSError as error:
        rule = f"it cannot be written ({error.strerror})"
        raise UsageError("DIR", str(folder), rule, "Give another folder.") from error
    return targets


def _source(name: str, file: str) -> Path:
    own = _FOLDER / name / file
    return own if own.exists() else _FOLDER / file
