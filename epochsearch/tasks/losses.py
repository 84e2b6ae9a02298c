"""Which loss a task asks for: one of three names, or a function of the user's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, cast

from epochsearch.core.errors import TaskError, nearest
from epochsearch.tasks.base import Task

Target: TypeAlias = Literal["classes", "binary", "values"]
LossFunction: TypeAlias = Callable[[Any, Any], Any]

TARGETS: dict[str, Target] = {"cross-entropy": "classes", "binary-cross-entropy": "binary", "mse": "values"}
"""The kind of target that each named loss is of."""


def loss_of(task: Task) -> str | LossFunction | None:
    """Return the loss's name, a function (outputs, targets) -> mean loss, or None: by the type of the target.

    A plain function as a class attribute (`loss = my_loss`) is not bound to the task; a method with `self`
    is.

    Raises:
        TaskError: The name is unknown, or it is neither a name nor a function.
    """
    loss: object = task.loss  # a user's class may hold anything
    if loss is None:
        return None
    if isinstance(loss, str):
        if loss not in TARGETS:
            raise TaskError(
                f"{place(task)} loss", repr(loss), "there is no such loss", nearest(loss, TARGETS)
            )
        return loss
    if not callable(loss):
        rule = "must be a name or a function (outputs, targets) -> mean loss"
        raise TaskError(f"{place(task)} loss", repr(loss), rule, f"Names: {', '.join(TARGETS)}.")
    plain = inspect.getattr_static(type(task), "loss", None)
    if (
        inspect.isfunction(plain)
        and "loss" not in vars(task)
        and len(inspect.signature(plain).parameters) == 2
    ):
        return cast(LossFunction, plain)
    return cast(LossFunction, loss)


def place(task: Task) -> str:
    """Return how a message names the task: its reference, else its class."""
    return task.reference or type(task).__qualname__
