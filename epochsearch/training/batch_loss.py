"""The mean loss of a training batch: outputs through a loss, or what the task's own step says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from epochsearch.core.errors import EpochsearchError, TaskError
from epochsearch.core.raised import raised
from epochsearch.core.recipe import Recipe
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import place
from epochsearch.training.evaluation import Loss

BatchLoss: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""From a batch's inputs and targets to its mean loss, whose gradients are followed."""


def batch_loss(task: Task, model: nn.Module, loss: Loss, recipe: Recipe) -> BatchLoss:
    """Return the loss of a batch, in the precision of the recipe.

    loss: of training; a task that has a `training_step` of its own computes its own.

    Raises:
        TaskError: The task has a step of its own, and the recipe changes the loss of training.
    """
    if type(task).training_step is not Task.training_step:
        return _own(task, model, recipe)
    forward = _forward(model, recipe)
    return lambda x, y: loss(forward(x), y)


def _own(task: Task, model: nn.Module, recipe: Recipe) -> BatchLoss:
    where = f"{place(task)} training_step()"
    for name in ("label_smoothing", "class_weights"):
        if name in recipe.techniques:
            rule = f"{name} changes the loss of training, which training_step() computes itself"
            raise TaskError(f"{place(task)} training", name, rule, "Leave it out.")
    mixed = recipe.precision != "float32"

    def taken(x: Tensor, y: Tensor) -> Tensor:
        try:
            if not mixed:
                return _checked(task.training_step(model, x, y), where)
            with torch.autocast(x.device.type, dtype=torch.bfloat16):
                return _checked(task.training_step(model, x, y), where).float()
        except EpochsearchError:
            raise
        except Exception as error:
            raise TaskError(where, raised(error), _RULE, "Correct the method.") from error

    return taken


_RULE = "it takes (model, x, y) and returns the mean loss of the batch"


def _checked(loss: Any, where: str) -> Tensor:
    """Return what a step returned, if gradients can be had of it."""
    if isinstance(loss, Tensor) and loss.numel() == 1 and loss.requires_grad:
        return loss.reshape(())
    if loss is None:
        raise TaskError(where, "returned nothing", _RULE, "End it with: return loss")
    if not isinstance(loss, Tensor):
        action = "Leave loss.item() and backward() out: both are done for it."
        raise TaskError(where, f"returned a {type(loss).__name__}", _RULE, action)
    if loss.numel() != 1:
        given = f"returned a tensor of shape {tuple(loss.shape)}"
        raise TaskError(where, given, _RULE, "End it with: return loss.mean()")
    rule = "its loss must hang on the model's weights, and no gradient leads from it to them"
    raise TaskError(where, "", rule, "Leave detach() and no_grad() out, and use the model it is given.")


def _forward(model: nn.Module, recipe: Recipe) -> Callable[[Tensor], Tensor]:
    """Return the model, or the model in mixed precision: outputs are float32 in both cases."""
    if recipe.precision == "float32":
        return model

    def in_bfloat16(x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, dtype=torch.bfloat16):
            outputs: Tensor = model(x)
        return outputs.float()

    return in_bfloat16
