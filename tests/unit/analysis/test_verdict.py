"""The verdict in words: the two sentences, and numbers of any magnitude."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.pairs import Pair
from epochsearch.analysis.verdict import ChosenPoints, chosen_points_note, loss_texts, p_text, verdict
from epochsearch.core.measure import Measure

WON = Pair(
    a="tpe",
    b="random",
    seeds=10,
    mean_a=0.0712,
    mean_b=0.0781,
    difference=-0.0069,
    low=-0.0111,
    high=-0.0031,
    p=0.00195,
    p_holm=0.0042,
    wins=9,
    ties=0,
    losses=1,
    improvement=Interval(0.9, 0.8, 0.97),
    further_seeds=1,
)
OPEN = replace(
    WON,
    mean_a=0.0766,
    difference=-0.0016,
    low=-0.0050,
    high=0.0021,
    p_holm=0.43,
    wins=6,
    losses=4,
    further_seeds=25,
)


def test_a_difference_beyond_doubt_is_said_with_all_its_numbers() -> None:
    """The pattern of the issue, word for word."""
    assert verdict(WON, "digits", "1,000 epochs", 0.46) == (
        "tpe beats random on digits at 1,000 epochs: 0.071 against 0.078, difference -0.007 "
        "(95 % interval -0.011 to -0.003), Holm p = 0.004, better in 9 of 10 seeds, "
        "reaches random's final loss with 0.46 of the epochs"
    )


def test_the_winner_comes_first_from_either_side() -> None:
    """The pair in the other order is the same sentence."""
    assert verdict(WON.swapped(), "digits", "1,000 epochs", 0.46) == verdict(
        WON, "digits", "1,000 epochs", 0.46
    )


def test_without_evidence_nothing_is_claimed() -> None:
    """The other pattern: no winner, the numbers, and how many more seeds."""
    assert verdict(OPEN, "digits", "1,000 epochs", 0.46) == (
        "no evidence of a difference between tpe and random on digits at 1,000 epochs: "
        "0.0766 against 0.0781, difference -0.0016 (95 % interval -0.0050 to 0.0021), Holm p = 0.430, "
        "better in 6 of 10 seeds; about 25 more seeds would show one of this size"
    )


@pytest.mark.parametrize(
    ("pair", "end"),
    [
        (replace(OPEN, further_seeds=1), "; about 1 more seed would show one of this size"),
        (replace(OPEN, further_seeds=123), "; about 130 more seeds would show one of this size"),
        (
            replace(OPEN, further_seeds=4321),
            "; more than 1,000 further seeds would be needed to show one of this size",
        ),
        (
            replace(OPEN, difference=0.0, further_seeds=None),
            "; with a difference of zero no number of seeds would show one",
        ),
        (
            replace(OPEN, p_holm=0.03),
            "; the rank test and the interval disagree; about 25 more seeds would show one of this size",
        ),
        (replace(OPEN, ties=3), " (3 tied); about 25 more seeds would show one of this size"),
    ],
)
def test_how_many_seeds_would_show_it(pair: Pair, end: str) -> None:
    """One, many, too many, none, and when the two methods disagree."""
    assert verdict(pair, "digits", "1,000 epochs").endswith(end)


@pytest.mark.parametrize(
    ("ratio", "by", "end"),
    [
        (None, "epochs", "in 9 of 10 seeds"),
        (1.3, "epochs", ", needs 1.3 times the epochs to reach random's final loss"),
        (0.5, "seconds", ", reaches random's final loss with 0.5 of the seconds"),
    ],
)
def test_how_soon_the_winner_gets_there(ratio: float | None, by: str, end: str) -> None:
    """Said only where it is known, also when it is not in the winner's favour."""
    assert verdict(WON, "digits", "1,000 epochs", ratio, by=by).endswith(end)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "weaker",
    [
        replace(WON, p_holm=0.05),
        replace(WON, high=0.0),
        replace(WON, wins=4, losses=6),
        replace(WON, wins=5, losses=5),
    ],
)
def test_one_doubt_is_enough(weaker: Pair) -> None:
    """p at alpha, an interval that touches 0, or no majority of seeds: no winner."""
    assert verdict(weaker, "digits", "1,000 epochs").startswith("no evidence of a difference")


@pytest.mark.parametrize(
    ("losses", "resolution", "shown"),
    [
        ((0.0712, 0.0781), 0.0069, ("0.071", "0.078")),
        ((12345.6, 12000.0), 345.6, ("12,346", "12,000")),
        ((2.5, 3.5), 1.0, ("2", "4")),
        ((1.234e-6, 1.2e-6), 3.4e-8, ("1.23e-06", "1.20e-06")),
        ((3.21e9, 3.0e9), 2.1e8, ("3.2e+09", "3.0e+09")),
        ((0.5, -0.00001), 0.01, ("0.50", "0.00")),
        ((0.25, 0.25), 0.0, ("0.2500", "0.2500")),
        ((0.0, 0.0), 0.0, ("0", "0")),
    ],
)
def test_losses_are_shown_to_what_can_be_told_apart(
    losses: tuple[float, ...], resolution: float, shown: tuple[str, ...]
) -> None:
    """As many digits as the difference has, for losses of any size."""
    assert loss_texts(*losses, resolution=resolution) == shown


