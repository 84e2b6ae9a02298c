"""Next-character models: at each position a guess at the character after it, from those up to it.

All of them read more than the character itself: the last two, three, ... together, each by an embedding of
its own. Counts of such n-grams are hard to beat on little text; so the networks have them too, and learn what
to make of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

_CELLS: Mapping[str, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
_FACTOR, _PRIME = 1_000_003, 2**31 - 1  # products stay below 2**63


class NGramEmbedding(nn.Module):
    """The sum of the embeddings of a character and of the n-grams that end with it, which are hashed.

    While training, n-grams are left out at random, each by itself: the model learns to do with shorter ones,
    as it must where a longer one was never seen. Those start at zero and say nothing until they are met.

    Source: Pagnoni et al. 2024, "Byte latent transformer", for the embeddings; Xie et al. 2017, "Data noising
    as smoothing in neural network language models", ICLR, for leaving out.
    """

    def __init__(self, tokens: int, width: int, longest: int, buckets: int, left_out: float) -> None:
        """longest: characters of the longest n-gram; buckets: for each length; left_out: share, below 1."""
        super().__init__()
        self.tokens, self.longest, self.buckets, self.left_out = tokens, longest, buckets, left_out
        self.table = nn.EmbeddingBag(tokens + (longest - 1) * buckets, width, mode="sum")
        with torch.no_grad():
            self.table.weight[tokens:] = 0.0

    def forward(self, x: Tensor) -> Tensor:
        """Return embeddings (batch, length, width) of tokens (batch, length)."""
        places = self._places(x)
        bags = places.view(-1, self.longest)
        kept = None
        if self.training and self.left_out:
            share = 1.0 - self.left_out
            kept = torch.bernoulli(torch.full(bags.shape, share, device=x.device)) / share
            kept[:, 0] = 1.0
        found: Tensor = self.table(bags, per_sample_weights=kept)
        return found.view(*x.shape, -1)

    def _places(self, x: Tensor) -> Tensor:
        """Return where in the table the n-grams of each position are, (batch, length, longest)."""
        places, mixed = [x], x
        for n in range(2, self.longest + 1):
            before = functional.pad(x, (n - 1, 0), value=self.tokens)[:, : x.shape[1]]
            mixed = (mixed * _FACTOR + before + 1) % _PRIME
            places.append(self.tokens + (n - 2) * self.buckets + mixed % self.buckets)
        return torch.stack(places, dim=-1)


class _Characters(nn.Module):
    """Embeddings, what a subclass makes of them, and a linear layer that reads both.

    The direct way from n-grams to the logits is that of Mikolov et al. 2011, "Strategies for training large
    scale neural network language models", ASRU.
    """

    def __init__(self, embedding: NGramEmbedding, width: int, hidden: int, dropout: float) -> None:
        """width: of an embedding; hidden: how many numbers `_hidden` makes of it."""
        super().__init__()
        self.embedding = embedding
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden + width, embedding.tokens)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, tokens, length) of tokens (batch, length)."""
        embedded = self.dropout(self.embedding(x))
        both = torch.cat([self.dropout(self._hidden(embedded)), embedded], dim=-1)
        logits: Tensor = self.head(both)
        return logits.transpose(1, 2)

    def _hidden(self, embedded: Tensor) -> Tensor:
        """Return (batch, length, hidden) of (batch, length, width); no position sees a later one."""
        raise NotImplementedError


class RecurrentCharacters(_Characters):
    """One recurrent layer on the embeddings."""

    def __init__(
        self, cell: str, embedding: NGramEmbedding, width: int, cells: int, dropout: float = 0.0
    ) -> None:
        """cell: rnn, gru or lstm; width: of an embedding."""
        super().__init__(embedding, width, cells, dropout)
        self.recurrent = _CELLS[cell](width, cells, batch_first=True)

    def _hidden(self, embedded: Tensor) -> Tensor:
        outputs: Tensor = self.recurrent(embedded)[0]
        return outputs


class TransformerCharacters(_Characters):
    """A Transformer decoder: learned positions, layers that see no position after their own.

    Source: Radford et al. 2019, "Language models are unsupervised multitask learners": layer norm before each
    sublayer and once more at the end.
    """

    def __init__(
        self,
        length: int,
        embedding: NGramEmbedding,
        width: int,
        layers: int,
        heads: int,
        dropout: float = 0.0,
    ) -> None:
        """length: the longest row; width: of an embedding."""
        super().__init__(embedding, width, width, dropout)
        self.positions = nn.Parameter(0.02 * torch.randn(length, width))
        layer = nn.TransformerEncoderLayer(
            width, heads, dim_feedforward=4 * width, dropout=0.0, batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, layers, nn.LayerNorm(width), enable_nested_tensor=False)
        future = torch.full((length, length), float("-inf")).triu(1)
        self.register_buffer("future", future, persistent=False)

    def _hidden(self, embedded: Tensor) -> Tensor:
        length = embedded.shape[1]
        mask = self.get_buffer("future")[:length, :length]
        outputs: Tensor = self.layers(embedded + self.positions[:length], mask=mask, is_causal=True)
        return outputs
