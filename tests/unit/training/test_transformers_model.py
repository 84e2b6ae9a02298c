"""A model of Hugging Face's kind behind one tensor: its loss, its padding, what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import epochsearch
from epochsearch.core.errors import TaskError
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.prepared import prepare
from epochsearch.tasks.raw import raw_data
from epochsearch.training.learner import make_learner
from tests.contract.subjects import identity
from tests.contract.transformers_subjects import LONGEST, PRETRAINED, Classifier, Sentences

transformers = pytest.importorskip("transformers", reason="the extra [transformers] is not installed")


@pytest.mark.parametrize("name", PRETRAINED)
def test_the_loss_is_the_models_own(name: str) -> None:
    """For one class a row, a number a row, a class a token, and the next token."""
    task = load_task(PRETRAINED[name])
    learner: Any = make_learner(task, identity(task))
    part = prepare(task).validation
    x, y = torch.as_tensor(part.x), torch.as_tensor(part.y)
    module = learner.trained().module.eval()

    with torch.no_grad():
        ours = learner._loss(module(x), y)

        fields = dict(zip(raw_data(task).fields, x.unbind(dim=1), strict=True))
        theirs = module.model(**fields, labels=y).loss
    assert float(ours) == pytest.approx(float(theirs), rel=1e-5)


def test_rows_are_padded_and_the_padding_is_masked() -> None:
    """To the longest; a field that no item has, the mask, is made."""
    task = load_task(PRETRAINED["transformers: a class for each token"])

    raw = raw_data(task)

    lengths = np.array([len(row) for row in Sentences(lambda tokens, index: 0).rows])
    assert raw.fields == ("input_ids", "attention_mask", "token_type_ids")
    assert raw.x.shape == (97, 3, LONGEST)
    assert (raw.x[:, 1].sum(axis=1) == lengths).all()
    assert raw.y is not None
    assert (raw.y[raw.x[:, 1] == 0] == -100).all()


def test_a_mapping_of_columns_is_as_good_as_a_dataset() -> None:
    """As tokenisers return it, padded, with labels added; tensors too."""
    raw = raw_data(Classifier())
    names = ("input_ids", "attention_mask", "token_type_ids")
    columns = {name: torch.as_tensor(raw.x[:, place]) for place, name in enumerate(names)}
    given = {**columns, "label": raw.y}
    task = type("Columns", (Classifier,), {"data": lambda self: given})()

    again = raw_data(task)

    assert again.fields == raw.fields
    assert (again.x == raw.x).all()
    assert (again.y == raw.y).all()


def test_labels_that_do_not_count_are_in_no_metric() -> None:
    """Accuracy is over the tokens that have a class."""
    task = load_task(PRETRAINED["transformers: a class for each token"])
    learner: Any = make_learner(task, identity(task, metrics=("accuracy", "f1_macro")))
    part = prepare(task).validation

    report = learner.run_epoch()

    said = learner.trained().outputs(part.x).argmax(axis=1)
    known = part.y >= 0  # type: ignore[operator]
    by_row = [
        (said[i][known[i]] == part.y[i][known[i]]).mean() if known[i].any() else 0 for i in range(part.rows)
    ]  # type: ignore[index]
    assert dict(report.metrics)["accuracy"] == pytest.approx(np.mean(by_row))


def test_dropped_tokens_are_tokens() -> None:
    """Masks and types stay what they are."""
    task = load_task(PRETRAINED["transformers: a class for each sentence"])
    learner: Any = make_learner(task, identity(task, training={"token_dropout": 0.9}))
    x, y = torch.as_tensor(prepare(task).train.x), torch.as_tensor(prepare(task).train.y)

    changed, _ = learner._change(x, y)

    assert (changed[:, 1:] == x[:, 1:]).all()
    assert (changed[:, 0] == 1).sum() > (x[:, 0] == 1).sum()
    assert (changed[:, 0][x[:, 1] == 0] == 0).all()


def test_an_encoder_with_a_decoder_is_refused() -> None:
    """Its outputs hang on the labels."""
    config = transformers.T5Config(vocab_size=20, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2)
    model = transformers.T5ForConditionalGeneration(config)
    task = type("Both", (Classifier,), {"model": lambda self: model})()

    with pytest.raises(TaskError, match=r"encoder and a decoder need the labels .* --template custom"):
        make_learner(task, identity(task))


def test_labels_of_lengths_of_their_own_are_refused() -> None:
    """As those that a decoder is to say: some are as long as the tokens, and some are not."""
    given = Sentences(lambda tokens, index: tokens[: 1 + index % 3])
    task = type("Translated", (Classifier,), {"data": lambda self: given})()

    with pytest.raises(TaskError, match=r"returned labels of 1 to 3 numbers a row: .* --template custom"):
        raw_data(task)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"input_ids": [1, 2]}, "returned items without labels: .* They have: input_ids"),
        ({"tokens": [1, 2], "labels": 1}, "returned items without input_ids"),
        ({"input_ids": [1, 2], "labels": 1, "attention_mask": [1]}, "attention_mask of another length"),
    ],
)
def test_items_that_are_not_tokenised_are_told_what_lacks(item: dict[str, Any], message: str) -> None:
    """By the names of their fields."""
    task = type("Mine", (epochsearch.Task,), {"data": lambda self: [item] * 20})()

    with pytest.raises(TaskError, match=message):
        raw_data(task)
