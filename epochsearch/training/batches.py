"""Training rows in the order of an epoch, batch by batch: tensors by index, lazy data through a DataLoader.

Every row is seen once an epoch. A remainder of a single row joins the batch before it, since batch
normalisation has no variance on one row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from epochsearch.tasks.prepared import Part

SHUFFLE_BYTES = 64 * 2**20
"""Data up to this size are shuffled whole, once an epoch (one gather instead of one a batch)."""


class Source(Protocol):
    """Rows that can be read in batches, as (inputs, targets) on the device."""

    rows: int

    def shuffled(self, batch_size: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield each row once, in an order drawn from `seed`."""
        ...

    def ordered(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield each row once, in its own order."""
        ...


class TensorSource:
    """Rows in memory."""

    def __init__(self, part: Part, device: torch.device) -> None:
        self._x, self._y = torch.as_tensor(part.x).to(device), torch.as_tensor(part.y).to(device)
        self.rows = part.rows

    def shuffled(self, batch_size: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield each row once, in an order drawn from `seed`."""
        order = _order(self.rows, seed).to(self._x.device)
        sizes = batch_sizes(self.rows, batch_size)
        if self._x.nbytes <= SHUFFLE_BYTES:
            return zip(torch.split(self._x[order], sizes), torch.split(self._y[order], sizes), strict=True)
        return ((self._x[rows], self._y[rows]) for rows in torch.split(order, sizes))

    def ordered(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield each row once, in its own order."""
        for start in range(0, self.rows, batch_size):
            yield self._x[start : start + batch_size], self._y[start : start + batch_size]


class DatasetSource:
    """Rows of a map-style Dataset, read as they are asked for."""

    def __init__(self, part: Part, device: torch.device) -> None:
        self._dataset, self._device = part.x, device
        self.rows = part.rows

    def shuffled(self, batch_size: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield each row once, in an order drawn from `seed`."""
        return self._read(torch.split(_order(self.rows, seed), batch_sizes(self.rows, batch_size)))

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


def _order(rows: int, seed: int) -> Tensor:
    return torch.randperm(rows, generator=torch.Generator().manual_seed(seed))
