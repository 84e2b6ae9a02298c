"""What a comparison shows, in words that are never stronger than the numbers.

There are two sentences and no third: one entry beats another, or there is no evidence of a difference and
this many more seeds would show one. `Pair.better` alone decides between them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from epochsearch.analysis.pairs import ALPHA, Pair
from epochsearch.analysis.traces import CostKind
from epochsearch.core.measure import THE_LOSS, Measure

MANY_SEEDS = 1_000
"""Further seeds beyond which only "more than this" is said: the estimate is not that good."""


@dataclass(frozen=True, slots=True)
class ChosenPoints:
    """The points that the searches of one entry ended with; means over seeds."""

    entry: str
    validation: float  # objective that the points were chosen by
    test: float | None = None  # the same on the test part; None: it has not been looked at

    @property
    def optimism(self) -> float | None:
        """Validation minus test: below 0, the choice flattered itself by that much."""
        return None if self.test is None else self.validation - self.test


def verdict(
    pair: Pair,
    task: str,
    budget: str,
    cost_ratio: float | None = None,
    *,
    by: CostKind = "epochs",
    alpha: float = ALPHA,
    measure: Measure = THE_LOSS,
) -> str:
    """Return the verdict on one pair as a sentence without a full stop; the winner comes first.

    task: as "digits"; budget: as "1,000 epochs"; cost_ratio: `targets.cost_ratio` of the winner
    (`pair.better()`) against the other in the unit `by`, None if it never gets there. Losses, or
    metrics, are the means over seeds of the final ones of the chosen points on the validation part.
    """
    winner = pair.better(alpha)
    if winner is None:
        return (
            f"no evidence of a difference between {pair.a} and {pair.b} on {task} at {budget}: "
            f"{_numbers(pair, alpha, measure)}; {_more_seeds(pair, alpha)}"
        )
    seen = pair if winner == pair.a else pair.swapped()
    sentence = f"{seen.a} beats {seen.b} on {task} at {budget}: {_numbers(seen, alpha, measure)}"
    return sentence if cost_ratio is None else f"{sentence}, {_reaches(seen.b, cost_ratio, by, measure)}"


def chosen_points_note(chosen: Sequence[ChosenPoints], measure: Measure = THE_LOSS) -> str:
    """Return what a reader must know about the losses, or metrics, in a verdict, as a sentence or two."""
    what = "validation losses" if measure.is_loss else f"values of {measure.title}"
    flattered = "higher" if measure.maximise else "lower"
    note = (
        f"These are {what} of the points that the searches chose by them, "
        f"so they are {flattered} than new data would give."
    )
    known = [
        (
            points.entry,
            measure.shown(points.test),
            measure.shown_difference(points.validation - points.test),
        )
        for points in chosen
        if points.test is not None
    ]
    if not known:
        return f"{note} The test {measure.word} of these points has not been looked at."
    finest = max(abs(optimism) for _, _, optimism in known) / 10
    parts = []
    for entry, test, optimism in known:
        shown = loss_texts(test, optimism, resolution=finest)
        parts.append(f"{entry} {shown[0]} (validation minus test {shown[1]})")
    return f"{note} Test {measure.word} of the same points: {', '.join(parts)}."


def loss_texts(*losses: float, resolution: float) -> tuple[str, ...]:
    """Return the losses as text, all with the same number of decimals, so many that `resolution` shows.

    Very small or very large losses are written with an exponent, each to as many digits as `resolution`
    asks for.
    """
    largest = max((abs(loss) for loss in losses), default=0.0)
    finest = abs(resolution) or largest * 1e-3 or 1.0
    if largest and not 1e-4 <= largest < 1e7:
        digits = max(0, min(15, _exponent(largest) - _exponent(finest)))
        return tuple(f"{loss:.{digits}e}" for loss in losses)
    decimals = max(0, min(15, -_exponent(finest)))
    return tuple(_without_minus_zero(f"{loss:,.{decimals}f}") for loss in losses)


def p_text(p: float, alpha: float = ALPHA) -> str:
    """Return "= 0.004" or "< 0.001", with more digits where three would put it across alpha."""
    if p < 0.001:
        return "< 0.001"
    for digits in range(3, 8):
        text = f"{p:.{digits}f}"
        if (float(text) < alpha) == (p < alpha):
            break
    return f"= {text}"


def _numbers(pair: Pair, alpha: float, measure: Measure) -> str:
    low, high = sorted((measure.shown_difference(pair.low), measure.shown_difference(pair.high)))
    means = measure.shown(pair.mean_a), measure.shown(pair.mean_b)
    values = *means, measure.shown_difference(pair.difference), low, high
    mean_a, mean_b, difference, low_text, high_text = loss_texts(*values, resolution=_resolution(pair, alpha))
    tied = f" ({pair.ties} tied)" if pair.ties else ""
    return (
        f"{mean_a} against {mean_b}, difference {difference} (95 % interval {low_text} to {high_text}), "
        f"Holm p {p_text(pair.p_holm, alpha)}, better in {pair.wins} of {pair.seeds} seeds{tied}"
    )


def _resolution(pair: Pair, alpha: float) -> float:
    """Return half the finest of the difference, the interval's width and its ends, within reason.

    Half, so that 0.014 is not shown as 0.01. An end near 0 adds one digit; where a winner hangs on it, as
    many as show on which side of 0 it lies.
    """
    sizes = [abs(pair.difference), pair.high - pair.low]
    coarse = min((size for size in sizes if size > 0), default=0.0) / 2
    ends = [abs(end) for end in (pair.low, pair.high) if end]
    return max(min([coarse, *ends]), coarse / (10 if pair.better(alpha) is None else 10_000))


def _more_seeds(pair: Pair, alpha: float) -> str:
    if pair.difference == 0:
        return "with a difference of zero no number of seeds would show one"
    reason = "" if pair.p_holm >= alpha else "the rank test and the interval disagree; "
    more = pair.further_seeds
    if more is None or more > MANY_SEEDS:
        return f"{reason}more than {MANY_SEEDS:,} further seeds would be needed to show one of this size"
    if more >= 100:
        more = 10 * math.ceil(more / 10)
    return f"{reason}about {more:,} more seed{'' if more == 1 else 's'} would show one of this size"


def _reaches(other: str, ratio: float, by: CostKind, measure: Measure) -> str:
    if ratio <= 1:
        return f"reaches {other}'s final {measure.word} with {ratio:.2g} of the {by}"
    return f"needs {ratio:.2g} times the {by} to reach {other}'s final {measure.word}"


def _exponent(value: float) -> int:
    return math.floor(math.log10(abs(value)) + 1e-9)


def _without_minus_zero(text: str) -> str:
    return text.lstrip("-") if not any(digit in text for digit in "123456789") else text
