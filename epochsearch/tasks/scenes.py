"""Scenes composed from the real digits: one to three of them, scaled and placed at random on a noisy ground.

Each of the 1,797 digits stands in exactly one scene, so no image of a digit is in two parts of the data. Only
the composition is drawn, from one fixed seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from epochsearch.tasks.arrays import Array

SIZE = 28  # pixels of a side
MOST = 3  # digits of a scene
SCENES = 898  # 1, 2, 3, 1, 2, 3, ... digits and a last scene of 3: all 1,797
_SIDES = (8, 12)  # smallest and largest side of a digit
_GAP = 1  # pixels between two digits
_INK = 0.25  # of the brightest pixel: from here on a pixel belongs to its digit
_NOISE = 0.1  # standard deviation of the ground
_SEED = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """One image with what is on it."""

    image: Array  # float32 (1, SIZE, SIZE), 0 to 1
    mask: Array  # int64 (SIZE, SIZE): 0 the ground, 1 + digit where a digit's ink is
    boxes: Array  # float64 (digits, 4): left, top, right, bottom of the ink, in pixels
    digits: Array  # int64 (digits,)


@cache
def scenes() -> tuple[Scene, ...]:
    """Return all scenes; composed once a process."""
    from sklearn.datasets import load_digits

    pixels, classes = load_digits(return_X_y=True)
    random = np.random.default_rng(_SEED)
    order = random.permutation(len(classes))
    counts = [1 + number % MOST for number in range(SCENES - 1)] + [MOST]
    images = (pixels / 16).reshape(-1, 8, 8)
    ends = np.cumsum(counts)
    return tuple(
        _scene(images[order[end - count : end]], classes[order[end - count : end]], random)
        for count, end in zip(counts, ends, strict=True)
    )


def _scene(images: Array, digits: Array, random: np.random.Generator) -> Scene:
    from scipy import ndimage

    image = np.zeros((SIZE, SIZE))
    mask = np.zeros((SIZE, SIZE), dtype=np.int64)
    boxes = []
    for (left, top, side), drawn, digit in zip(_places(len(digits), random), images, digits, strict=True):
        scaled = ndimage.zoom(drawn, side / 8, order=1)  # (side, side)
        ink = scaled >= _INK
        here = np.s_[top : top + side, left : left + side]
        image[here] = scaled * random.uniform(0.6, 1.0)
        mask[here][ink] = 1 + digit
        columns, rows = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
        boxes.append((left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1))
    noisy = np.clip(image + random.normal(0.0, _NOISE, image.shape), 0.0, 1.0)
    return Scene(noisy.astype(np.float32)[None], mask, np.array(boxes, dtype=np.float64), digits)


def _places(count: int, random: np.random.Generator) -> list[tuple[int, int, int]]:
    """Return left, top and side of squares that keep their distance; drawn anew until all find a place."""
    while True:
        places: list[tuple[int, int, int]] = []
        for _ in range(count):
            side = int(random.integers(_SIDES[0], _SIDES[1] + 1))
            left, top = (int(place) for place in random.integers(0, SIZE - side + 1, 2))
            if all(_apart(left, top, side, other) for other in places):
                places.append((left, top, side))
        if len(places) == count:
            return places


def _apart(left: int, top: int, side: int, other: tuple[int, int, int]) -> bool:
    other_left, other_top, other_side = other
    reach, other_reach = side + _GAP, other_side + _GAP
    beside = left >= other_left + other_reach or other_left >= left + reach
    return beside or top >= other_top + other_reach or other_top >= top + reach
