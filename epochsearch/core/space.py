"""Where a search may look: an axis each for epochs, learning rate, batch size and any further one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from epochsearch.core.axis import Axis, Choices, Range, Written, parse_axis
from epochsearch.core.choice import Scalar, scalar_text
from epochsearch.core.errors import UsageError
from epochsearch.core.point import CORE_AXES, Point


@dataclass(frozen=True, slots=True)
class Space:
    """The axes of a search. Epochs and batch sizes are whole numbers from 1, learning rates are above 0."""

    epochs: Axis
    learning_rate: Axis
    batch_size: Axis
    extras: tuple[tuple[str, Axis], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "extras", tuple(sorted(self.extras, key=lambda item: item[0])))
        for name in CORE_AXES:
            _check_core(name, getattr(self, name), option_name(name))

    @property
    def axes(self) -> dict[str, Axis]:
        """All axes by name, epochs first."""
        core: dict[str, Axis] = {name: getattr(self, name) for name in CORE_AXES}
        return core | dict(self.extras)

    @property
    def min_epochs(self) -> int:
        """The least number of epochs a point may ask for."""
        return min(int(v) for v in _ends(self.epochs) if isinstance(v, (int, float)))

    @property
    def max_epochs(self) -> int:
        """The largest number of epochs a point may ask for."""
        return max(int(v) for v in _ends(self.epochs) if isinstance(v, (int, float)))

    @property
    def lengths(self) -> tuple[int, int]:
        """The fewest and the most epochs where they are read off a curve; a single number is the most."""
        return (self.min_epochs if self.min_epochs < self.max_epochs else 1), self.max_epochs

    @property
    def read_off(self) -> Space:
        """The space whose epochs are all that can be read off a curve."""
        least, last = self.lengths
        epochs: Axis = Range(least, last, integer=True) if least < last else Choices((last,))
        return replace(self, epochs=epochs)

    @property
    def max_batch_size(self) -> int:
        """The largest batch a point may ask for."""
        return max(int(v) for v in _ends(self.batch_size) if isinstance(v, (int, float)))

    def contains(self, point: Point) -> bool:
        """Return whether every hyperparameter of `point` lies on its axis, and none is missing or unknown."""
        parameters = point.parameters
        return parameters.keys() == self.axes.keys() and all(
            axis.contains(parameters[name]) for name, axis in self.axes.items()
        )

    def written(self) -> dict[str, str]:
        """Return each axis in the grammar of `core.axis`; `parse_space` reads it back."""
        return {name: str(axis) for name, axis in self.axes.items()}


def parse_space(written: Mapping[str, Written], where: Mapping[str, str] | None = None) -> Space:
    """Return the space whose axes `written` spells by name.

    where: how a message names an axis (default: its command-line option).

    Raises:
        UsageError: An axis is missing, or not of the grammar.
    """
    names = where or {}
    axes: dict[str, Axis] = {}
    for name, value in written.items():
        kind = {"log": name == "learning_rate", "integer": name in ("epochs", "batch_size")}
        axes[name] = parse_axis(value, names.get(name, option_name(name)), **kind)
    for name in CORE_AXES:
        place = names.get(name, option_name(name))
        if name not in axes:
            raise UsageError(place, "", "this axis is missing", "Give a range or a list.")
        _check_core(name, axes[name], place)
    extras = tuple((name, axis) for name, axis in axes.items() if name not in CORE_AXES)
    return Space(axes["epochs"], axes["learning_rate"], axes["batch_size"], extras)


def option_name(axis: str) -> str:
    """Return how the command line names an axis."""
    return "--" + axis.replace("_", "-") if axis in CORE_AXES else f"--param {axis}"


def _check_core(name: str, axis: Axis, where: str) -> None:
    """Raise a UsageError unless all values of one of the three core axes are numbers of its kind."""
    rate = name == "learning_rate"
    rule = "must be numbers above 0" if rate else "must be whole numbers, at least 1"
    for value in _ends(axis):
        if isinstance(value, (bool, str)) or value is None or value <= 0 or not (rate or value == int(value)):
            raise UsageError(where, str(axis), rule, f"Correct {scalar_text(value)}.")


def _ends(axis: Axis) -> tuple[Scalar, ...]:
    return (axis.low, axis.high) if isinstance(axis, Range) else axis.values
