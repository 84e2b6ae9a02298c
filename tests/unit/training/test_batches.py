"""Batches of rows of like length: every row once, in an order that comes from the seed alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from epochsearch.tasks.prepared import Part
from epochsearch.training.batches import TensorSource, batch_sizes

ROWS = 331
LENGTHS = torch.as_tensor(np.random.default_rng(0).integers(1, 60, ROWS))


def batches(batch_size: int, seed: int, lengths: torch.Tensor | None = LENGTHS) -> list[torch.Tensor]:
    numbers = np.arange(ROWS)
    source = TensorSource(Part(numbers[:, None], numbers, ROWS), torch.device("cpu"), lengths)
    return [rows for _, rows in source.shuffled(batch_size, seed)]


@pytest.mark.parametrize("batch_size", [1, 8, 11, 30, 331, 500])
def test_every_row_comes_once_in_batches_of_the_usual_sizes(batch_size: int) -> None:
    """The mean loss of an epoch weighs batches by their sizes, so those stand where they always stand."""
    made = batches(batch_size, seed=5)

    assert [len(rows) for rows in made] == batch_sizes(ROWS, batch_size)
    assert sorted(torch.cat(made).tolist()) == list(range(ROWS))


def test_the_order_comes_from_the_seed_alone() -> None:
    """The same seed gives the same batches, another one others: law 1 and law 2."""
    first, again, other = (torch.cat(batches(8, seed)) for seed in (1, 1, 2))

    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_rows_of_a_batch_are_of_like_length() -> None:
    """Padding up to each batch's longest row is a fraction of what it is for rows drawn alike."""
    assert padded(batches(8, seed=3)) < 0.3 * padded(batches(8, seed=3, lengths=None))


def padded(made: list[torch.Tensor]) -> int:
    return sum(int((LENGTHS[rows].max() - LENGTHS[rows]).sum()) for rows in made)
