"""The grammar of an axis: ranges, steps and lists, and what a wrong one is told."""

from __future__ import annotations

import math

import pytest

from epochsearch.core.axis import Axis, Choices, Range, Written, parse_axis
from epochsearch.core.errors import UsageError


def epochs(written: Written) -> Axis:
    return parse_axis(written, "--epochs", integer=True)


def learning_rate(written: Written) -> Axis:
    return parse_axis(written, "--learning-rate", log=True)


def extra(written: Written) -> Axis:
    return parse_axis(written, "--param units")


@pytest.mark.parametrize(
    ("written", "axis"),
    [
        ("5:50", Range(5, 50, integer=True)),
        (" 5 : 50 ", Range(5, 50, integer=True)),
        ("5.0:50", Range(5, 50, integer=True)),
        ("5:50:4", Choices((5, 20, 35, 50))),
        ("5:7:100", Choices((5, 6, 7))),
        ("5:50:1", Choices((5,))),
        ("16,32,64", Choices((16, 32, 64))),
        ("16,", Choices((16,))),
        ("10:10", Choices((10,))),
        (7, Choices((7,))),
        ([1, 2.0], Choices((1, 2))),
    ],
)
def test_an_axis_of_whole_numbers_is_read(written: Written, axis: Axis) -> None:
    """Epochs and batch sizes are whole however they are written."""
    assert epochs(written) == axis


@pytest.mark.parametrize(
    ("written", "axis"),
    [
        ("1e-5:1e-1", Range(1e-5, 0.1, log=True)),
        ("1e-5:1e-1:log", Range(1e-5, 0.1, log=True)),
        ("1:2", Range(1.0, 2.0, log=True)),
        ("1e-4:1e-2:3", Choices((1e-4, 1e-3, 1e-2))),
        ("0.01,0.1", Choices((0.01, 0.1))),
        (0.5, Choices((0.5,))),
    ],
)
def test_a_learning_rate_is_searched_in_its_logarithm(written: Written, axis: Axis) -> None:
    """It needs no `:log`, is never whole, and its steps are evenly spaced in the logarithm."""
    assert learning_rate(written) == axis


@pytest.mark.parametrize(
    ("written", "axis"),
    [
        ("16:64", Range(16, 64, integer=True)),
        ("16:64:log", Range(16, 64, log=True, integer=True)),
        ("0:0.5", Range(0.0, 0.5)),
        ("0.1:1", Range(0.1, 1.0)),
        ("1:100:log:3", None),
        ("1:100:3:log", Choices((1, 10, 100))),
        ("relu,tanh", Choices(("relu", "tanh"))),
        ("true,false", Choices((True, False))),
        ("none,0.5", Choices((None, 0.5))),
        ("'1','2'", Choices(("1", "2"))),
        ('"a:b","c,d"', Choices(("a:b", "c,d"))),
        (["none", "l2"], Choices(("none", "l2"))),
    ],
)
def test_a_further_hyperparameter_is_read(written: Written, axis: Axis | None) -> None:
    """It is whole, real, logarithmic or a list of words as it is written."""
    if axis is None:
        with pytest.raises(UsageError):
            extra(written)
    else:
        assert extra(written) == axis


@pytest.mark.parametrize(
    "axis", [Choices(("1", "x")), Choices(("none", None)), Choices(("a,b",)), Choices(("",))]
)
def test_a_list_of_strings_is_read_back_as_strings(axis: Choices) -> None:
    """What reads as a number or a word is written in quotes."""
    assert extra(str(axis)) == axis


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "8:2",
            "--epochs 8:2: the low end must be at most the high end. Swap them: --epochs 2:8",
        ),
        (
            "50:5:4",
            "--epochs 50:5:4: the low end must be at most the high end. Swap them: --epochs 5:50:4",
        ),
        ("2.5", "--epochs 2.5: '2.5' is not a whole number. Example: --epochs 5:50 or 16,32,64"),
        ("inf", "--epochs inf: 'inf' is not a whole number. Example: --epochs 5:50 or 16,32,64"),
        ("ten:20", "--epochs ten:20: 'ten' is not a number. Example: --epochs 5:50 or 16,32,64"),
        ("5:50:0", None),
        ("5:50:²", None),
        ("5:50:99999999999", None),
        ("5:50:3:2", None),
        ("5,5", "--epochs 5,5: the list must not name a value twice. Example: --epochs 5:50 or 16,32,64"),
        ("", "--epochs: the list must have at least one value. Example: --epochs 5:50 or 16,32,64"),
        ("1" + "0" * 400, None),
        ([], None),
        ([True], None),
    ],
)
def test_a_wrong_axis_is_told_where_what_the_rule_and_what_to_do(written: Written, told: str | None) -> None:
    """The message has four parts, and says the swapped range where the ends are the wrong way round."""
    with pytest.raises(UsageError) as caught:
        epochs(written)

    error = caught.value
    assert error.where == "--epochs"
    assert error.rule
    assert error.action
    if told is not None:
        assert error.message == told


def test_a_place_in_a_file_is_not_repeated_in_the_hint() -> None:
    """The swapped range is told without an option where the axis stands in a study file."""
    with pytest.raises(UsageError, match=r"study.toml \[space\] epochs = 8:2: .* Swap them: 2:8"):
        parse_axis("8:2", "study.toml [space] epochs =", integer=True)


@pytest.mark.parametrize("written", ["nan", "inf", "0.1,inf", "nan:1", "0.1:inf", "0:1", "-1:1", [math.nan]])
def test_a_learning_rate_is_finite_and_above_zero(written: Written) -> None:
    """No range or list may hold what is no number, infinite, or has no logarithm."""
    with pytest.raises(UsageError):
        learning_rate(written)


def test_steps_end_exactly_at_both_ends() -> None:
    """The first and the last step are the ends as given, not what rounding makes of them."""
    span = Range(1.23456789e-5, 0.123456789, log=True)

    steps = span.steps(5)

    assert all(span.contains(step) for step in steps)
    assert (steps[0], steps[-1]) == (span.low, span.high)


def test_a_range_contains_its_ends_and_only_numbers_of_its_kind() -> None:
    """Both ends belong to a range; fractions do not where it is whole; neither do bools and words."""
    span = Range(1, 8, integer=True)

    assert span.contains(1)
    assert span.contains(8)
    assert span.contains(2.0)
    assert not any(span.contains(value) for value in (0, 9, 2.5, True, "2", None, math.nan, math.inf))
