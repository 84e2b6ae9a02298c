"""A detector answers for each cell, and its loss asks of a cell no more than is in it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from epochsearch.tasks.networks.detector import Detector, detection_loss


@pytest.fixture
def targets() -> Tensor:
    """Four scenes of 7x7 cells, one object in each, of class 3."""
    made = torch.zeros(4, 6, 7, 7)
    for scene in range(4):
        made[scene, :, scene, 2] = torch.tensor([1.0, 0.5, 0.25, 0.1, -0.1, 3.0])
    return made


def right(targets: Tensor) -> Tensor:
    outputs = torch.zeros(len(targets), 15, 7, 7)
    outputs[:, 0] = targets[:, 0] * 60 - 30
    outputs[:, 1:5] = targets[:, 1:5]
    outputs[:, 8] = 30.0
    return outputs


def test_there_is_an_answer_for_each_cell_of_four_pixels() -> None:
    """An object, a box and ten classes."""
    assert Detector(channels=1, width=4, classes=10)(torch.zeros(2, 1, 28, 28)).shape == (2, 15, 7, 7)


def test_right_and_sure_answers_cost_nothing(targets: Tensor) -> None:
    """Down to the last digit of the box."""
    assert float(detection_loss(right(targets), targets)) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("plane", [0, 1, 2, 3, 4, 8])
def test_each_part_of_an_answer_counts(targets: Tensor, plane: int) -> None:
    """Object, centre, size and class: wrong in one of them is a loss."""
    outputs = right(targets)
    outputs[0, plane, 0, 2] -= 40.0

    assert float(detection_loss(outputs, targets)) > 1.0


def test_box_and_class_of_an_empty_cell_are_free(targets: Tensor) -> None:
    """Only whether there is an object is asked of every cell."""
    outputs = torch.randn(4, 15, 7, 7, requires_grad=True)

    detection_loss(outputs, targets).backward()

    assert outputs.grad is not None
    empty = targets[:, 0] == 0
    assert (outputs.grad[:, 0] != 0).all()
    assert (outputs.grad[:, 1:].movedim(1, -1)[empty] == 0).all()
    assert (outputs.grad[:, 5:].movedim(1, -1)[~empty] != 0).all()


def test_it_is_a_mean_over_scenes(targets: Tensor) -> None:
    """So that a batch in parts gives the gradient of the whole."""
    outputs = torch.randn(4, 15, 7, 7)

    each = [detection_loss(outputs[scene : scene + 1], targets[scene : scene + 1]) for scene in range(4)]

    assert float(detection_loss(outputs, targets)) == pytest.approx(float(torch.stack(each).mean()), rel=1e-5)
