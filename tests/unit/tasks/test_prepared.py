"""What `prepare` makes of a task's data: the split, the scaling, the encoding of targets."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from epochsearch import Task
from epochsearch.core.errors import TaskError
from epochsearch.tasks.prepared import prepare, sealed_test, split_rows
from epochsearch.tasks.registry import built_in_task
from epochsearch.tasks.treatment import Treatment

RNG = np.random.default_rng(0)
X = RNG.normal(3.0, 2.0, size=(60, 4))
CLASSES = np.arange(60) % 3


def task_of(x: Any, y: Any, **attributes: Any) -> Task:
    return type("Mine", (Task,), {"data": lambda self: (x, y), **attributes})()


def test_the_split_of_digits_is_the_textbooks() -> None:
    """The digits are split and standardised exactly as a careful script with scikit-learn does it."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    x, y = load_digits(return_X_y=True)
    x_train, x_rest, y_train, y_rest = train_test_split(x, y, test_size=0.3, random_state=0, stratify=y)
    x_val, x_test, y_val, _ = train_test_split(x_rest, y_rest, test_size=0.5, random_state=0, stratify=y_rest)
    scaler = StandardScaler().fit(x_train)

    task = built_in_task("digits")
    prepared, test = prepare(task), sealed_test(task)

    assert np.array_equal(prepared.train.x, scaler.transform(x_train).astype(np.float32))
    assert np.array_equal(prepared.validation.x, scaler.transform(x_val).astype(np.float32))
    assert np.array_equal(test.x, scaler.transform(x_test).astype(np.float32))
    assert np.array_equal(prepared.train.y, y_train)
    assert np.array_equal(prepared.validation.y, y_val)


def test_only_the_training_part_is_looked_at_for_scaling() -> None:
    """Moving the validation and test rows far away leaves the training part as it was."""
    rows = split_rows(task_of(X, CLASSES))
    moved = X.copy()
    moved[np.concatenate([rows.validation, rows.test])] += 1000

    before, after = prepare(task_of(X, CLASSES)), prepare(task_of(moved, CLASSES))

    assert np.array_equal(before.train.x, after.train.x)
    assert np.allclose(before.train.x.mean(axis=0), 0, atol=1e-6)


def test_the_parts_share_no_row_and_leave_none_out() -> None:
    """Every row is in exactly one of training, validation and test."""
    rows = split_rows(task_of(X, CLASSES))

    assert sorted(np.concatenate([rows.train, rows.validation, rows.test])) == list(range(60))


def test_folds_leave_the_test_rows_sealed() -> None:
    """Cross-validation covers every row outside the test part once, and none of the test part."""
    task = task_of(X, CLASSES)
    test = set(split_rows(task).test)

    folds = [split_rows(task, fold, 4) for fold in range(4)]

    validated = np.concatenate([rows.validation for rows in folds])
    assert sorted(validated) == sorted(set(range(60)) - test)
    assert all(set(rows.test) == test for rows in folds)


def test_a_class_with_two_rows_is_split_without_stratifying() -> None:
    """A class too rare for every part is no error."""
    y = np.array([0] * 29 + [1] * 29 + [2] * 2)

    assert prepare(task_of(X, y)).outputs == 3


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (np.array(["cat", "dog", "emu"] * 20), "classes"),
        (np.array(["cat", "dog", "emu"] * 20, dtype=object), "classes"),
        ([10, 20, 40] * 20, "classes"),
        (CLASSES[:, None], "classes"),
        (RNG.normal(size=60), "values"),
    ],
    ids=["text", "objects", "gaps", "column", "reals"],
)
def test_targets_are_encoded_by_what_they_are(y: Any, expected: str) -> None:
    """Text and whole numbers become class indexes from 0, real numbers stay values."""
    prepared = prepare(task_of(X, y))

    assert prepared.target == expected
    assert prepared.train.y is not None
    assert prepared.train.y.ndim == 1
    if expected == "classes":
        assert prepared.train.y.dtype == np.int64
        assert set(prepared.train.y) == {0, 1, 2}
        assert prepared.outputs == 3


