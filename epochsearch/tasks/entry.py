"""What is known of a built-in task without reading its data or building its model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Where data come from."""

    source: str
    licence: str
    data_set: str = ""  # by its name in `datasets.places`; "": an installed package carries the data


@dataclass(frozen=True, slots=True)
class Entry:
    """One built-in task."""

    target: str  # "module:Class" within this room
    title: str
    network: str  # the model in a few words
    origin: Origin
    rows: int  # of all parts together
    inputs: tuple[int, ...]  # shape of one example
    classes: int | None  # None: the target is a real number
    weights: int  # that are trained
    seconds: float  # an epoch at batch size 64, validation included: on one core of a small server, 2026
    boxes: bool = False  # whether the classes are those of boxes on an image

    @property
    def description(self) -> str:
        """Data and model in one line."""
        kinds = f"{self.classes} classes" if self.classes else "real numbers"
        if self.boxes:
            kinds = f"boxes of {kinds}"
        return f"{self.rows:,} rows of {self.shape}, {kinds}; {self.network}"

    @property
    def shape(self) -> str:
        """The shape of one example, as 1x8x8."""
        return "x".join(str(size) for size in self.inputs)
