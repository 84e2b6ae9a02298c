"""How the training rows of an epoch fall into batches: one optimiser update each."""

from __future__ import annotations


def batch_sizes(rows: int, batch_size: int) -> list[int]:
    """Return the sizes of the batches of one epoch: all `batch_size` but the last.

    A remainder of a single row joins the batch before it.
    """
    full, rest = divmod(rows, batch_size)
    if rest == 1 and full:
        return [batch_size] * (full - 1) + [batch_size + 1]
    return [batch_size] * full + ([rest] if rest else [])
