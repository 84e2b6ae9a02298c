"""A validation pass: its memory; and labels that do not count, however rows fall into passes and parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import epochsearch
from epochsearch.training import evaluation
from epochsearch.training.learner import make_learner
from tests.contract.subjects import identity

ROWS, LENGTH, WORDS = 60, 5, 7


class Watched(nn.Module):
    """Foretells a class for each token, and notes how many rows it was given at once."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.seen = nn.Embedding(WORDS, WORDS), 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen = max(self.seen, len(x) if not self.training else 0)
        return self.layer(x[:, 0]).transpose(1, 2)  # (rows, words, positions)


class Tokens(epochsearch.Task):
    """Rows of tokens; of some rows most labels do not count, of some none."""

    def data(self) -> Any:
        random = np.random.default_rng(0)
        x = random.integers(0, WORDS, (ROWS, LENGTH))
        y = (x + 1) % WORDS
        y[::3, 1:], y[::4] = -100, -100
        return {"input_ids": x, "labels": y}

    def model(self) -> nn.Module:
        return Watched()


def after_an_epoch() -> tuple[Any, Any]:
    task = Tokens()
    learner: Any = make_learner(task, identity(task, batch_size=8))
    return learner, learner.run_epoch()


def test_outputs_that_are_too_large_for_one_pass_are_made_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four rows at a time here: with the words of a language model a pass of all would need gigabytes."""
    monkeypatch.setattr(evaluation, "OUTPUT_BYTES", 4 * LENGTH * WORDS * 4)

    learner, _ = after_an_epoch()
    learner.test()

    assert learner.trained().module.seen == 4


def test_the_loss_is_the_mean_over_the_labels_that_count_however_many_passes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In validation, and in the test part row by row."""
    learner, whole = after_an_epoch()
    tested = learner.test()
    monkeypatch.setattr(evaluation, "OUTPUT_BYTES", 1)

    other, parts = after_an_epoch()

    x, y = next(iter(learner._validation.ordered(ROWS)))
    with torch.no_grad():
        exact = nn.functional.cross_entropy(learner.trained().module.eval()(x), y, ignore_index=-100)
    assert whole.val_loss == pytest.approx(float(exact))
    assert parts.val_loss == pytest.approx(whole.val_loss)
    assert dict(parts.metrics) == pytest.approx(dict(whole.metrics))
    assert other.test().loss == pytest.approx(tested.loss)


@pytest.mark.parametrize("training", [{}, {"label_smoothing": 0.1}], ids=["plain", "smoothed"])
def test_a_batch_without_a_label_that_counts_teaches_nothing(training: dict[str, float]) -> None:
    """Here every fourth row, each a batch of its own: the losses stay numbers."""
    task = Tokens()

    report = make_learner(task, identity(task, batch_size=1, training=training)).run_epoch()

    assert np.isfinite([report.train_loss, report.val_loss]).all()


def test_a_batch_of_ragged_labels_in_parts_is_the_whole_batch() -> None:
    """Each label counts as much, in whichever part it stands."""
    weights = []
    for parts in (1, 3):
        task = Tokens()
        learner: Any = make_learner(task, identity(task, batch_size=16, training={"accumulate": parts}))
        learner.run_epoch()
        weights.append(learner.trained().module.layer.weight.detach().numpy())

    np.testing.assert_allclose(weights[1], weights[0], rtol=0, atol=1e-6)
