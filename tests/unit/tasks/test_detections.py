"""Boxes are written down and read back as they are, and what is said of answers is what is known of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from epochsearch.tasks.detections import (
    CELL,
    PLANES,
    box_iou,
    found_boxes,
    mean_average_precision,
    true_boxes,
    written,
)
from epochsearch.tasks.digits_detection import DigitsDetection
from epochsearch.tasks.scenes import SIZE, scenes

CELLS = SIZE // CELL
CLASSES = 10
SURE = 20.0  # a logit


def targets_of(*scenes_of_boxes: list[tuple[float, float, float, float, int]]) -> np.ndarray:
    """Return targets (scenes, PLANES, CELLS, CELLS) of boxes: left, top, right, bottom, class."""
    made = [
        written(np.array([box[:4] for box in boxes]).reshape(-1, 4), [box[4] for box in boxes], CELLS)
        for boxes in scenes_of_boxes
    ]
    return np.stack(made)


def answers_for(targets: np.ndarray, logit: float = SURE) -> np.ndarray:
    """Return outputs that say what the targets say, as sure of each object as the logit says."""
    outputs = np.zeros((len(targets), 5 + CLASSES, CELLS, CELLS))
    outputs[:, 0] = np.where(targets[:, 0] > 0, logit, -SURE)
    outputs[:, 1:5] = targets[:, 1:5]
    for number in range(CLASSES):
        outputs[:, 5 + number] = np.where(targets[:, 5] == number, SURE, 0.0)
    return outputs


def test_what_is_written_of_a_scene_is_read_back() -> None:
    """Every box of every scene with its class: no two digits answer to one cell."""
    read = true_boxes(DigitsDetection().data()[1])

    for scene, corners, classes, scores in zip(
        scenes(), read.corners, read.classes, read.scores, strict=True
    ):
        there = scores > 0
        found = sorted(zip(corners[there].round(3).tolist(), classes[there].astype(int), strict=True))
        assert found == sorted(zip(scene.boxes.tolist(), scene.digits, strict=True))


def test_right_answers_score_one() -> None:
    """Each object found where it is, by its class, and nothing else."""
    targets = DigitsDetection().data()[1]

    outputs = answers_for(targets)

    assert box_iou(outputs, targets) == pytest.approx(1.0, abs=1e-5)
    assert mean_average_precision(outputs, targets) == pytest.approx(1.0)


def test_answers_elsewhere_score_nothing() -> None:
    """What is not found counts as 0, for both."""
    targets = targets_of([(2, 2, 10, 12, 3)], [(12, 8, 20, 18, 4)])

    outputs = answers_for(targets_of([(16, 14, 24, 24, 3)], [(2, 18, 10, 28, 4)]))

    assert box_iou(outputs, targets) == 0.0
    assert mean_average_precision(outputs, targets) == 0.0


def test_the_overlap_is_the_shared_area_over_the_area_of_both() -> None:
    """A box of 8x8 answered by one that lies 2 pixels further: 48 of 80 pixels are shared."""
    targets = targets_of([(4, 4, 12, 12, 1)])

    outputs = answers_for(targets_of([(6, 4, 14, 12, 1)]))

    assert box_iou(outputs, targets) == pytest.approx(48 / 80, abs=1e-5)


@pytest.mark.parametrize(("moved", "precision"), [(2, 1.0), (4, 0.0)])
def test_an_answer_is_right_from_half_of_an_overlap(moved: int, precision: float) -> None:
    """48 of 80 pixels are enough, 32 of 96 are not."""
    targets = targets_of([(4, 4, 12, 12, 1)])

    outputs = answers_for(targets_of([(4 + moved, 4, 12 + moved, 12, 1)]))

    assert mean_average_precision(outputs, targets) == precision


def test_a_box_of_the_wrong_class_is_found_and_not_right() -> None:
    """The intersection over union is of boxes alone."""
    targets = targets_of([(4, 4, 12, 12, 1)])

    outputs = answers_for(targets_of([(4, 4, 12, 12, 7)]))

    assert box_iou(outputs, targets) == pytest.approx(1.0, abs=1e-5)
    assert mean_average_precision(outputs, targets) == 0.0


def test_a_wrong_answer_between_two_right_ones_costs_what_it_does_in_voc() -> None:
    """Precision 1 up to half of the objects, 2/3 up to all of them: 5/6."""
    targets = targets_of([(2, 2, 10, 10, 1), (16, 16, 24, 24, 1)])
    outputs = answers_for(targets_of([(2, 2, 10, 10, 1), (16, 16, 24, 24, 1), (16, 2, 24, 10, 1)]))
    outputs[0, 0, 1, 1], outputs[0, 0, 1, 5], outputs[0, 0, 5, 5] = 3.0, 2.0, 1.0

    assert mean_average_precision(outputs, targets) == pytest.approx(5 / 6)


def test_the_mean_is_over_classes_not_over_objects() -> None:
    """Three of class 1 that are right and one of class 2 that is taken for a 5: 1/2."""
    near, far = (2, 2, 10, 10), (16, 16, 24, 24)
    targets = targets_of([(*near, 1), (*far, 1)], [(*near, 1), (*far, 2)])

    outputs = answers_for(targets_of([(*near, 1), (*far, 1)], [(*near, 1), (*far, 5)]))

    assert mean_average_precision(outputs, targets) == pytest.approx(0.5)


def test_an_answer_that_is_not_sure_counts_by_its_rank_alone() -> None:
    """Average precision asks which answer is surer; a box counts as found from a score of a half."""
    targets = targets_of([(2, 2, 10, 12, 3)])

    outputs = answers_for(targets, logit=-1.0)

    assert box_iou(outputs, targets) == 0.0
    assert mean_average_precision(outputs, targets) == 1.0


def test_of_answers_for_one_object_the_surest_is_kept() -> None:
    """The cell beside it says nearly the same box, less surely: one box is left, and one is right."""
    targets = targets_of([(4, 4, 12, 12, 1)])
    outputs = answers_for(targets)
    outputs[0, :, 2, 3] = outputs[0, :, 2, 2]
    outputs[0, 0, 2, 3], outputs[0, 1, 2, 3] = 2.0, -0.75  # its centre is a quarter of a cell further

    found = found_boxes(outputs)

    assert (found.scores[0] > 0.1).sum() == 1
    assert found.corners[0, 0] == pytest.approx([4, 4, 12, 12], abs=1e-5)


def test_the_order_of_the_scenes_does_not_matter() -> None:
    """Metrics are of all of them together."""
    targets = DigitsDetection().data()[1][:60]
    outputs = answers_for(targets) + np.random.default_rng(0).normal(size=(60, 5 + CLASSES, CELLS, CELLS))
    order = np.random.default_rng(1).permutation(60)

    for metric in (box_iou, mean_average_precision):
        assert 0.0 < metric(outputs, targets) < 1.0
        assert metric(outputs[order], targets[order]) == pytest.approx(metric(outputs, targets))


def test_a_target_says_one_thing_a_plane() -> None:
    """(PLANES, cells, cells), zero where nothing is."""
    target = written(np.array([[4.0, 4.0, 12.0, 20.0]]), [9], CELLS)

    assert target.shape == (PLANES, CELLS, CELLS)
    assert target[:, 3, 2].tolist() == pytest.approx([1.0, 0.0, 0.0, 0.0, np.log(2.0), 9.0])
    assert np.count_nonzero(target) == 3


@pytest.mark.parametrize("metric", [box_iou, mean_average_precision])
def test_a_metric_of_resampled_scenes_is_the_same_figure_as_of_their_rows(metric: Any) -> None:
    """Bit for bit, with scenes drawn several times and left out, right and wrong answers among them."""
    random = np.random.default_rng(0)
    targets = DigitsDetection().data()[1][:40]
    outputs = answers_for(targets, logit=1.0)
    outputs += random.normal(0, 0.4, outputs.shape)
    outputs[::3, 0] += 2 * (random.random((14, CELLS, CELLS)) > 0.9) * SURE
    of = metric.over_rows(outputs, targets)

    drawn = [random.integers(0, 40, size) for size in (40, 40, 40, 5, 2)]

    assert [of(rows) for rows in drawn] == [metric(outputs[rows], targets[rows]) for rows in drawn]
    assert 0.0 < metric(outputs, targets) < 1.0
