"""Which rows go where: classes in equal shares, groups whole, time in order, for one split and for folds."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import TensorDataset

import epochsearch
from epochsearch.core.errors import TaskError
from epochsearch.tasks.fingerprint import fingerprint
from epochsearch.tasks.prepared import prepare, sealed_test, split_rows
from epochsearch.tasks.splits import Rows

ROWS = 200
CLASSES = np.repeat([0, 1], [160, 40])
PATIENTS = np.arange(ROWS) // 5  # 40 groups of 5 rows
SITES = np.repeat(["a", "b", "c", "d"], [20, 30, 50, 100])


def task_of(y: object = CLASSES, x: object = None, **attributes: object) -> epochsearch.Task:
    given = np.arange(float(len(y)))[:, None] if x is None else x  # type: ignore[arg-type]
    methods = {"data": lambda self: (given, y)}
    if "group" in attributes:
        group = attributes.pop("group")
        methods["groups"] = lambda self: group
    return type("Mine", (epochsearch.Task,), {**methods, **attributes})()


def all_splits(task: epochsearch.Task, folds: int = 4) -> list[Rows]:
    return [split_rows(task), *(split_rows(task, fold, folds) for fold in range(folds))]


KINDS = {
    "random": {},
    "groups": {"group": PATIENTS},
    "few uneven groups": {"group": SITES},
    "time": {"split_by": "time"},
    "published": {"split_by": "published"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_is_in_one_part(kind: str) -> None:
    """No row twice, the test rows the same for every fold; folds of whole rows cover all others once."""
    fixed, *folds = all_splits(task_of(**KINDS[kind]), 3)

    for rows in (fixed, *folds):
        everything = np.concatenate([rows.train, rows.validation, rows.test])
        assert len(everything) == len(set(everything.tolist()))
        assert set(rows.test.tolist()) == set(fixed.test.tolist())
    if kind != "time":
        validated = np.concatenate([rows.validation for rows in folds])
        assert sorted(validated.tolist()) == sorted([*fixed.train.tolist(), *fixed.validation.tolist()])


@pytest.mark.parametrize("group", [PATIENTS, SITES, PATIENTS.astype(str), list(PATIENTS), SITES.tolist()])
def test_no_group_is_in_two_parts(group: object) -> None:
    """Of the fixed split and of every fold; groups may be numbers or names, in an array or a list."""
    names = np.asarray(group)

    for rows in all_splits(task_of(group=group), 3):
        parts = [set(names[part].tolist()) for part in (rows.train, rows.validation, rows.test)]
        assert all(parts)
        assert len(set.union(*parts)) == sum(map(len, parts))


def test_groups_are_drawn_near_to_the_shares_of_rows_and_classes() -> None:
    """40 patients of 5 rows: 70/15/15 to one patient, and each part with about a fifth of the rare class."""
    rows = split_rows(task_of(group=PATIENTS))

    assert [len(rows.train), len(rows.validation), len(rows.test)] == pytest.approx([140, 30, 30], abs=5)
    for part in (rows.train, rows.validation, rows.test):
        assert CLASSES[part].mean() == pytest.approx(0.2, abs=0.05)


def test_the_classes_are_in_equal_shares_in_every_part_and_fold() -> None:
    """A fifth of the rare class, to one row; in folds of groups as near as whole groups allow."""
    for rows in all_splits(task_of(), 5):
        for part in (rows.train, rows.validation, rows.test):
            assert abs(CLASSES[part].sum() - len(part) / 5) <= 1
    for rows in all_splits(task_of(group=PATIENTS), 4)[1:]:
        assert CLASSES[rows.validation].mean() == pytest.approx(0.2, abs=0.1)


def test_in_order_of_time_each_part_comes_after_the_one_before() -> None:
    """The first 70 % are for training, the last 15 % for the test."""
    rows = split_rows(task_of(split_by="time"))

    assert rows.train.tolist() == list(range(140))
    assert rows.validation.tolist() == list(range(140, 170))
    assert rows.test.tolist() == list(range(170, 200))


def test_in_order_of_time_a_fold_is_validated_on_what_follows_its_training() -> None:
    """Folds grow: each is trained on all that comes before its validation rows, and those move on."""
    task = task_of(split_by="time")
    folds = [split_rows(task, fold, 4) for fold in range(4)]

    for rows in folds:
        assert rows.train.tolist() == list(range(len(rows.train)))
        assert rows.validation[0] == len(rows.train)
    assert np.concatenate([rows.validation for rows in folds]).tolist() == list(range(34, 170))


def test_a_published_test_part_is_the_last_rows_and_the_others_are_drawn() -> None:
    """Here the last tenth; classes are in equal shares in the other two parts, in any order."""
    rows = split_rows(task_of(split_by="published", split=(0.72, 0.18, 0.1)))

    assert rows.test.tolist() == list(range(180, 200))
    assert [len(rows.train), len(rows.validation)] == [144, 36]
    assert rows.train.tolist() != sorted(rows.train.tolist())
    for part in (rows.train, rows.validation):
        assert CLASSES[part].mean() == pytest.approx(20 / 180, abs=0.01)


def test_data_that_were_published_without_a_test_part_have_none() -> None:
    """A third share of 0 leaves every row to the other two."""
    rows = split_rows(task_of(split_by="published", split=(0.8, 0.2, 0.0)))

    assert [len(rows.train), len(rows.validation), len(rows.test)] == [160, 40, 0]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=4, max_size=30), st.integers(2, 4), st.booleans())
def test_groups_of_any_sizes_stay_whole(sizes: list[int], folds: int, classes: bool) -> None:
    """Whatever the groups: no row is lost, and no group is on two sides."""
    group = np.repeat(np.arange(len(sizes)), sizes)
    if len(group) < 12:
        group = np.arange(12)
    y = np.arange(len(group)) % 2 if classes else np.arange(float(len(group))) / 7
    task = task_of(y, group=group, loss=None)
    outside = len(np.unique(group)) - len(np.unique(group[split_rows(task).test]))

    for rows in (split_rows(task), *(split_rows(task, i, folds) for i in range(folds) if folds <= outside)):
        parts = [set(group[part].tolist()) for part in (rows.train, rows.validation, rows.test)]
        assert all(parts)
        assert sum(map(len, parts)) == len(np.unique(group))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("folds", [1, 3])
def test_a_poisoned_row_reaches_no_fold_that_is_not_trained_on_it(kind: str, folds: int) -> None:
    """What is fitted is fitted inside each fold: an absurd validation or test row moves no training number.

    Neither the inputs' scale nor the target's; the fold's own validation rows move by themselves alone.
    """
    x = np.random.default_rng(0).normal(size=(ROWS, 3))
    y = np.random.default_rng(1).normal(size=ROWS)
    attributes = {**KINDS[kind], "standardise_target": True}
    for fold in range(folds):
        clean = task_of(y, x, **attributes)
        before, rows = prepare(clean, fold, folds), split_rows(clean, fold, folds)
        bad_x, bad_y = x.copy(), y.copy()
        for poisoned in (rows.validation[0], rows.test[0]):
            bad_x[poisoned], bad_y[poisoned] = 1e9, -1e9
        after = prepare(task_of(bad_y, bad_x, **attributes), fold, folds)

        assert after.train.x.tobytes() == before.train.x.tobytes()
        assert after.train.y.tobytes() == before.train.y.tobytes()
        assert after.validation.x[1:].tobytes() == before.validation.x[1:].tobytes()
        assert (after.target_mean, after.target_scale) == (before.target_mean, before.target_scale)


def test_a_poisoned_training_row_reaches_its_own_folds_only() -> None:
    """In the one fold where it is validated on, the scale is as if it were not there."""
    x = np.random.default_rng(0).normal(size=(ROWS, 1))
    task = task_of(CLASSES, x)
    poisoned = split_rows(task, 0, 4).validation[0]
    bad = x.copy()
    bad[poisoned] = 1e9
    spoiled = task_of(CLASSES, bad)

    changed = [
        prepare(task, fold, 4).train.x.tobytes() != prepare(spoiled, fold, 4).train.x.tobytes()
        for fold in range(4)
    ]

    assert changed == [False, True, True, True]


def test_the_test_rows_are_transformed_as_the_fold_says() -> None:
    """By the mean and scale of the fold's training rows."""
    x = np.random.default_rng(0).normal(size=(ROWS, 1))
    task = task_of(CLASSES, x)
    rows = split_rows(task, 1, 3)

    expected = (x[rows.test] - x[rows.train].mean(axis=0)) / x[rows.train].std(axis=0)

    assert sealed_test(task, 1, 3).x == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_dataset_is_split_by_the_same_rules(kind: str) -> None:
    """Items are drawn by their index; there are no labels to draw equal shares of."""
    items = TensorDataset(torch.arange(float(ROWS))[:, None], torch.arange(ROWS) % 2)
    lazy = task_of(**KINDS[kind])
    type(lazy).data = lambda self: items

    for rows in all_splits(lazy, 3):
        if kind == "time":
            assert rows.train.max() < rows.validation.min() < rows.test.min()
        if "groups" in kind:
            group = np.asarray(KINDS[kind]["group"])
            assert not set(group[rows.train]) & set(group[rows.validation])


