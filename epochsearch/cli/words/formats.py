"""How numbers, times and curves are written for a person: short, plain, the same everywhere."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from epochsearch.core.choice import Scalar, scalar_text
from epochsearch.core.measure import Measure

_UNICODE_LEVELS, _UNICODE_BROKEN = "▁▂▃▄▅▆▇█", "✗"
_ASCII_LEVELS, _ASCII_BROKEN = "_.-~=+*#", "!"


def loss_text(value: float | None) -> str:
    """Return a loss or a metric in at most 9 characters: 0.0831, 2901.3, 3.12e-5, nan, or - for none."""
    if value is None:
        return "-"
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    if size == 0 or 0.01 <= size < 1000:
        return f"{value:.4f}"
    return f"{value:.1f}" if 1000 <= size < 1e6 else _exponent(f"{value:.2e}")


def objective_text(value: float | None, measure: Measure) -> str:
    """Return an objective as a person is shown it: the loss, or the metric it was read off."""
    return loss_text(value if value is None or not math.isfinite(value) else measure.shown(value))


def rate_text(value: float, digits: int = 2) -> str:
    """Return a learning rate with so many digits that count: 1.2e-3, 0.012, 0.1."""
    if value >= 0.01:
        return f"{value:.{digits}g}"
    return _exponent(f"{value:.{digits - 1}e}")


def hyperparameter_text(value: Scalar) -> str:
    """Return the value of a further hyperparameter: a real number with four digits that count."""
    if not isinstance(value, float):
        return scalar_text(value)
    return f"{value:.4g}" if value == 0 or abs(value) >= 0.01 else rate_text(value, 4)


def share_text(share: float) -> str:
    """Return a share as percent with three digits that count: 0.5 %, 12.3 %."""
    return f"{100 * share:.3g} %"


def duration_text(seconds: float) -> str:
    """Return 8.3 s, or from a minute on the clock's 1:20 or 2:05:00."""
    return f"{seconds:.1f} s" if seconds < 59.95 else clock_text(seconds)


def clock_text(seconds: float) -> str:
    """Return 0:08 (minutes and seconds) or 2:05:00 (with hours)."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def ago_text(moment: datetime, now: datetime | None = None) -> str:
    """Return how long ago a moment was: just now, 5 min ago, 3 h ago, 12 days ago."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < 60:
        return "just now"
    for unit, size, most in (("min", 60, 60), ("h", 3600, 48)):
        if seconds < size * most:
            return f"{int(seconds // size)} {unit} ago"
    return f"{int(seconds // 86400)} days ago"


def sparkline(values: Sequence[float], width: int, *, unicode: bool = True) -> str:
    """Return a curve in at most `width` characters, low to high between its own lowest and highest value.

    Heights are logarithmic where all values are above 0, for most of a loss's fall is in its first epochs. A
    longer curve is thinned, its last value kept; a value that is not finite shows as a cross.
    """
    levels, broken = (_UNICODE_LEVELS, _UNICODE_BROKEN) if unicode else (_ASCII_LEVELS, _ASCII_BROKEN)
    if not values or width < 1:
        return ""
    count = len(values)
    if count > width:
        values = [values[round((i + 1) * count / width) - 1] for i in range(width)]
    finite = [value for value in values if math.isfinite(value)]
    if finite and min(finite) > 0:
        values = [math.log(value) if math.isfinite(value) else value for value in values]
        finite = [value for value in values if math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return "".join(levels[0] if math.isfinite(value) else broken for value in values)
    top = len(levels) - 1
    return "".join(
        levels[round((value - low) / span * top)] if math.isfinite(value) else broken for value in values
    )


def bytes_text(size: float) -> str:
    """Return 512 B, 3.1 MB, 312 MB, 1.4 GB, in powers of 1000."""
    for unit in ("B", "kB", "MB"):
        if size < 999.5:
            return f"{size:.0f} {unit}" if size >= 9.95 or unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.0f} GB" if size >= 99.5 else f"{size:.1f} GB"


def count_text(count: int, noun: str) -> str:
    """Return 1 trial, 2 trials."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _exponent(text: str) -> str:
    mantissa, _, exponent = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def file_stem(name: str) -> str:
    """Return the name of a study or a task with what a file's name must not hold replaced."""
    return re.sub(r"[^\w.+-]+", "-", name).strip("-.") or "study"
