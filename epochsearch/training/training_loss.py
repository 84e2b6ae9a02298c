"""The loss whose gradients are followed: the task's own, or with smoothed labels and weighted classes.

It is a mean over examples in every case, of single tokens over the labels that count, so that a batch taken
in parts gives the gradient of the whole. The validation loss is always the task's own.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from epochsearch.core.errors import TaskError
from epochsearch.core.recipe import Recipe
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import loss_of, place
from epochsearch.tasks.prepared import Prepared
from epochsearch.training.counted import mean_of_counted
from epochsearch.training.evaluation import Loss


def training_loss(task: Task, data: Prepared, loss: Loss, recipe: Recipe, device: torch.device) -> Loss:
    """Return `loss`, or what the recipe makes of it.

    Raises:
        TaskError: The targets are no classes, the loss is the user's own, or weights are asked for classes
            that only a Dataset's items tell.
    """
    if recipe.label_smoothing == 0.0 and recipe.class_weights == "none":
        return loss
    name = "label_smoothing" if recipe.label_smoothing else "class_weights"
    if data.target == "values" or callable(loss_of(task)):
        rule = f"{name} needs classes as targets and one of the named losses"
        raise TaskError(f"{place(task)} training", name, rule, "Leave it out.")
    weights = _class_weights(task, data, device) if recipe.class_weights == "balanced" else None
    one_logit = data.target == "binary" or loss_of(task) == "binary-cross-entropy"
    smoothing = recipe.label_smoothing

    def cross_entropy(outputs: Tensor, targets: Tensor) -> Tensor:
        if one_logit or outputs.ndim == 1 or outputs.shape[1] == 1:
            return _binary(outputs.reshape(targets.shape), targets.to(outputs.dtype), smoothing, weights)
        each = functional.cross_entropy(
            outputs, targets, weights, label_smoothing=smoothing, reduction="none"
        )
        return mean_of_counted(each, targets) if targets.ndim > 1 else each.mean()

    return cross_entropy


def _binary(outputs: Tensor, targets: Tensor, smoothing: float, weights: Tensor | None) -> Tensor:
    smoothed = targets * (1.0 - smoothing) + 0.5 * smoothing
    each = functional.binary_cross_entropy_with_logits(outputs, smoothed, reduction="none")
    if weights is not None:
        each = each * (weights[0] * (1.0 - targets) + weights[1] * targets)
    return each.mean()


def _class_weights(task: Task, data: Prepared, device: torch.device) -> Tensor:
    """Return one weight a class: rows / (classes x its rows), 1 on average over the training part."""
    y = data.train.y
    if y is None:
        rule = "class_weights needs the targets of all training rows"
        raise TaskError(f"{place(task)} training", "class_weights", rule, "Return arrays, or leave it out.")
    classes = y[y >= 0].astype(np.int64)  # of single tokens some do not count
    counts = np.bincount(classes, minlength=max(2, data.outputs))
    weights = len(classes) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    return torch.tensor(weights, dtype=torch.float32, device=device)
