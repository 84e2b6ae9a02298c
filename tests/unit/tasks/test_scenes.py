"""Scenes are composed of all digits, each in one of them, and say truly where a digit is."""

from __future__ import annotations

import numpy as np

from epochsearch.tasks.scenes import MOST, SCENES, SIZE, scenes


def test_every_digit_stands_in_exactly_one_scene() -> None:
    """As many of each class as there are in the data: no image of a digit can be in two parts."""
    from sklearn.datasets import load_digits

    found = np.concatenate([scene.digits for scene in scenes()])

    assert len(scenes()) == SCENES
    assert np.array_equal(np.bincount(found), np.bincount(load_digits(return_X_y=True)[1]))


def test_a_box_is_the_extent_of_its_digits_mask() -> None:
    """Inside each box is ink of its digit up to all four sides, and none of another."""
    for scene in scenes():
        assert 1 <= len(scene.digits) <= MOST
        for (left, top, right, bottom), digit in zip(scene.boxes.astype(int), scene.digits, strict=True):
            inside = scene.mask[top:bottom, left:right]
            ink = inside == 1 + digit
            assert set(np.unique(inside)) <= {0, 1 + digit}
            assert ink[0].any() and ink[-1].any() and ink[:, 0].any() and ink[:, -1].any()  # noqa: PT018


def test_all_ink_is_in_a_box() -> None:
    """The mask has nothing that no box has."""
    for scene in scenes():
        outside = scene.mask.copy()
        for left, top, right, bottom in scene.boxes.astype(int):
            outside[top:bottom, left:right] = 0

        assert not outside.any()


def test_images_are_of_one_size_and_range() -> None:
    """(1, 28, 28), from 0 to 1."""
    images = np.stack([scene.image for scene in scenes()])

    assert images.shape == (SCENES, 1, SIZE, SIZE)
    assert images.min() >= 0.0
    assert images.max() <= 1.0
