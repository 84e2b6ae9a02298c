"""Outputs become what a person asked for: labels as written, probabilities, values in their units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from epochsearch.tasks.preprocessing import Preprocessing
from epochsearch.training.models.predictions import predictions


def done(target: str, outputs: int, **more: Any) -> Preprocessing:
    return Preprocessing((4,), "float64", "float32", target, outputs, **more)  # type: ignore[arg-type]


def test_logits_become_a_class_with_probabilities_that_add_up_to_one() -> None:
    """Each class stands under its label."""
    logits = np.array([[0.0, 2.0, 1.0], [3.0, 0.0, 0.0]], dtype=np.float32)

    found = predictions(logits, "softmax", done("classes", 3, labels=("cat", "cow", "dog")))

    assert list(found) == ["class", "probability_cat", "probability_cow", "probability_dog"]
    assert found["class"].tolist() == ["cow", "cat"]
    assert sum(found[name] for name in list(found)[1:]) == pytest.approx([1.0, 1.0])


def test_one_logit_is_the_odds_of_the_second_class() -> None:
    """0 is even."""
    found = predictions(np.array([[0.0], [2.0]]), "sigmoid", done("binary", 1, labels=("no", "yes")))

    assert found["class"].tolist() == ["no", "yes"]
    assert found["probability_yes"] == pytest.approx([0.5, 1 / (1 + np.exp(-2))])
    assert found["probability_no"] == pytest.approx(1 - found["probability_yes"])


def test_several_logits_say_what_holds() -> None:
    """Targets that do not exclude each other have no names: they are numbered from 1."""
    found = predictions(np.array([[3.0, -3.0]]), "sigmoid", done("binary", 2))

    assert list(found) == ["class_1", "class_2", "probability_1", "probability_2"]
    assert (found["class_1"][0], found["class_2"][0]) == (1, 0)


def test_shares_that_were_targets_come_back_as_shares() -> None:
    """There is no class to name."""
    found = predictions(np.array([0.0, 0.0]), "sigmoid", done("binary", 1))

    assert {name: column.tolist() for name, column in found.items()} == {"probability": [0.5, 0.5]}


def test_values_are_in_the_units_of_the_target() -> None:
    """The scaling of the target is undone."""
    scaled = done("values", 1, target_mean=100.0, target_scale=20.0)

    found = predictions(np.array([[0.0], [1.5]], dtype=np.float32), "values", scaled)

    assert found["value"].tolist() == [100.0, 130.0]


def test_what_only_the_tasks_own_loss_understands_is_left_as_it_is() -> None:
    """No probability is claimed of it."""
    found = predictions(np.array([[5.0, 7.0]]), "scores", done("classes", 2, labels=("a", "b")))

    assert {name: column.tolist() for name, column in found.items()} == {
        "class": ["b"], "score_1": [5.0], "score_2": [7.0],
    }  # fmt: skip


def test_a_class_without_a_label_goes_by_its_number() -> None:
    """A Dataset need not name its classes; an estimator without probabilities says only the class."""
    found = predictions(np.array([2, 0]), "classes", done("classes", 3))

    assert {name: column.tolist() for name, column in found.items()} == {"class": ["2", "0"]}


def test_a_class_at_each_position_is_a_column_each() -> None:
    """Of a mask of two pixels and three classes."""
    logits = np.array([[[0.0, 3.0], [1.0, 0.0], [0.5, 0.0]]])  # (rows, classes, pixels)

    found = predictions(logits, "softmax", done("classes", 3))

    assert {name: column.tolist() for name, column in found.items()} == {"class_1": [1], "class_2": [0]}