def test_binary_targets_are_zeros_and_ones() -> None:
    """Under binary cross-entropy two labels become the real numbers 0 and 1."""
    prepared = prepare(task_of(X, ["no", "yes"] * 30, loss="binary-cross-entropy"))

    assert (prepared.target, prepared.outputs) == ("binary", 1)
    assert prepared.train.y is not None
    assert set(prepared.train.y) == {0.0, 1.0}
    assert prepared.train.y.dtype == np.float32


def test_a_scaled_target_can_be_scaled_back() -> None:
    """With standardise_target the training values have mean 0 and variance 1, and scale and mean undo it."""
    y = RNG.normal(150.0, 75.0, size=60)
    task = task_of(X, y, standardise_target=True)

    prepared = prepare(task)

    assert prepared.train.y is not None
    assert prepared.train.y.std() == pytest.approx(1, abs=1e-5)
    back = prepared.train.y * prepared.target_scale + prepared.target_mean
    assert np.allclose(back, y[split_rows(task).train], rtol=1e-4)


def test_tokens_stay_whole_numbers() -> None:
    """Whole numbers that the task does not want standardised are kept for an embedding."""
    tokens = RNG.integers(0, 50, size=(60, 7))

    assert prepare(task_of(tokens, CLASSES, standardise=False)).train.x.dtype == np.int64
    assert prepare(task_of(tokens, CLASSES)).train.x.dtype == np.float32


def test_images_are_not_scaled() -> None:
    """Inputs of more than two dimensions keep their values."""
    images = RNG.integers(0, 255, size=(60, 1, 4, 4)).astype(np.uint8)
    task = task_of(images, CLASSES)

    assert np.array_equal(prepare(task).train.x, images[split_rows(task).train].astype(np.float32))


def test_data_frames_and_tensors_are_as_good_as_arrays() -> None:
    """The same numbers give the same parts, whatever they come in."""
    import pandas as pd
    import torch

    frame = task_of(pd.DataFrame(X, columns=list("abcd")), pd.Series(CLASSES))
    tensors = task_of(torch.tensor(X), torch.tensor(CLASSES))
    expected = prepare(task_of(X, CLASSES))

    assert np.array_equal(prepare(frame).train.x, expected.train.x)
    assert np.array_equal(prepare(tensors).train.x, expected.train.x)


def test_a_dataset_is_read_item_by_item() -> None:
    """A map-style Dataset gives Subsets; its items' type says what the target is."""
    import torch
    from torch.utils.data import Subset, TensorDataset

    dataset = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(CLASSES))
    task = type("Lazy", (Task,), {"data": lambda self: dataset})()

    prepared = prepare(task)

    assert prepared.lazy
    assert prepared.target == "classes"
    assert prepared.outputs == 3
    assert isinstance(prepared.train.x, Subset)
    assert prepared.train.y is None
    assert prepared.train.rows == len(prepared.train.x)


def test_data_is_called_once_and_with_the_same_random_numbers() -> None:
    """Data drawn from the global generators are the same in every task object, and drawn once in each."""
    calls = []

    class Random(Task):
        def data(self) -> Any:
            calls.append(1)
            return np.random.rand(30, 2), np.arange(30) % 2

    first, second = Random(), Random()
    prepare(first, 0, 3)
    prepare(first, 1, 3)

    assert len(calls) == 1
    assert np.array_equal(prepare(first).train.x, prepare(second).train.x)


