"""Programs of text models: what they say of tokens, and how a text becomes tokens without the task."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from onnx.reference import ReferenceEvaluator

from epochsearch import Task
from epochsearch.core.errors import TaskError
from epochsearch.tasks.docstrings import labelled
from epochsearch.tasks.library import source_files
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.networks.text import BagClassifier
from epochsearch.tasks.prepared import preprocessing, split_rows
from epochsearch.tasks.raw import raw_data
from epochsearch.training.models.network import Network
from epochsearch.training.models.predictions import predictions
from epochsearch.training.models.vocabulary import write_vocabulary
from epochsearch.training.models.writing import write_model

TASK = "docstrings-lstm"
NETWORKS = {
    "LSTM": lambda: load_task(TASK).model(),
    "Transformer": lambda: load_task("docstrings-transformer").model(),
    "bag": lambda: BagClassifier(8192, 48, classes=8, dropout=0.5),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_program_says_of_test_rows_what_the_network_says(name: str, tmp_path: Path) -> None:
    """Of rows with padding, of which the network cuts off what all of them have, and of full ones."""
    task = load_task(TASK)
    torch.manual_seed(0)
    model, done = Network(NETWORKS[name](), "softmax", TASK), preprocessing(task)
    rows = raw_data(task).x[split_rows(task).test]
    words = (rows != 0).sum(axis=1)
    padded, full = rows[words < 40][:7], rows[words == rows.shape[1]][:5]

    write_model(model, done, tmp_path, ("onnx",), task)

    program = ReferenceEvaluator(str(tmp_path / "model.onnx"))
    for x in (padded, full, padded[:1]):
        said = program.run(None, {"x": x})[0]
        shares = list(predictions(model.outputs(x), "softmax", done).values())[1:]
        assert said == pytest.approx(np.column_stack(shares), rel=1e-4, abs=1e-6)
    assert (len(padded), len(full)) == (7, 5)


def test_a_text_becomes_tokens_as_the_vocabulary_says(tmp_path: Path) -> None:
    """Of hashed words it says how; here by that file alone."""
    task = load_task(TASK)
    write_vocabulary(task, preprocessing(task), tmp_path)
    said = json.loads((tmp_path / "vocabulary.json").read_text(encoding="utf-8"))

    rows = []
    for text in labelled()[0]:
        apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower()
        words = re.findall(said["word"], apart)[: said["length"]]
        tokens = [said["first"] + zlib.crc32(word.encode()) % said["modulo"] for word in words]
        rows.append(tokens + [said["padding"]] * (said["length"] - len(tokens)))

    assert np.array_equal(np.array(rows), raw_data(task).x)


def test_of_characters_the_vocabulary_has_each(tmp_path: Path) -> None:
    """A row reads as the source that it is of."""
    task = load_task("characters-rnn")
    write_vocabulary(task, preprocessing(task), tmp_path)
    said = json.loads((tmp_path / "vocabulary.json").read_text(encoding="utf-8"))

    characters = {token: text for text, token in said["tokens"].items()}
    row = "".join(characters[token] for token in raw_data(task).x[0])

    assert next(iter(source_files("asyncio"))).read_text(encoding="utf-8").startswith(row)


class Sets(Task):
    """A vocabulary that JSON has no word for."""

    def data(self) -> object:
        return np.zeros((20, 3), dtype=np.int64), np.arange(20) % 2

    def vocabulary(self) -> dict[str, object]:
        return {"tokens": {"a", "b"}}


def test_a_vocabulary_that_is_no_json_is_refused(tmp_path: Path) -> None:
    """With what to return, and no file is left."""
    task = Sets()

    with pytest.raises(
        TaskError, match=r"Sets vocabulary\(\).*set.*must return a mapping that JSON can hold"
    ):
        write_vocabulary(task, preprocessing(task), tmp_path)

    assert not list(tmp_path.iterdir())