def test_other_groups_are_another_task() -> None:
    """The rows of each part hang on them, so curves trained with others are not read."""
    plain, grouped = fingerprint(task_of()), fingerprint(task_of(group=PATIENTS))
    moved = PATIENTS.copy()
    moved[0] = 7

    assert (
        len({plain, grouped, fingerprint(task_of(group=moved)), fingerprint(task_of(split_by="time"))}) == 4
    )


def raising(self: object) -> None:
    raise KeyError("site")


@pytest.mark.parametrize(
    ("attributes", "folds", "message"),
    [
        (
            {"split_by": "tme"},
            1,
            "Mine split_by 'tme': must be 'random', 'time' or 'published'. Did you mean 'time'?",
        ),
        (
            {"split_by": "published", "group": PATIENTS},
            1,
            "Mine split_by 'published' with groups(): rows are cut as they were published or kept in groups",
        ),
        (
            {"split_by": "time", "group": PATIENTS},
            1,
            "Mine split_by 'time' with groups(): rows are cut in the order of time or kept in groups, not",
        ),
        (
            {"group": PATIENTS[:7]},
            1,
            "Mine groups() returned shape (7,): there must be one group for each of",
        ),
        ({"group": [None, *SITES[1:]]}, 1, "Mine groups() has 1 missing values: every row needs a group."),
        ({"group": CLASSES}, 1, "Mine groups() has 2 groups: whole groups cannot be split into 3 parts."),
        ({"group": SITES}, 5, "Mine --folds 5: there are only 3 groups outside the test part. Ask for fewer"),
        (
            {"split_by": "time"},
            170,
            "Mine --folds 170: there are only 169 training and validation rows after",
        ),
        ({"groups": raising}, 1, "Mine groups() raised KeyError: 'site' (test_splits.py, line "),
    ],
)
def test_a_split_that_cannot_be_made_is_told_in_four_parts(
    attributes: dict[str, object], folds: int, message: str
) -> None:
    """Where, what was given, the rule, what to do."""
    with pytest.raises(TaskError) as error:
        split_rows(task_of(**attributes), 0, folds)

    assert message in error.value.message


