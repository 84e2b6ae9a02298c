"""Padding says nothing: a row's logits do not depend on how far it is padded or what is beside it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from epochsearch.tasks.networks.text import LstmClassifier, TransformerClassifier

MODELS = {
    "lstm": lambda: LstmClassifier(50, width=8, cells=12, classes=3, dropout=0.2),
    "transformer": lambda: TransformerClassifier(50, 20, width=8, layers=2, classes=3, dropout=0.2),
}


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> nn.Module:
    torch.manual_seed(0)
    return MODELS[request.param]().eval()


def rows(*lengths: int, columns: int) -> torch.Tensor:
    made = torch.zeros(len(lengths), columns, dtype=torch.int64)
    for row, length in zip(made, lengths, strict=True):
        row[:length] = torch.arange(1, length + 1)
    return made


def test_more_padding_changes_nothing(model: nn.Module) -> None:
    """Columns of padding after a row's words."""
    assert torch.allclose(model(rows(5, columns=5)), model(rows(5, columns=20)), atol=1e-6)


def test_a_longer_row_beside_it_changes_nothing(model: nn.Module) -> None:
    """In a batch the short row is padded to the long one."""
    together = model(rows(3, 15, columns=20))

    assert torch.allclose(together[0], model(rows(3, columns=20))[0], atol=1e-6)
    assert torch.allclose(together[1], model(rows(15, columns=20))[0], atol=1e-6)


def test_words_count(model: nn.Module) -> None:
    """Another last word gives other logits."""
    x = rows(6, columns=20)
    other = x.clone()
    other[0, 5] = 49

    assert not torch.allclose(model(x), model(other), atol=1e-6)


def test_no_word_at_all_gives_finite_logits_and_gradients(model: nn.Module) -> None:
    """A text without a word is a row of padding."""
    logits = model.train()(rows(0, 4, columns=20))
    logits.sum().backward()

    assert torch.isfinite(logits).all()
    assert all(torch.isfinite(weight.grad).all() for weight in model.parameters() if weight.grad is not None)
