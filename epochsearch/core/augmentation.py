"""The steps by which training images may be changed, and their spelling: `rotate(degrees=5)+flip`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from epochsearch.core.choice import Choice, Scalar, parse_choice, resolve

AUGMENTATIONS: Mapping[str, Mapping[str, Scalar]] = {
    "rotate": {"degrees": 10.0},  # by up to so many to either side
    "scale": {"share": 0.1},  # by up to that share up or down
    "shear": {"degrees": 5.0},  # by up to so many to either side
    "shift": {"share": 0.1},  # by up to that share of width and height
    "crop": {"padding": 1},  # so many pixels of 0 around it, then cut to its size anywhere
    "flip": {"chance": 0.5, "vertical": False},  # left to right, or upside down
    "colour": {"brightness": 0.1, "contrast": 0.1, "saturation": 0.0, "hue": 0.0},  # by up to that share
}
"""Steps and their options. Each draws anew for every image and epoch."""

NO_STEPS = "none"


def parse_steps(text: str, where: str) -> tuple[Choice, ...]:
    """Return the steps that a text spells, with every option filled in; none for "none".

    Raises:
        UsageError: There is no such step or option (with the nearest name), or it may not be that.
    """
    if text.strip() == NO_STEPS:
        return ()
    parts = re.split(r"\+(?![^(]*\))", text)
    return tuple(resolve(parse_choice(part, where), AUGMENTATIONS, where) for part in parts)


def steps_text(steps: tuple[Choice, ...]) -> str:
    """Return the text that `parse_steps` reads back."""
    return "+".join(map(str, steps)) or NO_STEPS