NAN = X.copy()
NAN[[3, 7], 2] = np.nan


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (NAN, CLASSES, ["NaN values in 2 of 60 rows", "column 2"]),
        (X, np.where(CLASSES == 1, np.inf, 0.5), ["y has infinite values in 20 of 60 rows"]),
        (X, CLASSES[:50], ["x has 60 rows and y has 50"]),
        (X[:0], CLASSES[:0], ["returned 0 rows"]),
        (X[:6], CLASSES[:6], ["returned 6 rows", "at least 10"]),
        (X, np.zeros(60, dtype=int), ["y is 0 in every row"]),
        (X, np.arange(60), ["60 different", "loss = 'mse'"]),
        (X, np.eye(3, dtype=int)[CLASSES], ["one class per row", "argmax"]),
        (X, np.array([None, *"ab" * 29, "a"], dtype=object), ["y has 1 missing values"]),
        ([["a", 1]] * 60, CLASSES, ["column 0", "must be numbers"]),
        (5, CLASSES, ["one row per example"]),
        (X * 1e30, CLASSES, ["32-bit"]),
        (X[:, :0], CLASSES, ["at least one column"]),
        ([[1, 2], [3]] * 30, CLASSES, ["x is no array", "equal length"]),
    ],
)
def test_what_cannot_be_trained_on_is_refused(x: Any, y: Any, words: list[str]) -> None:
    """A message says what is wrong with the data, and how much of it."""
    task = task_of(x, y, standardise=False)

    with pytest.raises(TaskError) as caught:
        prepare(task)

    assert "Mine data()" in caught.value.message
    for word in words:
        assert word in caught.value.message


def test_a_column_with_gaps_is_called_by_its_name() -> None:
    """For a DataFrame the message names the column."""
    import pandas as pd

    with pytest.raises(TaskError, match="column 'c'"):
        prepare(task_of(pd.DataFrame(NAN, columns=list("abcd")), CLASSES))


@pytest.mark.parametrize(
    ("returned", "words"),
    [(None, "nothing"), ((1, 2, 3), "3 things"), ({"x": X}, "a dict"), (X, "a ndarray")],
)
def test_data_must_return_a_pair_or_a_dataset(returned: Any, words: str) -> None:
    """Anything else is refused by what it is."""
    task = type("Mine", (Task,), {"data": lambda self: returned})()

    with pytest.raises(TaskError, match=f"returned {words}"):
        prepare(task)


def test_an_error_in_data_is_told_with_its_type_and_line() -> None:
    """What the user's own method raises is named, and kept as the cause; the line is of the user's file."""

    class Broken(Task):
        def data(self) -> Any:
            return json.loads("{"), None

    line = Broken.data.__code__.co_firstlineno + 1
    place = rf"Expecting property name .*\(test_prepared.py, line {line}\): data\(\) must return"
    with pytest.raises(TaskError, match=rf"Broken data\(\) raised JSONDecodeError: {place}") as caught:
        prepare(Broken())

    assert isinstance(caught.value.__cause__, json.JSONDecodeError)


def test_a_task_without_data_is_told_to_define_it() -> None:
    """The method is named."""

    class Empty(Task):
        pass

    with pytest.raises(TaskError, match=r"Define data\(self\)"):
        prepare(Empty())


@pytest.mark.parametrize("split", [(0.5, 0.5, 0.5), (0.0, 0.5, 0.5), (0.8, 0.2), "thirds"])
def test_shares_that_make_no_split_are_refused(split: Any) -> None:
    """The three shares add up to 1, and there is something to train and to validate on."""
    with pytest.raises(TaskError, match="split"):
        prepare(task_of(X, CLASSES, split=split))


def test_a_split_without_a_test_part_has_nothing_to_unseal() -> None:
    """All rows may go to training and validation."""
    task = task_of(X, CLASSES, split=(0.8, 0.2, 0.0))

    assert prepare(task).train.rows + prepare(task).validation.rows == 60
    with pytest.raises(TaskError, match="no rows for the test"):
        sealed_test(task)


def test_fewer_training_rows_are_all_that_is_fitted_on() -> None:
    """Scaling is theirs, validation rows are the same ones, and the whole part is as if nobody had asked."""
    task = task_of(X, CLASSES)
    few, whole, again = (
        prepare(task, treatment=Treatment(train_rows=12)),
        prepare(task),
        prepare(task_of(X, CLASSES)),
    )

    rows = split_rows(task, train_rows=12)
    assert few.train.rows == 12
    assert np.bincount(few.train.y).tolist() == [4, 4, 4]
    assert np.allclose(few.train.x.mean(axis=0), 0, atol=1e-6)
    assert np.array_equal(rows.validation, split_rows(task).validation)
    assert not np.array_equal(few.validation.x, whole.validation.x)
    assert np.array_equal(whole.train.x, again.train.x)
