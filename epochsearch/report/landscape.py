"""Where a search looked: every trial at its learning rate and batch size, coloured by its loss at each epoch.

The slider goes through the epochs. A trial that had ended by then keeps its last colour and is hollow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from epochsearch.core.measure import Measure
from epochsearch.core.point import Point
from epochsearch.core.trial import TrialCurve
from epochsearch.report.figures import COLOURS, MARGIN, SCALE, Figure

GREY = "#888888"
MOST_STEPS = 60  # of the slider; a longer curve is thinned, its last epoch kept


def landscape_figure(curves: Sequence[TrialCurve], chosen: Point | None, measure: Measure) -> Figure | None:
    """Return the figure with its slider; None if no trial has a finite value."""
    shown = [curve for curve in curves if any(math.isfinite(measure.of(r)) for r in curve.reports)]
    if not shown:
        return None
    values = [[measure.of(report) for report in curve.reports] for curve in shown]
    epochs = _steps(max(map(len, values)))
    active = _active(epochs, chosen)
    low, high = _ends(values)
    logarithmic = low > 0 and not measure.maximise
    sizes = sorted({curve.trial.point.batch_size for curve in shown})
    places = {size: place for place, size in enumerate(sizes)}
    figure = go.Figure()
    figure.add_scatter(
        x=[curve.trial.point.learning_rate for curve in shown],
        y=[places[curve.trial.point.batch_size] + _spread(curve.trial.number) for curve in shown],
        mode="markers", showlegend=False,
        customdata=[_about(curve, measure) for curve in shown],
        marker={
            "size": 10, "coloraxis": "coloraxis", "line": {"width": 2, "color": GREY},
            **_marks(values, epochs[active], measure, logarithmic=logarithmic),
        },
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    if chosen is not None and chosen.batch_size in places:
        figure.add_scatter(
            x=[chosen.learning_rate], y=[places[chosen.batch_size]], mode="markers", showlegend=False,
            marker={"symbol": "star", "size": 20, "color": COLOURS[3], "line": {"width": 1, "color": GREY}},
            hovertemplate=f"the point to take, {chosen.epochs} epochs<extra></extra>",
        )  # fmt: skip
    steps = [
        {
            "label": str(epoch),
            "method": "restyle",
            "args": [_restyled(_marks(values, epoch, measure, logarithmic=logarithmic)), [0]],
        }
        for epoch in epochs
    ]
    _lay_out(figure, sizes, steps, active, (low, high), measure, logarithmic=logarithmic)
    return figure


def _lay_out(
    figure: Figure,
    sizes: Sequence[int],
    steps: Sequence[Mapping[str, object]],
    active: int,
    ends: tuple[float, float],
    measure: Measure,
    *,
    logarithmic: bool,
) -> None:
    height = 270 + 46 * len(sizes)
    shown = ends if logarithmic else tuple(sorted(map(measure.shown, ends)))
    bar = {
        "title": {"text": measure.title, "side": "top"}, "orientation": "h", "thickness": 12, "len": 0.7,
        "x": 0.5, "y": 1.0, "yanchor": "bottom", **_ticks(*shown, logarithmic=logarithmic),
    }  # fmt: skip
    scale = [[1 - at, colour] for at, colour in reversed(SCALE)] if measure.maximise else SCALE
    low, high = (math.log10(end) for end in shown) if logarithmic else shown
    slider = {
        "active": active, "steps": steps, "ticklen": 0, "minorticklen": 0,
        "pad": {"t": 52, "b": 6}, "font": {"color": "rgba(0,0,0,0)", "size": 1},
        "bgcolor": GREY, "bordercolor": GREY, "activebgcolor": COLOURS[3],
        "currentvalue": {"prefix": "epoch ", "xanchor": "left", "font": {"size": 14, "color": GREY}},
    }  # fmt: skip
    figure.update_layout(
        height=height, margin={**MARGIN, "t": 70, "b": 110}, sliders=[slider],
        coloraxis={"colorscale": scale, "cmin": low, "cmax": high, "colorbar": bar},
    )  # fmt: skip
    figure.update_xaxes(title="learning rate", type="log", dtick=1, exponentformat="power")
    figure.update_yaxes(
        tickvals=list(range(len(sizes))), ticktext=[str(size) for size in sizes], title="batch size",
        range=[-0.6, len(sizes) - 0.4], zeroline=False,
    )  # fmt: skip


def _active(epochs: Sequence[int], chosen: Point | None) -> int:
    """Return the place of the epoch that is shown first: that of the point to take, else the last."""
    if chosen is None:
        return len(epochs) - 1
    return min(range(len(epochs)), key=lambda i: abs(epochs[i] - chosen.epochs))


def _steps(last: int) -> list[int]:
    if last <= MOST_STEPS:
        return list(range(1, last + 1))
    return sorted({max(1, round((i + 1) * last / MOST_STEPS)) for i in range(MOST_STEPS)})


def _ends(values: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return the lowest value and the three quarters' one of the trials' last: worse ones share a colour."""
    finite = [[value for value in row if math.isfinite(value)] for row in values]
    low = min(min(row) for row in finite if row)
    last = sorted(row[-1] for row in finite if row)
    high = last[3 * len(last) // 4]
    return (low, high) if high > low else (low, low + (abs(low) * 0.1 or 1.0))


def _marks(
    values: Sequence[Sequence[float]], epoch: int, measure: Measure, *, logarithmic: bool
) -> dict[str, list[object]]:
    """Return the colours after an epoch, and the symbols: hollow where a trial had ended."""
    colours: list[object] = []
    for row in values:
        value = next((v for v in reversed(row[:epoch]) if math.isfinite(v)), math.nan)
        if not math.isfinite(value):
            colours.append(None)
        else:
            shown = math.log10(max(value, 1e-12)) if logarithmic else measure.shown(value)
            colours.append(float(f"{shown:.4g}"))
    return {
        "color": colours,
        "symbol": ["circle" if len(row) >= epoch else "circle-open" for row in values],
    }


def _restyled(marks: dict[str, list[object]]) -> dict[str, object]:
    return {f"marker.{name}": [column] for name, column in marks.items()}


def _ticks(low: float, high: float, *, logarithmic: bool) -> dict[str, object]:
    ends = [math.log10(low), math.log10(high)] if logarithmic else [low, high]
    at = [ends[0] + (ends[1] - ends[0]) * i / 3 for i in range(4)]
    values = [10**value if logarithmic else value for value in at]
    digits = next((n for n in range(2, 6) if len({f"{value:.{n}g}" for value in values}) == len(values)), 6)
    return {"tickvals": at, "ticktext": [f"{value:.{digits}g}" for value in values]}


def _spread(number: int) -> float:
    """Return a shift within the row of a batch size, the same for the same trial."""
    return ((number * 0.618034) % 1 - 0.5) * 0.7


def _about(curve: TrialCurve, measure: Measure) -> str:
    trial, point = curve.trial, curve.trial.point
    value = "-" if trial.value is None else f"{measure.shown(trial.value):.4g}"
    return (
        f"trial {trial.number}, {trial.outcome.value}: {measure.word} {value}<br>{trial.epochs_done} of "
        f"{point.epochs} epochs, learning rate {point.learning_rate:.3g}, batch size {point.batch_size}"
    )
