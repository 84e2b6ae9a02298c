"""Training rows in the order of an epoch, batch by batch: tensors by index, lazy data through a DataLoader.

Every row is seen once an epoch. A remainder of a single row joins the batch before it, since batch
normalisation has no variance on one row. Padded rows of like length may go together: the order still comes
from the epoch's seed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeAlias

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from epochsearch.tasks.prepared import Part
from epochsearch.training.updates import batch_sizes

SHUFFLE_BYTES = 64 * 2**20
"""Data up to this size are shuffled whole, once an epoch (one gather instead of one a batch)."""

POOL_BATCHES = 16
"""Batches over which rows are sorted by length: few enough that batches differ from epoch to epoch."""


Change: TypeAlias = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""What is done to training rows, (inputs, targets) in and out; it draws from torch's global generator."""


class Source(Protocol):
    """Rows that can be read in batches, as (inputs, targets) on the device."""

    rows: int

    def shuffled(
        self, batch_size: int, seed: int, change: Change | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield each row once, in an order drawn from `seed`, as `change` leaves it."""
        ...

    def ordered(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield each row once, in its own order."""
        ...


class TensorSource:
    """Rows in memory."""

    def __init__(self, part: Part, device: torch.device, lengths: Tensor | None = None) -> None:
        """lengths: of the rows, (rows,), where those of like length are to go together."""
        self._lengths = lengths
        self._x, self._y = torch.as_tensor(part.x).to(device), torch.as_tensor(part.y).to(device)
        self.rows = part.rows

    def shuffled(
        self, batch_size: int, seed: int, change: Change | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield each row once, in an order drawn from `seed`, as `change` leaves it.

        Data that are shuffled whole are changed whole: cheaper, and the same for any batch size.
        """
        sizes = batch_sizes(self.rows, batch_size)
        order = _order(self.rows, seed)
        if self._lengths is not None:
            order = _by_length(order, self._lengths, batch_size, seed)
        order = order.to(self._x.device)
        if self._x.nbytes <= SHUFFLE_BYTES:
            x, y = _changed(change, self._x[order], self._y[order])
            return zip(torch.split(x, sizes), torch.split(y, sizes), strict=True)
        return (_changed(change, self._x[rows], self._y[rows]) for rows in torch.split(order, sizes))

    def ordered(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield each row once, in its own order."""
        for start in range(0, self.rows, batch_size):
            yield self._x[start : start + batch_size], self._y[start : start + batch_size]


class DatasetSource:
    """Rows of a map-style Dataset, read as they are asked for."""

    def __init__(self, part: Part, device: torch.device) -> None:
        self._dataset, self._device = part.x, device
        self.rows = part.rows

    def shuffled(
        self, batch_size: int, seed: int, change: Change | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield each row once, in an order drawn from `seed`, as `change` leaves it."""
        batches = self._read(torch.split(_order(self.rows, seed), batch_sizes(self.rows, batch_size)))
        return batches if change is None else (change(x, y) for x, y in batches)

    def ordered(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield each row once, in its own order."""
        return self._read(torch.split(torch.arange(self.rows), batch_size))

    def _read(self, batches: tuple[Tensor, ...]) -> Iterator[tuple[Tensor, Tensor]]:
        loader: DataLoader[Any] = DataLoader(self._dataset, batch_sampler=[rows.tolist() for rows in batches])
        for x, y in loader:
            yield x.to(self._device), y.to(self._device)


def _changed(change: Change | None, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return (x, y) if change is None else change(x, y)


def _order(rows: int, seed: int) -> Tensor:
    return torch.randperm(rows, generator=torch.Generator().manual_seed(seed))


def _by_length(order: Tensor, lengths: Tensor, batch_size: int, seed: int) -> Tensor:
    """Return the rows of `order` anew: sorted by length within pools, then whole batches shuffled.

    What is left over after the last full batch stays as it was drawn.
    """
    full = len(order) // batch_size * batch_size
    pools = torch.split(order[:full], POOL_BATCHES * batch_size)
    ordered = [pool[lengths[pool].argsort(stable=True)] for pool in pools]
    if not ordered:
        return order
    batches = torch.cat(ordered).reshape(-1, batch_size)
    return torch.cat([batches[_order(len(batches), seed)].reshape(-1), order[full:]])


__all__ = ["DatasetSource", "Source", "TensorSource", "batch_sizes"]
