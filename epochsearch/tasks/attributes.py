"""Whether a task's class holds what its attributes may be, before anything reads them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from epochsearch.core.errors import TaskError
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import place

_KINDS: dict[str, tuple[type, str, str]] = {
    "optimiser": (str, "must be text", '"adam"'),
    "schedule": (str, "must be text", '"constant"'),
    "training": (Mapping, "must be a mapping of techniques to values", '{"clip_norm": 1.0}'),
    "hyperparameters": (Mapping, "must be a mapping of names to ranges", '{"dropout": "0.0:0.5"}'),
    "standardise": (bool, "must be True or False", "False"),
    "standardise_target": (bool, "must be True or False", "True"),
}


def check_attributes(task: Task) -> None:
    """Return if each attribute is of its kind.

    Raises:
        TaskError: One is not.
    """
    for name, (kind, rule, example) in _KINDS.items():
        given: Any = getattr(task, name)
        if not isinstance(given, kind):
            raise TaskError(f"{place(task)} {name}", repr(given), rule, f"Example: {name} = {example}")


def misspelt(task: Task) -> dict[str, str]:
    """Return the attributes of a task's class that look misspelt, with what was meant: nothing reads them."""
    known = {name for name in dir(Task) if not name.startswith("_")}
    own = {
        name
        for kind in type(task).__mro__
        if issubclass(kind, Task) and kind is not Task
        for name in vars(kind)
    }
    near = {name: difflib.get_close_matches(name, known, n=1, cutoff=0.8) for name in sorted(own - known)}
    return {name: matches[0] for name, matches in near.items() if matches}
