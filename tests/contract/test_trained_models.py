"""Every learner's trained model answers as its curve says, and comes back from its files the same."""

import multiprocessing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import special

from epochsearch.core.errors import TaskError
from epochsearch.core.final import Whole
from epochsearch.tasks.base import Task
from epochsearch.tasks.prepared import prepare, prepare_final, preprocessing, split_rows
from epochsearch.tasks.raw import raw_data
from epochsearch.tasks.treatment import treatment_of
from epochsearch.training.learner import make_learner
from epochsearch.training.models.reading import Predictor, read_model
from epochsearch.training.models.writing import write_model
from tests.contract.subjects import OWN_LEARNER, SUBJECTS, subject
from tests.contract.transformers_subjects import SEQUENCES

EPOCHS = 3
WITH_A_MODEL = [name for name in SUBJECTS if name not in ("table", OWN_LEARNER)]
every_model = pytest.mark.parametrize("name", WITH_A_MODEL)


def trained(name: str, table: Path, whole: Whole | None = None):
    task, identity = subject(name, table)
    learner = make_learner(task, replace(identity, fold=0, folds=1) if whole else identity, whole)
    return task, identity, learner, [learner.run_epoch() for _ in range(EPOCHS)]


# The items of the lazy subjects are random: a second reading gives other numbers. What says sequences is told
# the right ones while it is judged, and says its own when it is asked.
@pytest.mark.parametrize(
    "name",
    [name for name in WITH_A_MODEL if not name.startswith(("lazy", "lightning")) and name != SEQUENCES],
)
def test_a_trained_model_says_what_the_curve_reports(name, table):
    """The loss of its outputs on the validation rows is the one that the last epoch reported."""
    task, identity, learner, reports = trained(name, table)
    data = prepare(task, identity.fold, identity.folds, treatment_of(task, identity))

    outputs = learner.trained().outputs(data.validation.x)

    loss = loss_of_outputs(task, learner.trained().head, outputs.astype(np.float64), data.validation.y)
    assert loss == pytest.approx(reports[-1].val_loss, rel=1e-5)


def loss_of_outputs(task: Task, head: str, outputs: np.ndarray, y: np.ndarray) -> float:
    if callable(task.loss):
        return float(task.loss(torch.as_tensor(outputs), torch.as_tensor(y, dtype=torch.float64)))
    if head == "values":
        return float(((outputs.reshape(y.shape) - y) ** 2).mean())
    shares = special.softmax(outputs, axis=1) if head == "softmax" else outputs
    right = np.take_along_axis(shares, np.maximum(y, 0)[:, None], axis=1)[:, 0]
    return float(-np.log(right[y >= 0]).mean())


@every_model
def test_a_written_model_answers_the_same_in_another_process(name, table, tmp_path):
    """Law: bit for bit, from its files, its identity and the task's code alone; the data are not read."""
    task, identity, learner, _ = trained(name, table)
    treatment = treatment_of(task, identity)
    model = learner.trained()
    done = preprocessing(task, identity.fold, identity.folds, treatment=treatment)
    lazy = prepare(task, treatment=treatment).lazy
    x = some_rows(task) if lazy else np.asarray(raw_data(task).x[: len(split_rows(task).train)])
    written = write_model(model, done, tmp_path)

    answers = in_another_process(name, table, identity, written.head, tmp_path, x)

    expected = Predictor(model, done).predict(x)
    assert [(key, value.tobytes()) for key, value in answers.items()] == [
        (key, value.tobytes()) for key, value in expected.items()
    ]
    assert {file.name for file in written.files} == {path.name for path in tmp_path.iterdir()}


@every_model
def test_a_whole_training_uses_training_and_validation_rows(name, table):
    """Its curve is another than the search's, its rows are all but the test's; the prefix law holds."""
    task, identity, _, reports = trained(name, table, Whole())
    *_, again = trained(name, table, Whole())
    *_, searched = trained(name, table)

    treatment = treatment_of(task, identity)
    assert prepare_final(task, treatment).train.rows == sum(
        len(part) for part in (split_rows(task).train, split_rows(task).validation)
    )
    assert [report.train_loss for report in reports] != [report.train_loss for report in searched]
    assert all(a.same_values(b) for a, b in zip(reports, again, strict=True))


def test_recorded_curves_have_no_model(table):
    """They are refused in words."""
    task, identity = subject("table", table)

    with pytest.raises(TaskError, match="recorded curves have no model"):
        make_learner(task, identity).trained()


def test_a_learner_of_ones_own_has_no_model(table):
    """Nobody knows what it would be."""
    task, identity = subject(OWN_LEARNER, table)

    with pytest.raises(TaskError, match="no model that could be written"):
        make_learner(task, identity).trained()


def some_rows(task):
    return np.stack([x for x, _ in prepare(task).train.x])


def in_another_process(*arguments):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["epochsearch.engines.preload"])
    ours, theirs = context.Pipe()
    process = context.Process(target=_read_and_answer, args=(theirs, *arguments))
    process.start()
    theirs.close()
    result = ours.recv()
    process.join()
    return result


def _read_and_answer(pipe, name, table, identity, head, folder, x):
    from epochsearch.engines.inline import limit_threads

    limit_threads(1)
    task, _ = subject(name, table)
    task.data = lambda: pytest.fail("predicting needs no data")
    pipe.send(dict(read_model(task, identity, head, folder).predict(x)))