def test_the_end_that_a_winner_hangs_on_is_never_shown_as_zero() -> None:
    """An interval that ends just below 0 is shown so; where nothing is claimed one digit more is enough."""
    close, open_ = replace(WON, high=-0.00002), replace(WON, high=-0.00002, p_holm=0.2)

    assert "interval -0.01110 to -0.00002)" in verdict(close, "digits", "1,000 epochs")
    assert "interval -0.0111 to 0.0000)" in verdict(open_, "digits", "1,000 epochs")


@pytest.mark.parametrize(
    ("p", "shown"),
    [(0.0042, "= 0.004"), (0.00004, "< 0.001"), (0.0496, "= 0.0496"), (0.05, "= 0.050"), (1.0, "= 1.000")],
)
def test_a_p_is_never_rounded_across_alpha(p: float, shown: str) -> None:
    """0.0496 is significant and reads so."""
    assert p_text(p) == shown


def test_what_the_losses_are_is_said_beside_them() -> None:
    """Validation losses of chosen points flatter: the test loss and the optimism stand beside them."""
    note = chosen_points_note([ChosenPoints("tpe", 0.071, 0.083), ChosenPoints("random", 0.078, 0.084)])

    assert note == (
        "These are validation losses of the points that the searches chose by them, so they are lower than "
        "new data would give. Test loss of the same points: tpe 0.083 (validation minus test -0.012), "
        "random 0.084 (validation minus test -0.006)."
    )


def test_a_test_part_that_was_not_looked_at_is_said_so() -> None:
    """The seal is not broken to fill a sentence."""
    assert ChosenPoints("tpe", 0.071).optimism is None
    assert ChosenPoints("tpe", 0.071, 0.083).optimism == pytest.approx(-0.012)
    assert chosen_points_note([ChosenPoints("tpe", 0.071)]).endswith("has not been looked at.")


def test_a_metric_is_told_as_users_know_it() -> None:
    """Objectives are 1 - accuracy: the winner's accuracy is the higher one, and so is the interval turned."""
    accuracy = Measure("accuracy", maximise=True)
    points = [ChosenPoints("tpe", 0.021, 0.033)]

    assert verdict(WON, "digits", "1,000 epochs", 0.46, measure=accuracy) == (
        "tpe beats random on digits at 1,000 epochs: 0.929 against 0.922, difference 0.007 "
        "(95 % interval 0.003 to 0.011), Holm p = 0.004, better in 9 of 10 seeds, "
        "reaches random's final accuracy with 0.46 of the epochs"
    )
    assert chosen_points_note(points, accuracy) == (
        "These are values of validation accuracy of the points that the searches chose by them, so they are "
        "higher than new data would give. Test accuracy of the same points: tpe 0.967 (validation minus test "
        "0.012)."
    )


@given(
    st.floats(1e-9, 1e9),
    st.floats(-1, 1).filter(lambda share: abs(share) > 1e-6),
    st.floats(0, 2),
    st.floats(0, 2),
    st.floats(0, 1),
    st.integers(0, 10),
)
def test_a_verdict_claims_a_winner_only_when_all_agree(
    scale: float, share: float, below: float, above: float, p_holm: float, wins: int
) -> None:
    """For numbers of any size the sentence can be written, and "beats" follows `better`."""
    difference = scale * share
    low, high = difference - below * scale, difference + above * scale
    pair = replace(
        WON,
        mean_a=scale + difference,
        mean_b=scale,
        difference=difference,
        low=low,
        high=high,
        p_holm=p_holm,
        wins=wins,
        losses=10 - wins,
    )

    said = verdict(pair, "digits", "1,000 epochs")

    agree = p_holm < 0.05 and (high < 0 or low > 0) and (wins > 5 if difference < 0 else wins < 5)
    assert (" beats " in said) == agree
    assert said.startswith("no evidence") != agree


def test_a_difference_that_begins_with_one_has_two_digits() -> None:
    """0.0836 against 0.0654 is -0.018, not 0.08 against 0.07 with -0.02."""
    pair = replace(WON, mean_a=0.06536, mean_b=0.08359, difference=-0.01823, low=-0.02567, high=-0.01163)

    assert "0.065 against 0.084, difference -0.018 (95 % interval -0.026 to -0.012)" in verdict(
        pair, "digits", "500 epochs"
    )
