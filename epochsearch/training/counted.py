"""What counts in a mean over examples: rows; of labels at several positions those that are not ignored."""

from __future__ import annotations

from torch import Tensor


def counted(targets: Tensor) -> int:
    """Return how many rows, or labels at several positions a row, a mean over these targets has."""
    if targets.ndim > 1 and not targets.is_floating_point():
        return int((targets >= 0).sum())
    return len(targets)


def mean_of_counted(losses: Tensor, targets: Tensor) -> Tensor:
    """Return the mean of losses of the targets' shape, which are 0 where a label is ignored; 0 if all are."""
    return losses.sum() / max(1, counted(targets))