@pytest.mark.parametrize("kind", KINDS)
def test_few_training_rows_are_some_of_them_and_leave_the_other_parts_alone(kind: str) -> None:
    """Validation and test are what they are for all training rows; of a series the latest rows are used."""
    whole, few = task_of(**KINDS[kind]), task_of(**KINDS[kind], train_rows=10)

    for all_rows, some in zip(all_splits(whole, 3), all_splits(few, 3), strict=True):
        assert len(some.train) == 10
        assert set(some.train) <= set(all_rows.train)
        assert np.array_equal(some.validation, all_rows.validation)
        assert np.array_equal(some.test, all_rows.test)
        assert kind != "time" or np.array_equal(some.train, all_rows.train[-10:])
    assert fingerprint(whole) != fingerprint(few)


def test_few_training_rows_have_the_classes_in_equal_shares() -> None:
    """Four rows in five are of class 0."""
    rows = split_rows(task_of(train_rows=20))

    assert np.bincount(CLASSES[rows.train]).tolist() == [16, 4]


@pytest.mark.parametrize("asked", [0, -3, 2.5, "all", True])
def test_a_number_of_training_rows_that_is_none_is_refused(asked: object) -> None:
    """In four parts."""
    with pytest.raises(TaskError, match="must be a whole number, at least 1, or None for all"):
        split_rows(task_of(train_rows=asked))
