"""One axis of a search space: a range LOW:HIGH or a list of choices, and the grammar both are written in.

5:50            a range (integers when both ends are integers)
1e-5:1e-1:log   a range searched in the logarithm (the learning rate always is)
5:50:4          four steps from 5 to 50 (log-spaced on a logarithmic axis): a list of choices
16,32,64        a list of choices
0.01            a single choice
"1","2"         a list of strings: quotes where a string would read as something else
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from epochsearch.core.choice import Scalar, is_quoted, parse_scalar, pieces, scalar_text
from epochsearch.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Range:
    """All numbers from low to high, both included; whole numbers only if `integer`."""

    low: float
    high: float
    log: bool = False
    integer: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise ValueError("the ends must be finite numbers")
        if self.low > self.high:
            raise ValueError("the low end must be at most the high end")
        if self.log and self.low <= 0:
            raise ValueError("the low end of a logarithmic range must be above 0")

    def __str__(self) -> str:
        ends = f"{scalar_text(self.low)}:{scalar_text(self.high)}"
        return f"{ends}:log" if self.log else ends

    def contains(self, value: Scalar) -> bool:
        """Return whether `value` lies in the range (and is whole where it must be)."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        return self.low <= value <= self.high and (not self.integer or value == int(value))

    def steps(self, count: int) -> tuple[int | float, ...]:
        """Return `count` values from low to high, evenly spaced (in the logarithm on a logarithmic axis)."""
        if count == 1 or self.low == self.high:
            return (self._whole(self.low),)
        between = [self._at(i / (count - 1)) for i in range(1, count - 1)]
        values = [self._whole(value) for value in (self.low, *between, self.high)]
        return tuple(dict.fromkeys(values))

    def middles(self, count: int) -> tuple[int | float, ...]:
        """Return the middles of `count` equal parts of the range (in the logarithm on a logarithmic axis)."""
        if self.low == self.high:
            return (self._whole(self.low),)
        return tuple(dict.fromkeys(self._whole(self._at((i + 0.5) / count)) for i in range(count)))

    def _at(self, share: float) -> float:
        if self.log:
            value = math.exp((1 - share) * math.log(self.low) + share * math.log(self.high))
            value = float(f"{value:.6g}")
        else:
            value = self.low + share * (self.high - self.low)
        return min(max(value, self.low), self.high)

    @property
    def middle(self) -> int | float:
        """The value halfway (in the logarithm on a logarithmic axis)."""
        return self.steps(3)[1] if self.low < self.high else self._whole(self.low)

    def _whole(self, value: float) -> int | float:
        return round(value) if self.integer else value


@dataclass(frozen=True, slots=True)
class Choices:
    """A list of distinct values, tried as they are."""

    values: tuple[Scalar, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("the list must have at least one value")
        if len(set(self.values)) != len(self.values):
            raise ValueError("the list must not name a value twice")
        if any(isinstance(value, float) and not math.isfinite(value) for value in self.values):
            raise ValueError("the values must be finite numbers")

    def __str__(self) -> str:
        return ",".join(scalar_text(value) for value in self.values)

    def contains(self, value: Scalar) -> bool:
        """Return whether `value` is one of the choices."""
        return value in self.values


MAX_STEPS = 10_000
"""Steps that a range may be cut into."""

Axis: TypeAlias = Range | Choices
Written: TypeAlias = str | int | float | Sequence[Scalar]


def parse_axis(written: Written, where: str, *, log: bool = False, integer: bool = False) -> Axis:
    """Return the axis that `written` (text, a number or a list) says; see the module's grammar.

    log, integer: what the axis is by nature (the learning rate is log, epochs are integer).

    Raises:
        UsageError: The text is not of the grammar, or the numbers break a rule.
    """
    try:
        if isinstance(written, str):
            return _parse_text(written.strip(), log=log, integer=integer)
        if isinstance(written, (int, float)):
            return Choices((_number(written, integer),))
        if not isinstance(written, Iterable):  # a task's class may hold anything
            raise ValueError("must be a number, LOW:HIGH, LOW:HIGH:STEPS or a list A,B,C")
        return Choices(tuple(_number(value, integer) for value in written))
    except ValueError as error:
        raise UsageError(where, _shown(written), str(error), _hint(written, where, integer=integer)) from None
    except OverflowError:
        rule = "the numbers are too large"
        raise UsageError(where, _shown(written), rule, _hint(written, where, integer=integer)) from None


def _parse_text(text: str, *, log: bool, integer: bool) -> Axis:
    values = pieces(text)
    if not any(":" in value and not is_quoted(value) for value in values):
        return Choices(tuple(_number(parse_scalar(value), integer) for value in values))
    parts = [part.strip() for part in text.split(":")]
    real = log  # an axis that is logarithmic by nature (the learning rate) holds no whole numbers
    if parts[-1] == "log":
        log, parts = True, parts[:-1]
    if len(parts) not in (2, 3):
        raise ValueError("must be LOW:HIGH, LOW:HIGH:STEPS or a list A,B,C")
    low, high = (_end(part, integer) for part in parts[:2])
    whole = isinstance(low, int) and isinstance(high, int) and not real
    span = Range(low if whole else float(low), high if whole else float(high), log=log, integer=whole)
    if len(parts) == 2:
        return span if span.low < span.high else Choices((span.low,))
    if not parts[2].isdecimal() or not 1 <= int(parts[2]) <= MAX_STEPS:
        raise ValueError(f"the number of steps must be a whole number from 1 to {MAX_STEPS}")
    return Choices(span.steps(int(parts[2])))


def _end(text: str, integer: bool) -> int | float:
    value = parse_scalar(text)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"'{text}' is not a number")
    number = _number(value, integer)
    assert isinstance(number, (int, float))
    return number


def _number(value: Scalar, integer: bool) -> Scalar:
    if not integer:
        return value
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not math.isfinite(value)
        or value != int(value)
    ):
        raise ValueError(f"'{scalar_text(value)}' is not a whole number")
    return int(value)


def _shown(written: Written) -> str:
    return written if isinstance(written, str) else str(written)


def _hint(written: Written, where: str, *, integer: bool) -> str:
    option = f"{where} " if where.startswith("--") else ""
    parts = _shown(written).split(":")
    if len(parts) >= 2:
        try:
            if float(parts[0]) > float(parts[1]):
                return f"Swap them: {option}" + ":".join([parts[1], parts[0], *parts[2:]])
        except ValueError:
            pass
    return f"Example: {option}" + ("5:50 or 16,32,64" if integer else "1e-5:1e-1 or 0.01,0.1")
