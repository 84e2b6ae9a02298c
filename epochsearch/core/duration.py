"""How a length of time is written: 90, "90s", "10m", "1h30m"."""

from __future__ import annotations

import re

from epochsearch.core.errors import UsageError

_WRITTEN = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?")


def parse_duration(written: str | float, where: str) -> float:
    """Return the seconds that a number of seconds, or a text such as "1h30m", says.

    Raises:
        UsageError: It is not of that form, or no time at all.
    """
    match = _WRITTEN.fullmatch(str(written).strip().replace(" ", "").lower())
    parts = [float(part or 0) for part in match.groups()] if match else [0.0]
    seconds = sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    if seconds <= 0:
        example = f"Example: {where} 10m" if where.startswith("--") else 'Example: "10m"'
        rule = "must be a time above 0, as 90s, 10m or 1h30m"
        raise UsageError(where, str(written) or "''", rule, example)
    return seconds
