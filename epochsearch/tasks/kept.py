"""What is computed from a task once and kept with it, and the one randomness that its methods run under."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from epochsearch.tasks.base import Task

TREATMENTS_KEPT = 4
"""Treatments whose data are kept: each is a copy of them."""

_TORCH_INITIAL_SEED = 67280421310721  # what torch starts with, so that data are the same in any process


def kept_with(task: Task) -> dict[object, Any]:
    """Return the dict that keeps what is computed from a task's data, for the life of the task object."""
    kept: dict[object, Any] = vars(task).setdefault("_kept", {})
    return kept


def kept_for(task: Task, treatment: object) -> dict[object, Any]:
    """Return the dict that keeps what one treatment makes of a task's data; the last few are there."""
    treatments: dict[object, dict[object, Any]] = kept_with(task).setdefault("treatments", {})
    if treatment not in treatments and len(treatments) >= TREATMENTS_KEPT:
        treatments.pop(next(iter(treatments)))
    return treatments.setdefault(treatment, {})


@contextmanager
def same_randomness() -> Iterator[None]:
    """Seed the global random sources for the block: data made with them are the same in every process.

    NumPy's global generator is outdated, but a user's code may draw from it: hence the `noqa`.
    """
    torch = sys.modules.get("torch")
    states = random.getstate(), np.random.get_state()  # noqa: NPY002
    torch_state = torch.get_rng_state() if torch else None
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    if torch:
        torch.manual_seed(_TORCH_INITIAL_SEED)
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        if torch:
            torch.set_rng_state(torch_state)
