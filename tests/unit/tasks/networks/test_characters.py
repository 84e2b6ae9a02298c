"""A next-character model sees nothing that comes after the character it is at."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from epochsearch.tasks.networks.characters import RecurrentCharacters, TransformerCharacters

LENGTH, TOKENS = 16, 30
MODELS = {
    **{
        cell: lambda cell=cell: RecurrentCharacters(cell, TOKENS, width=8, cells=12)
        for cell in ("rnn", "gru", "lstm")
    },
    "transformer": lambda: TransformerCharacters(TOKENS, LENGTH, width=8, layers=2, heads=2),
}


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> nn.Module:
    torch.manual_seed(0)
    return MODELS[request.param]().eval()


def test_logits_have_the_classes_before_the_positions(model: nn.Module) -> None:
    """(batch, tokens, length), which is what cross-entropy takes."""
    assert model(torch.zeros(3, LENGTH, dtype=torch.int64)).shape == (3, TOKENS, LENGTH)


@pytest.mark.parametrize("training", [True, False])
def test_the_future_is_unseen_and_the_past_is_not(model: nn.Module, training: bool) -> None:
    """Change the tenth character: guesses before it stay what they are, its own and a later one do not."""
    model.train(training)
    x = torch.arange(LENGTH)[None] % TOKENS
    other = x.clone()
    other[0, 9] = 29

    before, after = model(x), model(other)

    assert torch.allclose(before[..., :9], after[..., :9], atol=1e-6)
    assert not torch.allclose(before[..., 9], after[..., 9], atol=1e-6)
    assert not torch.allclose(before[..., 12], after[..., 12], atol=1e-6)
