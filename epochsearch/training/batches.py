"""Training rows in the order of an epoch, batch by batch: tensors by index, lazy data through a DataLoader.

Every row is seen once an epoch. A remainder of a single row joins the batch before it, since batch
normalisation has no variance on one row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeAlias

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from epochsearch.tasks.prepared import Part

SHUFFLE_BYTES = 64 * 2**20
"""Data up to this size are shuffled whole, once an epoch (one gather instead of one a batch)."""


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

    def __init__(self, part: Part, device: torch.device) -> None:
        self._x, self._y = torch.as_tensor(part.x).to(device), torch.as_tensor(part.y).to(device)
        self.rows = part.rows

    def shuffled(
        self, batch_size: int, seed: int, change: Change | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield each row once, in an order drawn from `seed`, as `change` leaves it.

        Data that are shuffled whole are changed whole: cheaper, and the same for any batch size.
        """
        order = _order(self.rows, seed).to(self._x.device)
        sizes = batch_sizes(self.rows, batch_size)
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


def batch_sizes(rows: int, batch_size: int) -> list[int]:
    """Return the sizes of the batches of one epoch: all `batch_size` but the last."""
    full, rest = divmod(rows, batch_size)
    if rest == 1 and full:
        return [batch_size] * (full - 1) + [batch_size + 1]
    return [batch_size] * full + ([rest] if rest else [])


def _changed(change: Change | None, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return (x, y) if change is None else change(x, y)


def _order(rows: int, seed: int) -> Tensor:
    return torch.randperm(rows, generator=torch.Generator().manual_seed(seed))
