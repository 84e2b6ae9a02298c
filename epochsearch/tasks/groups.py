"""Rows that belong together and must not be torn apart by a split: of one patient, one speaker, one site."""

from __future__ import annotations

from typing import Any

import numpy as np

from epochsearch.core.errors import EpochsearchError, TaskError
from epochsearch.core.raised import raised
from epochsearch.tasks.arrays import Array, as_array
from epochsearch.tasks.base import Task
from epochsearch.tasks.kept import kept_with, same_randomness
from epochsearch.tasks.losses import place


def groups_of(task: Task, rows: int) -> Array | None:
    """Return the group of each row as a number from 0; None where rows stand alone.

    `task.groups` is called the first time only.

    Raises:
        TaskError: It raises an exception, or does not return one group for each of so many rows.
    """
    kept = kept_with(task)
    if "groups" not in kept:
        kept["groups"] = _checked(task, _called(task), rows)
    found: Array | None = kept["groups"]
    return found


def _called(task: Task) -> Any:
    try:
        with same_randomness():
            return task.groups()
    except EpochsearchError:
        raise
    except Exception as error:
        given = raised(error)
        rule = "groups() must return one group for each row"
        raise TaskError(_where(task), given, rule, "Correct the method.") from error


def _checked(task: Task, given: Any, rows: int) -> Array | None:
    if given is None:
        return None
    names = as_array(given)
    if names.ndim != 1 or len(names) != rows:
        rule = f"there must be one group for each of the {rows:,} rows"
        raise TaskError(_where(task), f"returned shape {names.shape}", rule, "Check how they are made.")
    missing = int(sum(name is None or name != name for name in names.tolist()))
    if missing:
        rule = "every row needs a group"
        raise TaskError(_where(task), f"has {missing} missing values", rule, "Give each such row its own.")
    if names.dtype.kind == "O":
        names = names.astype(str)
    codes: Array = np.unique(names, return_inverse=True)[1].reshape(-1)
    return codes


def _where(task: Task) -> str:
    return f"{place(task)} groups()"
