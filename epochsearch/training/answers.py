"""What a module's outputs say of each row, in the form that metrics take: logits turned into shares."""

from __future__ import annotations

import torch
from torch import Tensor

from epochsearch.tasks.prepared import Prepared
from epochsearch.training.metrics import Answers


def answers_of(data: Prepared, outputs: Tensor, targets: Tensor) -> Answers | None:
    """Return the answers of a model; None where its outputs are neither logits nor values for the targets.

    outputs: (rows, classes[, positions ...]) logits; one logit, or one value, for each target; on the CPU.
    """
    if data.target == "values":
        if outputs.numel() != targets.numel():
            return None
        said, right = (
            _in_users_units(data, values).reshape(len(targets), -1) for values in (outputs, targets)
        )
        return Answers(right.numpy(), said.numpy())
    if outputs.numel() == targets.numel():
        return _of_single_logits(outputs.reshape(targets.shape), targets)
    if outputs.ndim != targets.ndim + 1 or outputs.shape[2:] != targets.shape[1:]:
        return None
    logits = outputs.movedim(1, -1).reshape(-1, outputs.shape[1])  # (rows x positions, classes)
    flat = targets.reshape(-1)
    if (flat < 0).any():  # labels that do not count
        logits, flat = logits[flat >= 0], flat[flat >= 0]
    shares = torch.softmax(logits.double(), dim=1)
    return Answers(flat.numpy(), logits.argmax(dim=1).numpy(), logits.shape[1], shares.numpy())


def for_functions(data: Prepared, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return outputs and targets as a user's own metric gets them: values in the user's units."""
    if data.target != "values":
        return outputs, targets
    return _in_users_units(data, outputs), _in_users_units(data, targets)


def _in_users_units(data: Prepared, values: Tensor) -> Tensor:
    return values.double() * data.target_scale + data.target_mean


def _of_single_logits(logits: Tensor, targets: Tensor) -> Answers:
    """Return the answers where each target has a logit of its own: two classes, or several labels a row."""
    shares, said, right = torch.sigmoid(logits.double()), (logits > 0).long(), (targets > 0.5).long()
    if targets.ndim == 2:
        return Answers(right.numpy(), said.numpy(), 0, shares.numpy())
    ones = shares.reshape(-1)
    both = torch.stack([1.0 - ones, ones], dim=1)
    return Answers(right.reshape(-1).numpy(), said.reshape(-1).numpy(), 2, both.numpy())
