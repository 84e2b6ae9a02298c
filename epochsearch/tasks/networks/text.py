"""Classifiers of padded token rows; what they say of a row does not depend on how far it is padded.

Token 0 is padding. Columns that are padding in every row of a batch are cut off first.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class BagClassifier(nn.Module):
    """The mean of a text's embeddings, in any order, and a linear layer.

    Source: Joulin et al. 2017, "Bag of tricks for efficient text classification", EACL.
    """

    def __init__(self, tokens: int, width: int, classes: int, dropout: float) -> None:
        """tokens: how many there are, padding included; width: of an embedding."""
        super().__init__()
        self.embedding = nn.EmbeddingBag(tokens, width, mode="mean", padding_idx=0)
        with torch.no_grad():
            self.embedding.weight.mul_(0.1)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, classes) of tokens (batch, length)."""
        logits: Tensor = self.head(self.dropout(self.embedding(x)))
        return logits


class _WordsClassifier(nn.Module):
    """Embeddings, a summary that a subclass makes of them, and a linear layer that reads both.

    Beside the summary it reads which words there are, in any order: the highest of each number of their
    embeddings, and their sum by the root of how many they are. A bag of words learns from few texts what an
    order of words needs many for.

    Source of the direct way: Cheng et al. 2016, "Wide & deep learning for recommender systems", DLRS.
    """

    def __init__(self, tokens: int, width: int, summary: int, classes: int, dropout: float) -> None:
        """tokens: how many there are, padding included; width: of an embedding; summary: numbers in it."""
        super().__init__()
        self.embedding = _embedding(tokens, width)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(summary + 2 * width, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, classes) of tokens (batch, length)."""
        x, padding = _cut(x)
        words = self.dropout(self.embedding(x))  # (batch, length, width)
        highest = words.masked_fill(padding[:, :, None], float("-inf")).amax(dim=1)
        kept = (~padding)[:, :, None]
        bag = (words * kept).sum(dim=1) / kept.sum(dim=1).sqrt()
        read = torch.cat([self._summary(words, padding), highest, bag], dim=1)
        logits: Tensor = self.head(self.dropout(read))
        return logits

    def _summary(self, words: Tensor, padding: Tensor) -> Tensor:
        """Return (batch, summary) of embeddings (batch, length, width) and where padding is."""
        raise NotImplementedError


class LstmClassifier(_WordsClassifier):
    """An LSTM, the maximum over time of its outputs."""

    def __init__(self, tokens: int, width: int, cells: int, classes: int, dropout: float) -> None:
        """tokens: how many there are, padding included; width: of an embedding; cells: of the LSTM."""
        super().__init__(tokens, width, cells, classes, dropout)
        self.lstm = nn.LSTM(width, cells, batch_first=True)

    def _summary(self, words: Tensor, padding: Tensor) -> Tensor:
        """Padding follows the words, so an LSTM that reads forward has not seen it when it is at a word."""
        outputs, _ = self.lstm(words)  # (batch, length, cells), above -1
        highest: Tensor = outputs.masked_fill(padding[:, :, None], -1.0).amax(dim=1)
        return highest


class TransformerClassifier(_WordsClassifier):
    """Learned positions, Transformer encoder layers, the mean over words.

    Source: Vaswani et al. 2017, "Attention is all you need", NeurIPS; layer norm before each sublayer as in
    Xiong et al. 2020, "On layer normalization in the Transformer architecture", ICML.
    """

    def __init__(
        self, tokens: int, length: int, width: int, layers: int, classes: int, dropout: float
    ) -> None:
        """tokens: how many there are, padding included; length: the longest row; width: of an embedding."""
        super().__init__(tokens, width, width, classes, dropout)
        self.positions = nn.Parameter(0.02 * torch.randn(length, width))
        layer = nn.TransformerEncoderLayer(
            width, nhead=2, dim_feedforward=2 * width, dropout=dropout, batch_first=True, norm_first=True
        )
        layer.self_attn.dropout = 0.0  # drawing a number for each pair of words would take most of the time
        self.encoder = nn.TransformerEncoder(layer, layers, nn.LayerNorm(width), enable_nested_tensor=False)

    def _summary(self, words: Tensor, padding: Tensor) -> Tensor:
        placed = words + self.positions[: words.shape[1]]
        outputs = self.encoder(placed, src_key_padding_mask=padding)  # (batch, length, width)
        kept = (~padding)[:, :, None]
        mean: Tensor = (outputs * kept).sum(dim=1) / kept.sum(dim=1)
        return mean


def _embedding(tokens: int, width: int) -> nn.Embedding:
    """Return small embeddings: those of words that training never meets stay as they are, and say little."""
    embedding = nn.Embedding(tokens, width, padding_idx=0)
    with torch.no_grad():
        embedding.weight.mul_(0.1)
    return embedding


def _cut(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the tokens without columns that are padding in every row, and where padding is.

    A row without any word keeps one position, so that there is something to attend to.
    """
    if not torch.compiler.is_exporting():  # a program has no place for a length that the rows decide
        used = (x != 0).any(dim=0).nonzero()
        x = x[:, : int(used[-1]) + 1 if len(used) else 1]
    first = torch.arange(x.shape[1], device=x.device) == 0
    return x, (x == 0) & ~first
