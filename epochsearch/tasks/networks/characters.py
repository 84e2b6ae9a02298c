"""Next-character models: at each position a guess at the character after it, from those up to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

_CELLS: Mapping[str, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class RecurrentCharacters(nn.Module):
    """Embeddings, one recurrent layer, a linear layer."""

    def __init__(self, cell: str, tokens: int, width: int, cells: int) -> None:
        """cell: rnn, gru or lstm; width: of an embedding."""
        super().__init__()
        self.embedding = nn.Embedding(tokens, width)
        self.recurrent = _CELLS[cell](width, cells, batch_first=True)
        self.head = nn.Linear(cells, tokens)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, tokens, length) of tokens (batch, length)."""
        outputs, _ = self.recurrent(self.embedding(x))  # (batch, length, cells)
        logits: Tensor = self.head(outputs)
        return logits.transpose(1, 2)


class TransformerCharacters(nn.Module):
    """A Transformer decoder: embeddings with learned positions, layers that see no position after their own.

    Source: Radford et al. 2019, "Language models are unsupervised multitask learners": layer norm before each
    sublayer and once more at the end.
    """

    def __init__(self, tokens: int, length: int, width: int, layers: int, heads: int) -> None:
        """length: the longest row; width: of an embedding."""
        super().__init__()
        self.embedding = nn.Embedding(tokens, width)
        self.positions = nn.Parameter(0.02 * torch.randn(length, width))
        layer = nn.TransformerEncoderLayer(
            width, heads, dim_feedforward=4 * width, dropout=0.0, batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, layers, nn.LayerNorm(width), enable_nested_tensor=False)
        self.head = nn.Linear(width, tokens)
        future = torch.full((length, length), float("-inf")).triu(1)
        self.register_buffer("future", future, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, tokens, length) of tokens (batch, length)."""
        length = x.shape[1]
        hidden = self.embedding(x) + self.positions[:length]
        mask = self.get_buffer("future")[:length, :length]
        logits: Tensor = self.head(self.layers(hidden, mask=mask, is_causal=True))
        return logits.transpose(1, 2)
