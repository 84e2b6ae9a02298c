"""The optimisers of `core.recipe`, built on a model's weights."""

from __future__ import annotations

from typing import Any

import torch

from epochsearch.core.choice import Choice
from epochsearch.training.compiler import leave_the_compiler_out

Groups = list[dict[str, Any]]
"""Weights under "params", and whatever else is to be known of them."""


def make_optimiser(groups: Groups, choice: Choice, rate: float) -> torch.optim.Optimizer:
    """Return the optimiser on the weights that are to be trained.

    choice: with every option filled in. rate: the learning rate.
    """
    leave_the_compiler_out()
    options: dict[str, Any] = dict(choice.options)
    weights = [weight for group in groups for weight in group["params"]]
    if choice.name == "rmsprop":
        return torch.optim.RMSprop(groups, lr=rate, foreach=True, **options)
    fused = all(weight.is_floating_point() for weight in weights) and weights[0].device.type in (
        "cpu",
        "cuda",
    )
    if choice.name in ("sgd", "momentum", "nesterov"):
        options.setdefault("nesterov", True)
        return _sgd(groups, rate, fused, options)
    betas = (options.pop("beta1"), options.pop("beta2"))
    kind = torch.optim.AdamW if choice.name == "adamw" else torch.optim.Adam
    optimiser = kind(groups, lr=rate, betas=betas, fused=fused, **options)
    if fused:  # as torch's own first step sets it up
        for weight in weights:
            optimiser.state[weight] = {
                "step": torch.zeros((), device=weight.device),
                "exp_avg": torch.zeros_like(weight),
                "exp_avg_sq": torch.zeros_like(weight),
            }
    return optimiser


def _sgd(groups: Groups, rate: float, fused: bool, options: dict[str, Any]) -> torch.optim.Optimizer:
    if not options["momentum"]:
        options["nesterov"] = False  # torch refuses it without momentum, where it changes nothing
    optimiser = torch.optim.SGD(groups, lr=rate, fused=fused, **options)
    if options["momentum"]:  # the fused kernel fails on a weight that takes part later than others
        for group in groups:
            for weight in group["params"]:
                optimiser.state[weight]["momentum_buffer"] = torch.zeros_like(weight)
    return optimiser
