"""From a series to one number."""

from __future__ import annotations

from torch import Tensor, nn


class SeriesGru(nn.Module):
    """A GRU over single numbers and a linear layer on its last state."""

    def __init__(self, cells: int) -> None:
        super().__init__()
        self.gru = nn.GRU(1, cells, batch_first=True)
        self.head = nn.Linear(cells, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return a value (batch, 1) of series (batch, length)."""
        _, last = self.gru(x[:, :, None])  # (1, batch, cells)
        value: Tensor = self.head(last[0])
        return value
