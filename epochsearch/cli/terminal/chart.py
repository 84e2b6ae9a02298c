"""A small chart of text: curves that fall in steps, or rise, one mark for each.

What is high at the very beginning would flatten all the rest: the upward axis ends at the highest value after
the first fifth, and what lies above stands in the top row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from epochsearch.cli.words.formats import loss_text

Curve = Sequence[tuple[float, float]]
"""(cost, value) at each step, costs rising; the value holds up to the next step. NaN: not there yet."""

_UNICODE_MARKS, _ASCII_MARKS = "●▲■◆○△□◇", "o^#*+x%@"
_LABEL = 10  # columns of the labels of the upward axis


def chart_lines(
    curves: Mapping[str, Curve],
    end: float,
    unit: str,
    *,
    width: int = 80,
    height: int = 10,
    unicode: bool = True,
    label: Callable[[float], str] = loss_text,
    rising: bool = False,
) -> list[str]:
    """Return the chart and its legend as lines of at most `width` columns; none if there is nothing to draw.

    Where curves meet, the mark of the first stands. The upward axis is logarithmic if all values are above 0.
    label: how a value is written. rising: the lowest value is drawn on top.
    """
    columns = width - _LABEL - 2
    sampled = {name: _sampled(curve, end, columns) for name, curve in curves.items()}
    values = [value for row in sampled.values() for value in row if math.isfinite(value)]
    if not values or end <= 0:
        return []
    marks = _UNICODE_MARKS if unicode else _ASCII_MARKS
    bar, corner, dash = ("│", "└", "─") if unicode else ("|", "+", "-")
    rows = [[" "] * columns for _ in range(height)]
    low, high = min(values), max(_settled(sampled.values()) or values)
    for i, row in reversed(list(enumerate(sampled.values()))):
        for column, value in enumerate(row):
            if math.isfinite(value):
                rows[height - 1 - _level(value, low, high, height)][column] = marks[i % len(marks)]
    labels = {0: label(high), height - 1: label(low)}
    if rising:
        rows, labels = rows[::-1], {0: label(low), height - 1: label(high)}
    lines = [f"{labels.get(i, ''):>{_LABEL}} {bar}{''.join(row)}".rstrip() for i, row in enumerate(rows)]
    lines.append(f"{'':{_LABEL}} {corner}{dash * columns}")
    last = f"{end:,.0f} {unit}"
    lines.append(f"{'':{_LABEL}}  0{last:>{columns - 1}}")
    legend = [f"{marks[i % len(marks)]} {name}" for i, name in enumerate(curves)]
    return lines + [f"{'':{_LABEL}}  {part}" for part in _wrapped(legend, columns)]


def _sampled(curve: Curve, end: float, columns: int) -> list[float]:
    found, at, value = [], 0, math.nan
    for column in range(columns):
        cost = end * (column + 1) / columns
        while at < len(curve) and curve[at][0] <= cost:
            value = curve[at][1]
            at += 1
        found.append(value)
    return found


def _settled(rows: Iterable[Sequence[float]]) -> list[float]:
    return [value for row in rows for value in row[len(row) // 5 :] if math.isfinite(value)]


def _level(value: float, low: float, high: float, height: int) -> int:
    if low == high:
        return 0
    if low > 0:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return min(height - 1, int((value - low) / (high - low) * height))


def _wrapped(parts: Sequence[str], width: int) -> list[str]:
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + 2 + len(part) <= width:
            lines[-1] += f"  {part}"
        else:
            lines.append(part[:width])
    return lines
