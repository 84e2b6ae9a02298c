"""A look at a learner after an epoch: which of its weights took no part in it."""

from __future__ import annotations

from epochsearch.training.learner import Learner
from epochsearch.training.torch_learner import TorchLearner


def idle_weights(learner: Learner) -> list[str] | None:
    """Return the names of the weights that are to be trained and got no gradient in the last step.

    None: the learner's own training is not looked into.
    """
    if not isinstance(learner, TorchLearner):
        return None
    named = learner.trained().module.named_parameters()
    return [name for name, weight in named if weight.requires_grad and weight.grad is None]
