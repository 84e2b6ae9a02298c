"""Boxes on a grid: how what is on a scene is written down, read back from a model's outputs, and measured.

A scene is cut into cells. The cell in which an object's centre lies answers for it: whether there is one,
where in the cell, how large, which class. Overlapping answers are reduced to the surest one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from epochsearch.tasks.arrays import Array

CELL = 4  # pixels of a side
UNIT = 8.0  # pixels: sizes are logarithms of multiples of it
PLANES = 6  # of a target: object, centre in the cell (2), log size (2), class
FOUND = 8  # boxes that are kept of a scene at most
_OVERLAP = 0.3  # intersection over union from which two answers are of one object
_RIGHT = 0.5  # from which an answer is right
_SURE = 0.5  # score from which a box counts as found


@dataclass(frozen=True, slots=True)
class Boxes:
    """Boxes of some scenes, as many places for each; a score of 0 is an empty place."""

    corners: Array  # (scenes, places, 4): left, top, right, bottom in pixels
    classes: Array  # (scenes, places)
    scores: Array  # (scenes, places)

    def some(self, rows: Array) -> Boxes:
        """Return those of the scenes with these numbers, which may stand there several times."""
        return Boxes(self.corners[rows], self.classes[rows], self.scores[rows])


def written(boxes: Array, classes: Sequence[int], cells: int) -> Array:
    """Return one scene's target: float32 (PLANES, cells, cells).

    boxes: (objects, 4): left, top, right, bottom in pixels.
    """
    target = np.zeros((PLANES, cells, cells), dtype=np.float32)
    for (left, top, right, bottom), number in zip(boxes, classes, strict=True):
        x, y = (left + right) / 2 / CELL, (top + bottom) / 2 / CELL
        size = np.log(np.array([right - left, bottom - top]) / UNIT)
        target[:, int(y), int(x)] = (1.0, x - int(x), y - int(y), *size, number)
    return target


def true_boxes(targets: Any) -> Boxes:
    """Return what targets (scenes, PLANES, cells, cells) say: as many places as the fullest scene needs."""
    planes = np.asarray(targets, dtype=np.float64)
    boxes = _flat(planes[:, 1:5], planes[:, 5], planes[:, 0])
    needed = int((boxes.scores > 0).sum(axis=1).max())
    places = np.argsort(-boxes.scores, axis=1, kind="stable")[:, :needed]
    corners = np.take_along_axis(boxes.corners, places[:, :, None], axis=1)
    classes, scores = (np.take_along_axis(of, places, axis=1) for of in (boxes.classes, boxes.scores))
    return Boxes(corners, classes, scores)


def found_boxes(outputs: Any) -> Boxes:
    """Return the surest boxes that do not overlap, at most FOUND a scene, the surest first.

    outputs: (scenes, 5 + classes, cells, cells): a logit, centre and log size, logits of the classes. A score
    is the probability that there is an object of that class.
    """
    from scipy import special

    planes = np.asarray(outputs, dtype=np.float64)
    shares = special.softmax(planes[:, 5:], axis=1)
    scores = special.expit(planes[:, 0]) * shares.max(axis=1)
    return _suppressed(_flat(planes[:, 1:5], shares.argmax(axis=1), scores))


def box_iou(outputs: Any, targets: Any) -> float:
    """Return the mean over all objects of the intersection over union with the best box that was found."""
    return _box_iou_of(outputs, targets)(np.arange(len(targets)))


def mean_average_precision(outputs: Any, targets: Any) -> float:
    """Return the mean over classes of the average precision at an intersection over union of 0.5.

    Source: Everingham et al. 2010, "The PASCAL visual object classes (VOC) challenge", IJCV 88: the surest
    answer is matched first, each object once. The area is exact, not interpolated.
    """
    return _precision_of(outputs, targets)(np.arange(len(targets)))


def _box_iou_of(outputs: Any, targets: Any) -> Callable[[Array], float]:
    """Return what gives `box_iou` of the scenes with some numbers; what a scene adds is found once."""
    true, found = true_boxes(targets), found_boxes(outputs)
    overlaps = _iou(true.corners[:, :, None], found.corners[:, None])  # (scenes, objects, found)
    best = np.where(found.scores[:, None] >= _SURE, overlaps, 0.0).max(axis=2)
    return lambda rows: float(best[rows][true.scores[rows] > 0].mean())


def _precision_of(outputs: Any, targets: Any) -> Callable[[Array], float]:
    """Return what gives `mean_average_precision` of the scenes with some numbers; each is matched once."""
    from sklearn import config_context

    every_true, every_found = true_boxes(targets), found_boxes(outputs)
    every_right = _matched(every_true, every_found)

    def of(rows: Array) -> float:
        true, found, right = every_true.some(rows), every_found.some(rows), every_right[rows]
        present = np.unique(true.classes[true.scores > 0])
        with config_context(assume_finite=True, skip_parameter_validation=True):
            return float(np.mean([_precision(true, found, right, number) for number in present]))

    return of


box_iou.higher_is_better = True  # type: ignore[attr-defined]
box_iou.over_rows = _box_iou_of  # type: ignore[attr-defined]
mean_average_precision.higher_is_better = True  # type: ignore[attr-defined]
mean_average_precision.over_rows = _precision_of  # type: ignore[attr-defined]


def _precision(true: Boxes, found: Boxes, right: Array, number: int) -> float:
    from sklearn.metrics import average_precision_score

    mine = (found.classes == number) & (found.scores > 0)
    objects = int(((true.classes == number) & (true.scores > 0)).sum())
    if not right[mine].any():
        return 0.0
    of_those_found = average_precision_score(right[mine], found.scores[mine])  # whose recall ends at 1
    return float(of_those_found) * float(right[mine].sum()) / objects


def _matched(true: Boxes, found: Boxes) -> Array:
    """Return which found boxes are of an object, bool (scenes, FOUND)."""
    scenes = np.arange(len(true.scores))
    open_ = true.scores > 0
    right = np.zeros(found.scores.shape, dtype=bool)
    for place in range(found.scores.shape[1]):
        fitting = open_ & (true.classes == found.classes[:, place, None])
        overlaps = np.where(fitting, _iou(true.corners, found.corners[:, place, None]), 0.0)
        best = overlaps.argmax(axis=1)
        right[:, place] = (overlaps[scenes, best] >= _RIGHT) & (found.scores[:, place] > 0)
        open_[scenes[right[:, place]], best[right[:, place]]] = False
    return right


def _suppressed(boxes: Boxes) -> Boxes:
    scenes, scores = np.arange(len(boxes.scores)), boxes.scores.copy()
    kept = []
    for _ in range(FOUND):
        best = scores.argmax(axis=1)
        kept.append((boxes.corners[scenes, best], boxes.classes[scenes, best], scores[scenes, best]))
        overlaps = _iou(boxes.corners, boxes.corners[scenes, best][:, None])
        scores[overlaps > _OVERLAP] = 0.0
        scores[scenes, best] = 0.0
    corners, classes, sure = (np.stack(parts, axis=1) for parts in zip(*kept, strict=True))
    return Boxes(corners, classes, sure)


def _flat(places: Array, classes: Array, scores: Array) -> Boxes:
    """Return the boxes of all cells; places: (scenes, 4, cells, cells), the others (scenes, cells, cells)."""
    count, _, cells, _ = places.shape
    rows, columns = np.mgrid[:cells, :cells]
    x, y = (columns + places[:, 0]) * CELL, (rows + places[:, 1]) * CELL
    width, height = (UNIT * np.exp(np.clip(places[:, 2:4], -3.0, 3.0))).swapaxes(0, 1)
    corners = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=-1)
    return Boxes(corners.reshape(count, -1, 4), classes.reshape(count, -1), scores.reshape(count, -1))


def _iou(a: Array, b: Array) -> Array:
    """Return the intersection over union of boxes (..., 4), broadcast against each other."""
    shared = _area(np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:]))
    both = _area(a[..., :2], a[..., 2:]) + _area(b[..., :2], b[..., 2:])
    return np.asarray(shared / np.maximum(both - shared, 1e-9))


def _area(low: Array, high: Array) -> Array:
    sides = np.maximum(high - low, 0.0)
    return np.asarray(sides[..., 0] * sides[..., 1])
