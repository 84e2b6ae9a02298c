"""A datamodule that loads other rows than its own: those of a fold, or all that a final model may train on.

Its loaders keep what they do to items and batches; only which rows they draw is new.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, RandomSampler

from epochsearch.training.updates import batch_sizes


def loading(given: Any, train: Dataset[Any], validation: Dataset[Any] | None, order: int) -> Any:
    """Return a copy of a datamodule that trains on these rows, in an order drawn from `order` if it shuffles.

    validation: None leaves that as it is. A remainder of a single row joins the batch before it, if the
    datamodule does not drop it.
    """
    copied = copy.copy(given)
    training = _over(given.train_dataloader(), train, order)
    copied.train_dataloader = lambda: training
    if validation is not None:
        validating = _over(given.val_dataloader(), validation, order)
        copied.val_dataloader = lambda: validating
    return copied


def _over(loader: DataLoader[Any], rows: Dataset[Any], order: int) -> DataLoader[Any]:
    return DataLoader(
        rows,
        batch_sampler=_batches(loader, len(rows), order),  # type: ignore[arg-type]
        num_workers=loader.num_workers,
        collate_fn=loader.collate_fn,
        pin_memory=loader.pin_memory,
        timeout=loader.timeout,
        worker_init_fn=loader.worker_init_fn,
        multiprocessing_context=loader.multiprocessing_context,
        generator=loader.generator,
        prefetch_factor=loader.prefetch_factor,
        persistent_workers=loader.persistent_workers,
    )


def _batches(loader: DataLoader[Any], rows: int, order: int) -> list[list[int]]:
    """Return the row numbers of each batch."""
    size = loader.batch_size
    assert size is not None, "it has no batch sampler of its own"
    shuffled = isinstance(loader.sampler, RandomSampler)
    drawn = torch.randperm(rows, generator=torch.Generator().manual_seed(order)) if shuffled else None
    numbers = torch.arange(rows) if drawn is None else drawn
    if loader.drop_last:
        numbers = numbers[: rows // size * size]
    return [some.tolist() for some in torch.split(numbers, batch_sizes(len(numbers), size))]
