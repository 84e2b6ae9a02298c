"""A next-character model sees nothing that comes after the character it is at."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from epochsearch.tasks.networks.characters import (
    NGramEmbedding,
    RecurrentCharacters,
    TransformerCharacters,
)

LENGTH, TOKENS, BUCKETS = 16, 30, 50


def embedding(left_out: float = 0.0) -> NGramEmbedding:
    """Return embeddings of n-grams of up to four characters, none of them at zero."""
    made = NGramEmbedding(TOKENS, width=8, longest=4, buckets=BUCKETS, left_out=left_out)
    nn.init.normal_(made.table.weight)
    return made


MODELS = {
    **{
        cell: lambda cell=cell: RecurrentCharacters(cell, embedding(), 8, cells=12)
        for cell in ("rnn", "gru", "lstm")
    },
    "transformer": lambda: TransformerCharacters(LENGTH, embedding(), 8, layers=2, heads=2),
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


def test_an_n_gram_is_itself_wherever_it_stands() -> None:
    """The last four characters decide, and no other."""
    same = [4, 5, 6, 7]
    rows = torch.tensor([[1, 2, *same], [8, 9, *same], [8, 9, 3, 5, 6, 7]])

    embedded = embedding().eval()(rows)[:, -1]

    assert torch.equal(embedded[0], embedded[1])
    assert not torch.allclose(embedded[0], embedded[2])


def test_the_start_of_a_row_is_no_character() -> None:
    """Token 0 stands for a character; a row that begins with it is not one that begins after it."""
    embedded = embedding().eval()(torch.tensor([[0, 5, 6, 7], [5, 6, 7, 7]]))

    assert not torch.allclose(embedded[0, 2], embedded[1, 1])


def test_n_grams_are_left_out_while_training_and_the_character_never_is() -> None:
    """Of a table of ones a position is at least 1 in training, and 4 on the mean; in evaluation always 4."""
    made = embedding(left_out=0.4)
    nn.init.ones_(made.table.weight)
    x = torch.randint(0, TOKENS, (50, LENGTH))

    with torch.no_grad():
        trained, evaluated = made.train()(x), made.eval()(x)

    assert torch.all(evaluated == 4.0)
    assert trained.min() >= 1.0
    assert trained.mean().item() == pytest.approx(4.0, abs=0.2)
    assert trained.std() > 0.5


def test_an_n_gram_that_was_never_met_says_nothing() -> None:
    """Before training a position is what its character alone is."""
    made = NGramEmbedding(TOKENS, width=8, longest=4, buckets=BUCKETS, left_out=0.0)
    x = torch.randint(0, TOKENS, (3, LENGTH))

    assert torch.equal(made(x), made.table.weight[x])
