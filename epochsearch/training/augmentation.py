"""What a recipe does to training rows before they are seen: images changed, noise added, tokens made unknown.

Each row is changed anew every epoch, by draws that follow from (seed, fold, epoch) alone. Validation and test
rows are never changed.
"""

from __future__ import annotations

import torch
from torch import Tensor

from epochsearch.core.augmentation import parse_steps
from epochsearch.core.errors import TaskError
from epochsearch.core.recipe import Recipe
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import place
from epochsearch.tasks.prepared import Prepared
from epochsearch.tasks.raw import raw_data
from epochsearch.training.batches import Change, Source


def make_change(task: Task, recipe: Recipe, data: Prepared, train: Source) -> Change | None:
    """Return what the recipe does to training rows; None: nothing.

    Raises:
        TaskError: The rows are not of the kind that it can be done to.
    """
    changes = [change for make in (_images, _noise, _tokens) if (change := make(task, recipe, data, train))]
    if not changes:
        return None

    def change_all(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        for change in changes:
            x, y = change(x, y)
        return x, y

    return change_all


def _images(task: Task, recipe: Recipe, data: Prepared, train: Source) -> Change | None:
    steps = parse_steps(recipe.augment, "augment")
    if not steps:
        return None
    from epochsearch.training.images import image_change

    x, y = next(iter(train.ordered(1)))
    if x.ndim != 4 or not x.is_floating_point():
        raise _unfit(task, "augment", x, "needs images: inputs of shape (rows, channels, height, width)")
    masks = data.target == "classes" and y.shape[1:] == x.shape[2:]
    if y.ndim > 1 and not masks:
        raise _unfit(task, "augment", y, "targets of a row must be one class, or a mask of its size")
    try:
        return image_change(steps, (x.shape[2], x.shape[3]), x.shape[1], masks=masks)
    except ValueError as error:
        raise _unfit(task, "augment", x, str(error)) from None


def _noise(task: Task, recipe: Recipe, data: Prepared, train: Source) -> Change | None:
    deviation = recipe.noise
    if deviation == 0.0:
        return None
    x, _ = next(iter(train.ordered(1)))
    if not x.is_floating_point():
        raise _unfit(task, "noise", x, "needs real inputs")
    return lambda x, y: (x + deviation * torch.randn_like(x), y)


def _tokens(task: Task, recipe: Recipe, data: Prepared, train: Source) -> Change | None:
    share, padding, unknown = recipe.token_dropout, task.padding_token, task.unknown_token
    if share == 0.0:
        return None
    x, _ = next(iter(train.ordered(1)))
    if x.dtype != torch.int64:
        raise _unfit(task, "token_dropout", x, "needs tokens: whole numbers, and standardise = False")

    fields = raw_data(task).fields

    def drop(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        dropped = (torch.rand(x.shape, device=x.device) < share) & (x != padding)
        if fields:
            dropped[:, 1:] = False  # the tokens stand first
        return x.masked_fill(dropped, unknown), y

    return drop


def _unfit(task: Task, name: str, rows: Tensor, rule: str) -> TaskError:
    shape = ", ".join(["rows", *map(str, rows.shape[1:])])
    given = f"{name} on {str(rows.dtype).removeprefix('torch.')} of shape ({shape})"
    return TaskError(f"{place(task)} training", given, rule, "Leave it out.")
