"""The optimisers of `core.recipe`, built on a model's weights."""

from __future__ import annotations

from typing import Any

import torch

from epochsearch.core.curve import CurveIdentity


def make_optimiser(model: torch.nn.Module, identity: CurveIdentity) -> torch.optim.Optimizer:
    """Return the recipe's optimiser on the weights that are to be trained.

    A searched hyperparameter named like one of its options (weight_decay, momentum) takes its place.
    """
    choice = identity.recipe.optimiser
    searched = dict(identity.configuration.extras)
    options: dict[str, Any] = {name: searched.get(name, value) for name, value in choice.options}
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    fused = all(weight.is_floating_point() for weight in weights) and weights[0].device.type in (
        "cpu",
        "cuda",
    )
    rate = identity.configuration.learning_rate
    if choice.name in ("sgd", "momentum"):
        optimiser = torch.optim.SGD(weights, lr=rate, fused=fused, **options)
        if options["momentum"]:  # the fused kernel fails on a weight that takes part later than others
            for weight in weights:
                optimiser.state[weight]["momentum_buffer"] = torch.zeros_like(weight)
        return optimiser
    betas = (options.pop("beta1"), options.pop("beta2"))
    kind = torch.optim.AdamW if choice.name == "adamw" else torch.optim.Adam
    return kind(weights, lr=rate, betas=betas, fused=fused, **options)
