"""The yardstick of a random forest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_circles

from epochsearch import Task
from epochsearch.tasks.forest import forest_loss
from epochsearch.tasks.loading import load_task

RNG = np.random.default_rng(0)


def task_of(x: Any, y: Any, **attributes: Any) -> Task:
    return type("Mine", (Task,), {"data": lambda self: (x, y), **attributes})()


def test_it_solves_what_a_straight_line_cannot() -> None:
    """Two circles: far below the 0.69 of guessing, and the same at each look."""
    x, y = make_circles(400, noise=0.05, factor=0.4, random_state=0)

    losses = [forest_loss(task_of(x, y)) for _ in range(2)]

    assert losses[0] is not None
    assert losses[0] < 0.2
    assert losses[0] == losses[1]


def test_real_targets_and_columns_of_yes_and_no_have_theirs() -> None:
    """In the units of the loss: a squared error, a mean cross-entropy of the columns."""
    x = RNG.normal(size=(300, 3))
    squared = forest_loss(task_of(x, x[:, 0] ** 2))
    columns = forest_loss(
        task_of(x, (x[:, :2] > 0).astype(float), loss="binary-cross-entropy", standardise=False)
    )

    assert squared is not None
    assert 0 < squared < np.var(x[:, 0] ** 2)
    assert columns is not None
    assert 0 < columns < 0.5


def test_noise_has_nothing_to_learn() -> None:
    """No probability is 0, so that being wrong costs a finite loss."""
    x, y = RNG.normal(size=(200, 2)), RNG.integers(0, 3, 200)

    found = forest_loss(task_of(x, y))

    assert found is not None
    assert np.log(3) * 0.9 < found < 5


def own_loss(outputs: Any, targets: Any) -> Any:
    return (outputs - targets).abs().mean()


@pytest.mark.parametrize("attributes", [{"loss": staticmethod(own_loss)}, {"recorded": True}])
def test_a_loss_of_ones_own_or_a_record_has_none(attributes: dict[str, Any]) -> None:
    """Nothing could be compared."""
    assert forest_loss(task_of(RNG.normal(size=(60, 2)), RNG.normal(size=60), **attributes)) is None


@pytest.mark.parametrize("name", ["digits-segmentation", "digits-detection", "characters-rnn"])
def test_pixels_boxes_and_texts_have_none(name: str) -> None:
    """A forest says one thing of each row; and it must not take minutes to say nothing."""
    assert forest_loss(load_task(name)) is None


@pytest.mark.parametrize(
    ("y", "attributes"),
    [
        (RNG.normal(size=(60, 30)), {}),
        (RNG.normal(size=(60, 4, 4, 4)), {}),
        (RNG.integers(0, 2, (60, 30)).astype(float), {"loss": "binary-cross-entropy"}),
        (RNG.integers(0, 3, (60, 2)), {"loss": "cross-entropy"}),
    ],
    ids=["many numbers", "maps", "many columns of yes and no", "classes side by side"],
)
def test_many_targets_a_row_have_none(y: Any, attributes: dict[str, Any]) -> None:
    """A forest for each would take as long as the search."""
    assert forest_loss(task_of(RNG.normal(size=(60, 3)), y, **attributes)) is None


def test_a_few_numbers_a_row_have_theirs() -> None:
    """Of any shape."""
    x = RNG.normal(size=(200, 3))

    found = forest_loss(task_of(x, np.stack([x[:, :2], x[:, 1:]], axis=2)))

    assert found is not None
    assert 0 < found < 1
