"""How a length of time is written."""

from __future__ import annotations

import pytest

from epochsearch.core.duration import parse_duration
from epochsearch.core.errors import UsageError


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (90, 90),
        (0.5, 0.5),
        ("90", 90),
        ("90s", 90),
        ("10m", 600),
        ("1h30m", 5400),
        ("1.5H", 5400),
        ("2m 3 s", 123),
    ],
)
def test_a_time_is_read(written: str | float, seconds: float) -> None:
    """A number of seconds, or hours, minutes and seconds in that order."""
    assert parse_duration(written, "--time-limit") == seconds


@pytest.mark.parametrize("written", [0, -1, "", "0m", "soon", "10 parsecs", "5m1h", "inf", "nan"])
def test_what_is_no_time_is_told(written: str | float) -> None:
    """The message names the rule and gives an example."""
    with pytest.raises(
        UsageError, match=r"^--time-limit .* as 90s, 10m or 1h30m\. Example: --time-limit 10m$"
    ):
        parse_duration(written, "--time-limit")
