"""The figures of a search that freezes and thaws: what was trained when, and what was expected of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from epochsearch.analysis.forecasts import OrderOutcome
from epochsearch.core.measure import Measure
from epochsearch.core.orders import Expected
from epochsearch.core.trial import Outcome, TrialRecord
from epochsearch.report.figures import COLOURS, LEGEND, MARGIN, Figure
from epochsearch.report.study_figures import GREY, logarithmic

STANDINGS = {"frozen": "circle-open", "trained to the end": "circle", "diverged": "x", "other": "square"}
"""What became of a trial -> the mark at its last epoch."""
ROOM = 300  # pixels that the lines of all trials share


def thawing_figure(
    outcomes: Sequence[OrderOutcome], trials: Mapping[int, TrialRecord], measure: Measure
) -> Figure:
    """Return a line an order, from what had been charged when it began; at the end of each trial a mark.

    trials: by number.
    """
    figure = go.Figure()
    width = min(8.0, max(1.5, ROOM / max(1, len(trials))))
    for i, (name, thawed) in enumerate((("begun", False), ("thawed", True))):
        some = [one for one in outcomes if (one.first > 1) is thawed and one.done >= one.first]
        ends = [(one.charged, one.charged + one.done - one.first + 1) for one in some]
        figure.add_scatter(
            x=[at for pair in ends for at in (*pair, None)],
            y=[at for one in some for at in (one.order.trial, one.order.trial, None)],
            text=[text for one in some for text in (_about(one, measure),) * 3], mode="lines", name=name,
            line={"color": COLOURS[i], "width": width}, hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    last = {one.order.trial: one for one in outcomes if one.order.trial in trials}
    for standing, symbol in STANDINGS.items():
        ended = [one for number, one in last.items() if _standing(trials[number]) == standing]
        if ended:
            figure.add_scatter(
                x=[one.charged + max(0, one.done - one.first + 1) for one in ended],
                y=[one.order.trial for one in ended], mode="markers", name=standing,
                marker={"symbol": symbol, "size": 7, "color": GREY, "line": {"width": 1.5, "color": GREY}},
                text=[f"trial {one.order.trial}: {standing} after epoch {one.done}" for one in ended],
                hovertemplate="%{text}<extra></extra>",
            )  # fmt: skip
    figure.update_layout(height=420, legend=LEGEND, margin=MARGIN, hovermode="closest")
    figure.update_xaxes(title="charged epochs", rangemode="tozero")
    figure.update_yaxes(title="trial", autorange="reversed", zeroline=False)
    return figure


def forecasts_figure(outcomes: Sequence[OrderOutcome], measure: Measure) -> Figure | None:
    """Return what was expected of each order, with its 90 % interval, against what came.

    None where no outcome of a forecast is known.
    """
    known = [one for one in outcomes if one.inside is not None]
    if not known:
        return None
    figure = go.Figure()
    pairs = [(_median(one, measure), measure.shown(_seen(one))) for one in known]
    low, high = min(map(min, pairs)), max(map(max, pairs))
    figure.add_scatter(
        x=[low, high], y=[low, high], mode="lines", line={"color": GREY, "dash": "dash", "width": 1},
        name="as expected", hoverinfo="skip",
    )  # fmt: skip
    for name, inside, symbol, colour in (
        ("inside the interval", True, "circle", COLOURS[0]),
        ("outside", False, "x", COLOURS[1]),
    ):
        some = [(one, pair) for one, pair in zip(known, pairs, strict=True) if one.inside is inside]
        bounds = [_bounds(_expected(one), measure) for one, _ in some]
        figure.add_scatter(
            x=[x for _, (x, _) in some], y=[y for _, (_, y) in some], mode="markers", name=name,
            marker={"symbol": symbol, "size": 7, "color": colour},
            error_x={
                "type": "data", "symmetric": False, "thickness": 1, "width": 0, "color": colour,
                "array": [top - x for (_, top), (_, (x, _)) in zip(bounds, some, strict=True)],
                "arrayminus": [x - bottom for (bottom, _), (_, (x, _)) in zip(bounds, some, strict=True)],
            },
            text=[_about(one, measure) for one, _ in some], hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(height=420, legend=LEGEND, margin=MARGIN, hovermode="closest")
    axis = _axis(low, high)
    figure.update_xaxes(title=f"expected {measure.word}", **axis)
    figure.update_yaxes(title=f"{measure.word} that came", **axis)
    return figure


def _standing(trial: TrialRecord) -> str:
    if trial.frozen:
        return "frozen"
    if trial.outcome is Outcome.COMPLETED:
        return "trained to the end"
    return "diverged" if trial.outcome is Outcome.DIVERGED else "other"


def _about(outcome: OrderOutcome, measure: Measure) -> str:
    order = outcome.order
    lines = [f"trial {order.trial}, epochs {outcome.first} to {outcome.done}"]
    if outcome.seen is not None:
        lines.append(f"best {measure.word} {measure.shown(outcome.seen):.4g}")
    if order.forecast is not None:
        low, high = _bounds(order.forecast.upto, measure)
        median = measure.shown(order.forecast.upto.median)
        lines.append(f"expected {median:.4g} ({low:.4g} to {high:.4g})")
    return "<br>".join(lines)


def _expected(outcome: OrderOutcome) -> Expected:
    assert outcome.order.forecast is not None, "it is known whether it held"
    return outcome.order.forecast.upto


def _seen(outcome: OrderOutcome) -> float:
    assert outcome.seen is not None, "it is known whether it held"
    return outcome.seen


def _median(outcome: OrderOutcome, measure: Measure) -> float:
    return measure.shown(_expected(outcome).median)


def _bounds(expected: Expected, measure: Measure) -> tuple[float, float]:
    """Return the ends of an interval as a person is shown them, the lower one first."""
    low, high = sorted((measure.shown(expected.low), measure.shown(expected.high)))
    return low, high


def _axis(low: float, high: float) -> dict[str, Any]:
    if low > 0 and high / low > 1.5:
        return logarithmic(low, high)
    margin = 0.06 * (high - low) or 0.05 * abs(low) or 1.0
    return {"range": [low - margin, high + margin]} if math.isfinite(margin) else {}
