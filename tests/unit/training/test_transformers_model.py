"""A model of Hugging Face's kind behind one tensor: its loss, its padding, what does not fit."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import epochsearch
from epochsearch.core.errors import TaskError
from epochsearch.tasks.facts import examine
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.prepared import prepare, preprocessing
from epochsearch.tasks.raw import raw_data
from epochsearch.training.learner import make_learner
from epochsearch.training.models.reading import Predictor
from epochsearch.training.transformers_model import as_read
from tests.contract.subjects import identity
from tests.contract.transformers_subjects import (
    END,
    LONGEST,
    PRETRAINED,
    SEQUENCES,
    WORDS,
    Classifier,
    Sentences,
    sentences,
)

transformers = pytest.importorskip("transformers", reason="the extra [transformers] is not installed")


@pytest.mark.parametrize("name", [*PRETRAINED, "bart"])
def test_the_loss_is_the_models_own(name: str) -> None:
    """For one class a row, a number a row, a class a token, the next token, and a sequence a row."""
    task = load_task(PRETRAINED[name]) if name != "bart" else answering("bart")
    learner: Any = make_learner(task, identity(task))
    x, y = next(iter(learner._validation.ordered(100)))
    module = learner.trained().module.eval()

    with torch.no_grad():
        ours = learner._loss(module(x), y)

        theirs = module.model(**fields_of(task, module, x), labels=y).loss
    assert float(ours) == pytest.approx(float(theirs), rel=1e-5)


def fields_of(task: Any, module: Any, x: Any) -> dict[str, Any]:
    """Return the fields that the model takes, as a tokeniser would have padded them."""
    taken = inspect.signature(module.model.forward).parameters
    named = enumerate(raw_data(task).fields)
    return {name: x[:, place, :LONGEST] for place, name in named if name in taken}


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


def bart() -> Any:
    """Return the configuration of a tiny BART."""
    sizes: dict[str, Any] = {"vocab_size": WORDS + 1, "max_position_embeddings": 16, "d_model": 8}
    sizes |= {"encoder_layers": 1, "decoder_layers": 1}
    for part in ("encoder", "decoder"):
        sizes |= {f"{part}_attention_heads": 2, f"{part}_ffn_dim": 16}
    special = {"pad_token_id": 0, "eos_token_id": END, "decoder_start_token_id": END}
    return transformers.BartConfig(forced_eos_token_id=None, **sizes, **special)


def answering(kind: str, data: Any = None) -> Any:
    """Return a task of a T5 or a BART that says sequences; data: others than the subject's."""
    subject = type(load_task(PRETRAINED[SEQUENCES]))
    methods = {"data": lambda self: data} if data is not None else {}
    if kind == "bart":
        methods["model"] = lambda self: transformers.BartForConditionalGeneration(bart())
    return type("Answers", (subject,), methods)()


def test_answers_of_any_length_are_padded_and_the_padding_is_not_judged() -> None:
    """A row is judged alone as it is among longer ones."""
    task = load_task(PRETRAINED[SEQUENCES])
    learner: Any = make_learner(task, identity(task))
    x, y = next(iter(learner._validation.ordered(100)))
    module = learner.trained().module.eval()
    lengths = (y != -100).sum(dim=1)

    with torch.no_grad():
        together = torch.nn.functional.cross_entropy(module(x), y, reduction="none").sum(dim=1) / lengths

        for row, length in enumerate(lengths.tolist()):
            tokens = int(x[row, 1, :LONGEST].sum())
            fields = fields_of(task, module, x[row : row + 1, :, :tokens])
            alone = module.model(**fields, labels=y[row : row + 1, :length]).loss
            assert float(together[row]) == pytest.approx(float(alone), rel=1e-4)
    assert set(lengths.tolist()) == {2, 3, 4, 5}


@pytest.mark.parametrize("name", ["t5", "bart"])
def test_asked_without_an_answer_it_says_the_likeliest_one(name: str) -> None:
    """Token by token, each the likeliest after those before it, then padding; as the answer to raw rows."""
    data = Sentences(lambda tokens, index: [3, 4, 5, END] if index % 9 else [3, 4, 5, 6, END])
    task = answering(name, data)
    learner: Any = make_learner(task, identity(task, learning_rate=0.05, batch_size=16))
    for _ in range(6):
        learner.run_epoch()
    model, part = learner.trained(), prepare(task).validation

    columns = Predictor(model, preprocessing(task)).predict(part.x)

    said = np.column_stack(list(columns.values()))
    ended = np.cumsum(said == END, axis=1) - (said == END) > 0
    told = as_read(model.module, replace(part, y=np.where(ended, -100, said)))
    with torch.no_grad():
        foretold = model.module(torch.as_tensor(told.x)).argmax(dim=1).numpy()
    assert list(columns) == [f"class_{number}" for number in range(1, 6)]
    assert (said[~ended] == foretold[~ended]).all()
    assert (said[ended] == 0).all()
    assert [3, 4, 5, END, 0] in said.tolist()


def test_a_decoder_says_the_first_token_too_where_it_repeats_what_it_reads() -> None:
    """Unlike a model of the next token, which has nothing to foretell it by."""
    task = answering("bart", Sentences(lambda tokens, index: tokens))
    learner: Any = make_learner(task, identity(task))

    _, y = next(iter(learner._train.ordered(100)))

    read = prepare(task).train.x
    assert (y.numpy() == np.where(read[:, 1] == 1, read[:, 0], -100)).all()


def test_a_model_with_a_decoder_may_tell_a_class() -> None:
    """Which needs no answers."""
    rows = [{"input_ids": [*row.tolist(), END], "label": int(row[0] > 9)} for row in sentences()]
    model = {"model": lambda self: transformers.BartForSequenceClassification(bart())}
    task = type("Told", (Classifier,), {"data": lambda self: rows, **model})()

    report = make_learner(task, identity(task, batch_size=16)).run_epoch()

    assert report.finite
    assert dict(report.metrics)["accuracy"] > 0


def test_a_decoder_without_anything_to_say_is_refused() -> None:
    """Its data have one label a row."""
    model = transformers.BartForConditionalGeneration(bart())
    task = type("Both", (Classifier,), {"model": lambda self: model})()

    with pytest.raises(TaskError, match="says sequences, and the data have none to say"):
        make_learner(task, identity(task))


def test_labels_of_lengths_of_their_own_need_a_decoder() -> None:
    """No other model has an output for each."""
    given = Sentences(lambda tokens, index: tokens[: 1 + index % 3])
    task = type("Translated", (Classifier,), {"data": lambda self: given})()

    with pytest.raises(TaskError, match="the outputs of each class at every position that has a target"):
        make_learner(task, identity(task))


def test_labels_that_do_not_count_are_no_class_either() -> None:
    """In what a task is in numbers, in weights of classes and in smoothed labels; the loss may be named."""
    kind = type(load_task(PRETRAINED["transformers: a class for each token"]))
    task = type("Named", (kind,), {"loss": "cross-entropy"})()
    both = {"class_weights": "balanced", "label_smoothing": 0.2}
    learner: Any = make_learner(task, identity(task, training={"label_smoothing": 0.2}))
    x, y = next(iter(learner._train.ordered(100)))
    outputs = learner._model.eval()(x)

    loss = learner._batch_loss(x, y)

    expected = torch.nn.functional.cross_entropy(outputs, y, label_smoothing=0.2)
    assert float(loss.detach()) == pytest.approx(float(expected.detach()), rel=1e-5)
    assert 0.5 < (examine(task).chance_loss or 0) < 0.7
    assert make_learner(task, identity(task, training=both)).run_epoch().finite


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
