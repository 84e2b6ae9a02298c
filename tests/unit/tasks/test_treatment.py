"""Gaps are filled, numbers scaled and categories told apart as the training rows alone say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from torch import nn

from epochsearch import Task
from epochsearch.core.errors import TaskError, UsageError
from epochsearch.tasks.fingerprint import fingerprint
from epochsearch.tasks.new_rows import read_rows
from epochsearch.tasks.prepared import prepare, prepare_final, preprocessing, sealed_test, split_rows
from epochsearch.tasks.preprocessing import Preprocessing
from epochsearch.tasks.treatment import Treatment, check_choices, treatment_of
from epochsearch.training.learner import make_learner
from tests.contract.subjects import identity

RNG = np.random.default_rng(0)
ROWS = 60
CLASSES = np.arange(ROWS) % 3
MIXED = Treatment(impute="median", one_hot=True)


def frame() -> pd.DataFrame:
    """Two columns of numbers, one of texts and one of categories that look like numbers; two have gaps."""
    return pd.DataFrame(
        {
            "age": np.where(np.arange(ROWS) % 9 == 0, np.nan, RNG.normal(40, 10, ROWS)),
            "city": np.array(["Oslo", "Rome", None, "Bonn"], dtype=object)[np.arange(ROWS) % 4],
            "size": RNG.normal(size=ROWS),
            "month": pd.Categorical(1 + np.arange(ROWS) % 2),
        }
    )


FRAME = frame()


def task_of(x: Any, y: Any = CLASSES, **attributes: Any) -> Task:
    return type("Mine", (Task,), {"data": lambda self: (x, y), **attributes})()


def test_a_table_becomes_numbers_and_columns_of_0_and_1() -> None:
    """Numbers first, then each category of each column in order; a missing text is a category of its own."""
    task = task_of(FRAME)
    rows = split_rows(task).train
    table = FRAME.iloc[rows]

    x = prepare(task, treatment=MIXED).train.x

    ages = table["age"].fillna(table["age"].median())
    assert x.shape == (len(rows), 2 + 4 + 2)
    assert np.allclose(x[:, 0], (ages - ages.mean()) / ages.std(ddof=0), atol=1e-5)
    texts = ["", "Bonn", "Oslo", "Rome"]
    assert all(
        (x[:, 2 + place] == (table["city"].fillna("") == text)).all() for place, text in enumerate(texts)
    )
    assert (x[:, 6:] == np.column_stack([table["month"] == 1, table["month"] == 2])).all()


@pytest.mark.parametrize("of", [{}, *({"fold": fold, "folds": 3} for fold in range(3))])
@pytest.mark.parametrize(
    ("scaling", "impute"), [("standard", "mean"), ("minmax", "median"), ("none", "most_frequent")]
)
def test_nothing_of_other_rows_is_seen(scaling: str, impute: str, of: dict[str, int]) -> None:
    """Law 7, with folds too: whatever stands in rows outside the training part, all that is fitted stays."""
    treatment = Treatment(scaling=scaling, impute=impute, one_hot=True, select_best=5)
    clean = task_of(FRAME)
    rows = split_rows(clean, **of).train
    others, random = np.setdiff1d(np.arange(ROWS), rows), np.random.default_rng(1)
    changed = FRAME.copy()
    changed.loc[others, "age"] = random.choice([np.nan, 1e6, -5.0], len(others))
    changed.loc[others, "city"] = random.choice(["Atlantis", "Zion", "Oslo"], len(others))
    months = np.where(np.isin(np.arange(ROWS), others), 0, changed["month"].astype(int))
    changed["month"] = pd.Categorical(months)

    before = preprocessing(clean, **of, treatment=treatment)
    poisoned = task_of(changed)
    after = preprocessing(poisoned, **of, treatment=treatment)

    assert fitted_numbers(after) == fitted_numbers(before)
    x = prepare(clean, **of, treatment=treatment).train.x
    assert prepare(poisoned, **of, treatment=treatment).train.x.tobytes() == x.tobytes()


def fitted_numbers(done: Preprocessing) -> dict[str, Any]:
    """Return all that was fitted; of categories the texts, for their codes may differ."""
    known = [texts and [text for text in texts if text is not None] for texts in done.categories]
    return done.to_dict() | {"categories": known}


def test_min_max_puts_the_training_rows_between_0_and_1() -> None:
    """And others where they fall."""
    task = task_of(RNG.normal(size=(ROWS, 3)))

    prepared = prepare(task, treatment=Treatment(scaling="minmax"))

    assert prepared.train.x.min(axis=0) == pytest.approx(0)
    assert prepared.train.x.max(axis=0) == pytest.approx(1)


def test_no_scaling_leaves_numbers_as_they_are() -> None:
    """Whole ones too, which are tokens only where the task says so."""
    numbers = RNG.integers(0, 9, size=(ROWS, 3))

    x = prepare(task_of(numbers), treatment=Treatment(scaling="none")).train.x

    assert x.dtype == np.float32
    assert (x == numbers[split_rows(task_of(numbers)).train]).all()


def test_a_column_without_a_value_in_training_rows_is_0() -> None:
    """There is nothing to fill it with."""
    rows = split_rows(task_of(np.zeros((ROWS, 2)))).train
    x = RNG.normal(size=(ROWS, 2))
    x[rows, 1] = np.nan

    done = preprocessing(task_of(x), treatment=Treatment(impute="mean"))

    assert (done.inputs(x[rows])[:, 1] == 0).all()


def test_the_final_training_and_the_test_part_are_treated_likewise() -> None:
    """With what training and validation rows fit together, or what the training rows fit."""
    task = task_of(FRAME)

    final = prepare_final(task, MIXED)
    test = sealed_test(task, treatment=MIXED)

    assert final.train.x.shape == (51, 8)
    assert np.isfinite(test.x).all()
    assert set(np.unique(test.x[:, 2:])) == {0.0, 1.0}


def test_a_model_may_ask_for_its_sizes() -> None:
    """`inputs` counts what the model reads, of images it is their shape; `outputs` are the classes."""
    asked = []

    def model(self: Task, inputs: Any, outputs: int) -> nn.Module:
        asked.append((inputs, outputs))
        return nn.Sequential(nn.Flatten(), nn.LazyLinear(outputs))

    table = task_of(FRAME, model=model, training={})
    images = task_of(np.zeros((ROWS, 1, 4, 4)), model=model)
    training = {"impute": "mean", "one_hot": True}

    make_learner(table, identity(table, training=training)).run_epoch()
    make_learner(images, identity(images)).run_epoch()

    assert asked == [(8, 3), ((1, 4, 4), 3)]


def test_new_rows_go_the_same_way(tmp_path: Path) -> None:
    """A text that training did not know counts for nothing, a missing number is filled; after JSON too."""
    task = task_of(FRAME)
    done = Preprocessing.from_dict(json.loads(json.dumps(preprocessing(task, treatment=MIXED).to_dict())))
    new = tmp_path / "new.csv"
    new.write_text("month,size,city,age\n2,0.5,Atlantis,\n1,0.5,,40\n")

    first, second = done.inputs(read_rows(new, done))

    assert done.mean is not None
    assert done.fill is not None
    filled = (done.fill[0] - done.mean[0]) / done.scale[0]  # type: ignore[index]
    assert first[0] == pytest.approx(filled, abs=1e-6)
    assert first[2:].tolist() == [0, 0, 0, 0, 0, 1]
    assert second[2:].tolist() == [1, 0, 0, 0, 1, 0]


def test_new_rows_with_gaps_are_refused_where_nothing_was_to_fill_them(tmp_path: Path) -> None:
    """The column is named."""
    done = preprocessing(task_of(pd.DataFrame({"a": RNG.normal(size=ROWS)})))
    new = tmp_path / "new.csv"
    new.write_text("a,\n1,\n,\n")

    with pytest.raises(UsageError, match="column 'a' has no value in 1 of 2 rows"):
        read_rows(new, done, leave_out=("",))


@pytest.mark.parametrize(
    ("x", "training", "message"),
    [
        (FRAME, {"impute": "mean"}, r"column 'city' of x holds str values.*\"one_hot\": True"),
        (FRAME, {"one_hot": True}, r"x has NaN values in 7 of 60 rows, first in column 'age'.*\"impute\""),
        (
            FRAME[["size"]].assign(city=np.nan),
            {},
            r"x has NaN values in 60 of 60 rows, first in column 'city': .*"
            r"Drop column 'city', which has no value at all$",
        ),
        (
            FRAME[["age"]].assign(city=np.nan),
            {},
            r"Drop column 'city', which has no value at all; for the others .*set training = .*\"impute\"",
        ),
        (
            FRAME[["city"]].assign(day=pd.date_range("2020-01-01", periods=ROWS)),
            {"one_hot": True},
            "column 'day' of x holds Timestamp values.*Make numbers or texts of that column",
        ),
        (np.zeros((ROWS, 1, 4, 4)), {"scaling": "minmax"}, "scaling: it needs a table"),
        (
            pd.DataFrame({"id": [f"p{i}" for i in range(ROWS)]}),
            {"one_hot": True},
            "too many to be categories",
        ),
    ],
)
def test_what_cannot_be_treated_so_is_told(x: Any, training: dict[str, Any], message: str) -> None:
    """With the column, and what would do."""
    task = task_of(x)

    with pytest.raises(TaskError, match=message):
        prepare(task, treatment=treatment_of(task, identity(task, training=training)))


def test_a_search_that_would_meet_gaps_is_refused_before_it_starts() -> None:
    """Where one of the searched ways to fill them is none; otherwise not."""
    task = task_of(FRAME)
    recipe = identity(task, training={"one_hot": True}).recipe

    check_choices(task, recipe, {"impute": ("mean", "median")})
    with pytest.raises(TaskError, match="all values must be finite"):
        check_choices(task, recipe, {"impute": ("mean", "none")})


def test_the_texts_of_a_table_are_part_of_its_fingerprint() -> None:
    """The same codes of other texts are other data."""
    other = FRAME.replace({"city": {"Oslo": "Palermo"}})

    assert fingerprint(task_of(FRAME)) == fingerprint(task_of(frame_again()))
    assert fingerprint(task_of(FRAME)) != fingerprint(task_of(other))


def frame_again() -> pd.DataFrame:
    return FRAME.copy()
