"""What an exception of a user's own code says, and in which line of the user's it arose."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from epochsearch.core.errors import typed_line

_LIBRARY = Path(os.__file__).resolve().parent
_OWN = Path(__file__).resolve().parents[1]
_INSTALLED = {"site-packages", "dist-packages"}


def placed_line(error: BaseException) -> str:
    """Return "KeyError: 'lable' (task.py, line 8)": type, first line, and the last line of the user's own."""
    return typed_line(error) + _place(error)


def raised(error: BaseException) -> str:
    """Return all that it says, as what a method did: "raised KeyError: 'lable' (task.py, line 8)"."""
    name, said = type(error).__name__, " ".join(str(error).split()).rstrip(".")
    return f"raised {name}: {said}{_place(error)}" if said else f"raised {name}{_place(error)}"


def _place(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _of_the_user(frame.filename)]
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""


def _of_the_user(filename: str) -> bool:
    """Return whether a file is neither Python's, nor installed, nor ours."""
    if filename.startswith("<"):
        return False
    path = Path(filename).resolve()
    return _INSTALLED.isdisjoint(path.parts) and not any(map(path.is_relative_to, (_LIBRARY, _OWN)))
