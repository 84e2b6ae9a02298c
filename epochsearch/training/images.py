"""Augmentation of images on tensors, by kornia; masks that are targets move with their images."""

from __future__ import annotations

from typing import Any

import torch
from kornia import augmentation
from torch import Tensor

from epochsearch.core.choice import Choice
from epochsearch.training.batches import Change

ROWS_AT_ONCE = 1024
"""Images that are changed in one call."""

_AFFINE = ("rotate", "scale", "shear", "shift")


def image_change(steps: tuple[Choice, ...], size: tuple[int, int], channels: int, *, masks: bool) -> Change:
    """Return what applies the steps to images (rows, channels, height, width).

    size: height and width. masks: whether the targets are masks (rows, height, width), which then move with
    their images.

    Raises:
        ValueError: A step does not fit the images, or an option is out of range; the message says which.
    """
    keys = ["input", "mask"] if masks else ["input"]
    pipeline = augmentation.AugmentationSequential(*_operations(steps, size, channels), data_keys=keys)

    @torch.no_grad()
    def change(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return torch.cat([pipeline(some) for some in torch.split(x, ROWS_AT_ONCE)]), y

    @torch.no_grad()
    def change_both(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        pairs = zip(torch.split(x, ROWS_AT_ONCE), torch.split(y[:, None].float(), ROWS_AT_ONCE), strict=True)
        changed = [pipeline(some_x, some_y) for some_x, some_y in pairs]
        moved = torch.cat([mask[:, 0] for _, mask in changed])
        return torch.cat([image for image, _ in changed]), moved.round().to(y.dtype)

    return change_both if masks else change


def _operations(steps: tuple[Choice, ...], size: tuple[int, int], channels: int) -> list[Any]:
    """Return kornia's operations in order; steps that move pixels are one, so that they blur only once."""
    made: list[Any] = []
    affine = [step for step in steps if step.name in _AFFINE]
    for step in steps:
        options: dict[str, Any] = step.values
        if affine and step is affine[0]:
            made.append(augmentation.RandomAffine(**_affine_options(affine), p=1.0))
        elif step.name == "crop":
            padding = _within(options["padding"], 1, min(size), step)
            made.append(augmentation.RandomCrop(size, padding=padding, p=1.0))
        elif step.name == "flip":
            made.append(_flip(options, step))
        elif step.name == "colour":
            made += _colour(step, channels)
    return made


def _flip(options: dict[str, Any], step: Choice) -> Any:
    chance = _within(options["chance"], 0.0, 1.0, step)
    if options["vertical"]:
        return augmentation.RandomVerticalFlip(p=chance)
    return augmentation.RandomHorizontalFlip(p=chance)


def _affine_options(steps: list[Choice]) -> dict[str, Any]:
    options: dict[str, Any] = {"degrees": 0.0}
    for step in steps:
        values: dict[str, Any] = step.values
        if step.name == "rotate":
            options["degrees"] = _within(values["degrees"], 0.0, 180.0, step)
        elif step.name == "shear":
            options["shear"] = _within(values["degrees"], 0.0, 89.0, step)
        elif step.name == "shift":
            share = _within(values["share"], 0.0, 1.0, step)
            options["translate"] = (share, share)
        else:
            share = _within(values["share"], 0.0, 0.99, step)
            options["scale"] = (1.0 - share, 1.0 + share)
    return options


def _colour(step: Choice, channels: int) -> list[Any]:
    values: dict[str, Any] = {name: _within(value, 0.0, 1.0, step) for name, value in step.options}
    if channels != 3 and (values["saturation"] or values["hue"]):
        raise ValueError(f"saturation and hue need 3 channels, these images have {channels}")
    about = {name: (1.0 - share, 1.0 + share) for name, share in values.items()}
    made = [
        augmentation.RandomBrightness(about["brightness"], clip_output=False, p=1.0),
        augmentation.RandomContrast(about["contrast"], clip_output=False, p=1.0),
    ]
    if values["saturation"]:
        made.append(augmentation.RandomSaturation(about["saturation"], p=1.0))
    if values["hue"]:
        made.append(augmentation.RandomHue((-values["hue"] / 2, values["hue"] / 2), p=1.0))
    return made


def _within(value: Any, low: float, high: float, step: Choice) -> Any:
    if not low <= value <= high:
        raise ValueError(f"{step.name} takes numbers from {low:g} to {high:g}, not {value:g}")
    return value
