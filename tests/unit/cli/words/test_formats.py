"""Numbers, times and curves as a person reads them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsearch.cli.words.formats import (
    ago_text,
    bytes_text,
    clock_text,
    duration_text,
    file_stem,
    hyperparameter_text,
    loss_text,
    rate_text,
    sparkline,
)
from epochsearch.core.choice import Scalar


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.08312, "0.0831"),
        (0.0, "0.0000"),
        (12.40338, "12.4034"),
        (2901.26, "2901.3"),
        (3.123e-5, "3.12e-5"),
        (1.5e9, "1.5e9"),
        (-0.5, "-0.5000"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (None, "-"),
    ],
)
def test_a_loss_is_short_and_keeps_the_digits_that_count(value: float | None, text: str) -> None:
    """Fixed decimals in the middle, an exponent at the ends."""
    assert loss_text(value) == text


@given(st.floats(min_value=0, max_value=1e99))
def test_a_loss_always_fits_its_column(value: float) -> None:
    """Nine characters are enough for any loss."""
    assert len(loss_text(value)) <= 9


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0012, 2, "1.2e-3"),
        (0.001, 2, "1e-3"),
        (0.012, 2, "0.012"),
        (0.1, 2, "0.1"),
        (0.00123456, 4, "1.235e-3"),
    ],
)
def test_a_learning_rate_shows_as_many_digits_as_asked(value: float, digits: int, text: str) -> None:
    """Small rates have an exponent without padding."""
    assert rate_text(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.005465942423397711, "5.466e-3"),
        (0.2878647138924317, "0.2879"),
        (-0.00012, "-1.2e-4"),
        (0.0, "0"),
        (16, "16"),
        (True, "true"),
        ("relu", "relu"),
    ],
)
def test_a_hyperparameter_shows_four_digits_as_the_learning_rate_does(value: Scalar, text: str) -> None:
    """Whole numbers, truth and words stand as they are."""
    assert hyperparameter_text(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(8.31, "8.3 s"), (59.99, "1:00"), (80.4, "1:20"), (7500, "2:05:00")]
)
def test_a_duration_turns_to_clock_time_at_a_minute(seconds: float, text: str) -> None:
    """Tenths of seconds matter only below a minute."""
    assert duration_text(seconds) == text


def test_the_clock_shows_whole_seconds() -> None:
    """What is redrawn eight times a second must not flicker in its tenths."""
    assert clock_text(8.4) == "0:08"


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "just now"), (300, "5 min ago"), (7200, "2 h ago"), (864_000, "10 days ago")]
)
def test_how_long_ago_is_one_whole_unit(seconds: float, text: str) -> None:
    """Minutes, hours or days."""
    now = datetime(2025, 1, 20, tzinfo=UTC)

    assert ago_text(now - timedelta(seconds=seconds), now) == text


def test_a_sparkline_falls_as_its_curve_does() -> None:
    """The highest value is the full block, the lowest the thinnest, and halving is one step each time."""
    assert sparkline([128, 64, 32, 16, 8, 4, 2, 1], 20) == "█▇▆▅▄▃▂▁"


def test_a_sparkline_marks_what_is_not_finite() -> None:
    """A diverged epoch is a cross and does not flatten the rest."""
    assert sparkline([1.0, 2.0, math.nan, math.inf], 20) == "▁█✗✗"


def test_a_sparkline_without_unicode_uses_ascii() -> None:
    """A terminal without block characters sees the same shape."""
    assert sparkline([2.0, 1.0, math.nan], 20, unicode=False).isascii()


@given(st.lists(st.floats(), max_size=200), st.integers(0, 60))
def test_a_sparkline_is_never_wider_than_its_room(values: list[float], width: int) -> None:
    """One character per value, thinned to the width."""
    assert len(sparkline(values, width)) == min(len(values), width)


def test_a_thinned_sparkline_keeps_the_last_value() -> None:
    """Where the curve stands now is always shown."""
    assert sparkline([*[0.0] * 99, 1.0], 10)[-1] == "█"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (3_140_000, "3.1 MB"),
        (312_400_000, "312 MB"),
        (999_600_000, "1.0 GB"),
        (16e9, "16.0 GB"),
        (640e9, "640 GB"),
    ],
)
def test_sizes_are_told_in_powers_of_1000(size: float, text: str) -> None:
    """Two digits at least, three at most."""
    assert bytes_text(size) == text


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("digits-tpe-1c75db", "digits-tpe-1c75db"),
        ("mine.py:Net", "mine.py-Net"),
        ("a/b c", "a-b-c"),
        ("..", "study"),
    ],
)
def test_a_name_becomes_a_file_that_every_system_takes(name: str, stem: str) -> None:
    """No colon, which other systems keep for themselves, no separator, no hidden file."""
    assert file_stem(name) == stem
