"""What to type after a search: the commands that look at it, and the one that goes on with it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path


def go_on_command(arguments: Sequence[str], study: str) -> str:
    """Return the command that goes on with `study`: the one that was typed, with its name if that was not."""
    program = Path(arguments[0]).name if arguments else "epochsearch"
    words = ["python", "-m", "epochsearch"] if program == "__main__.py" else [program]
    words += arguments[1:]
    if not any(word == "--study" or word.startswith("--study=") for word in words):
        words += ["--study", study]
    return shlex.join(words)


def same_command(arguments: Sequence[str]) -> str:
    """Return the command that was typed, to be typed again."""
    program = Path(arguments[0]).name if arguments else "epochsearch"
    words = ["python", "-m", "epochsearch"] if program == "__main__.py" else [program]
    return shlex.join([*words, *arguments[1:]])


def next_commands(arguments: Sequence[str], study: str, *, interrupted: bool) -> list[str]:
    """Return what to type next; a storage that was named on the command line is named again."""
    looks = next_looks(arguments, study)
    return [go_on_command(arguments, study), *looks] if interrupted else looks


def next_looks(arguments: Sequence[str], study: str) -> list[str]:
    """Return the commands that look at a study, write a page about it, and look at all of them."""
    storage = storage_words(arguments)
    return [
        shlex.join(["epochsearch", "show", study, *storage]),
        shlex.join(["epochsearch", "report", study, *storage]),
        shlex.join(["epochsearch", "dashboard", *storage]),
    ]


def storage_words(arguments: Sequence[str]) -> list[str]:
    """Return the words that name the storage on the command line that was typed; none if it was not named."""
    storage: list[str] = []
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if word == "--storage":
            storage = [word, following]
        elif word.startswith("--storage="):
            storage = [word]
    return storage
