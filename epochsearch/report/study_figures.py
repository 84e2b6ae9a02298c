"""The figures of one study: the chosen curve, where the search looked, what mattered, what epochs bought.

Colours and marks are those of the comparison's figures: told apart by colour-blind readers and in print.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from epochsearch.analysis.returns import CurveReturns, LastShare
from epochsearch.analysis.traces import Step
from epochsearch.core.measure import Measure
from epochsearch.core.trial import TrialCurve
from epochsearch.report.figures import COLOURS, DASHES, LEGEND, MARGIN, MARKS, Figure
from epochsearch.search.answers.studied import ChosenCurve

FAINT = "rgba(128,128,128,0.35)"
GREY = "#888888"
MOST_OTHERS = 100  # curves of other trials behind the chosen one
MOST_METRICS = 6
FEW_EPOCHS = 12  # so few that an axis names each
FAR = 30  # times below the lowest validation loss: there a training loss leaves the figure


def curves_figure(chosen: ChosenCurve, others: Sequence[TrialCurve]) -> Figure:
    """Return training and validation loss of the chosen curve, its epoch and the interval of the best one."""
    reports = chosen.found.curve.reports
    epochs = [report.epoch for report in reports]
    figure = go.Figure()
    _add_others(figure, chosen, others)
    for i, losses in enumerate(chosen.seeds):
        figure.add_scatter(
            x=list(range(1, len(losses) + 1)), y=_finite(losses), mode="lines", name="other seeds",
            line={"color": COLOURS[5], "width": 1}, legendgroup="seeds", showlegend=i == 0,
            hovertemplate="another seed, epoch %{x}: %{y:.4g}<extra></extra>",
        )  # fmt: skip
    for i, fold in enumerate(chosen.found.curve.folds if len(chosen.found.curve.folds) > 1 else ()):
        figure.add_scatter(
            x=[report.epoch for report in fold], y=_finite([report.val_loss for report in fold]),
            mode="lines", name="folds", line={"color": COLOURS[4], "width": 1}, legendgroup="folds",
            showlegend=i == 0, hovertemplate=f"fold {i}, epoch %{{x}}: %{{y:.4g}}<extra></extra>",
        )  # fmt: skip
    averaged = [math.nan if report.average_loss is None else report.average_loss for report in reports]
    if any(map(math.isfinite, averaged)):
        figure.add_scatter(
            x=epochs, y=_finite(averaged), mode="lines", name="averaged weights",
            line={"color": COLOURS[2], "width": 2, "dash": DASHES[2]}, hovertemplate="epoch %{x}: %{y:.4g}",
        )  # fmt: skip
    for name, values, place in (
        ("training loss", [report.train_loss for report in reports], 1),
        ("validation loss", [report.val_loss for report in reports], 0),
    ):
        line = {"color": COLOURS[place], "width": 2.5, "dash": DASHES[place]}
        figure.add_scatter(
            x=epochs, y=_finite(values), mode="lines+markers", name=name, line=line,
            marker={"size": 5, "symbol": MARKS[place]}, hovertemplate="epoch %{x}: %{y:.4g}",
        )  # fmt: skip
    _mark_epoch(figure, chosen)
    figure.update_layout(height=420, hovermode="closest", legend=LEGEND, margin=MARGIN)
    figure.update_xaxes(title="epoch", **_epoch_axis(max(epochs)))
    figure.update_yaxes(title="loss", **_axis([(r.train_loss, r.val_loss) for r in reports]))
    return figure


def metrics_figure(chosen: ChosenCurve) -> Figure | None:
    """Return the validation metrics of the chosen curve; None if it has none.

    Those that are shares have a panel together, every other one has its own.
    """
    reports = chosen.found.curve.reports
    names = list(dict.fromkeys(name for report in reports for name, _ in report.metrics))[:MOST_METRICS]
    if not names:
        return None
    by_name = {name: [dict(report.metrics).get(name, math.nan) for report in reports] for name in names}
    panels = _panels(by_name)
    figure = make_subplots(rows=len(panels), shared_xaxes=True, vertical_spacing=0.06)
    for i, name in enumerate(names):
        figure.add_scatter(
            x=[report.epoch for report in reports], y=_finite(by_name[name]), name=name.replace("_", " "),
            mode="lines+markers", line={"color": COLOURS[i], "width": 2, "dash": DASHES[i]},
            marker={"size": 5, "symbol": MARKS[i]}, hovertemplate="epoch %{x}: %{y:.4g}",
            row=next(row for row, some in enumerate(panels, 1) if name in some), col=1,
        )  # fmt: skip
    _mark_epoch(figure, chosen)
    figure.update_layout(height=120 + 180 * len(panels), legend=LEGEND, margin=MARGIN, showlegend=True)
    figure.update_xaxes(**_epoch_axis(len(reports)))
    figure.update_xaxes(title="epoch", row=len(panels))
    for row, some in enumerate(panels, 1):
        shares = len(panels) == 1 or len(some) > 1
        figure.update_yaxes(title="validation" if shares else some[0].replace("_", " "), row=row)
    return figure


def _panels(by_name: Mapping[str, Sequence[float]]) -> list[list[str]]:
    """Return the names of metrics that can be read on one axis."""
    shares = [
        name for name, values in by_name.items() if all(abs(v) <= 1 for v in values if math.isfinite(v))
    ]
    return [some for some in (shares, *([name] for name in by_name if name not in shares)) if some]


def importances_figure(shares: Mapping[str, float]) -> Figure:
    """Return the share of each hyperparameter as a bar, the largest on top."""
    names = [name.replace("_", " ") for name in shares]
    figure = go.Figure()
    figure.add_bar(
        x=list(shares.values()), y=names, orientation="h", marker={"color": COLOURS[0]}, cliponaxis=False,
        text=[f"{share:.2f}" for share in shares.values()], textposition="outside",
        hovertemplate="%{y}: %{x:.3f}<extra></extra>",
    )  # fmt: skip
    figure.update_layout(height=90 + 40 * len(names), margin={**MARGIN, "l": 16}, showlegend=False)
    figure.update_xaxes(title="importance, adding up to 1", range=[0, 1.15])
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure


def returns_figure(found: CurveReturns, losses: Sequence[float], epoch: int) -> Figure:
    """Return what each epoch bought as a share of the loss, against the least it is to buy."""
    shares = [
        float(gain) / abs(before) if before and math.isfinite(gain) else math.nan
        for gain, before in zip(found.gain[1:], losses, strict=False)
    ]
    epochs = list(range(2, len(shares) + 2))
    figure = go.Figure()
    figure.add_scatter(
        x=epochs, y=[100 * max(share, 0.0) for share in shares], mode="lines+markers",
        line={"color": COLOURS[2], "width": 2.5, "shape": "hvh"}, marker={"size": 5}, name="bought",
        customdata=[f"{seconds:.3g}" for seconds in found.seconds[1:]],
        hovertemplate="epoch %{x}: %{y:.3g} % of the loss, %{customdata} s up to here<extra></extra>",
    )  # fmt: skip
    figure.add_hline(y=100 * found.least, line={"color": GREY, "dash": "dash"})
    figure.add_vline(x=epoch, line={"color": COLOURS[3], "width": 2})
    figure.update_layout(height=320, margin=MARGIN, showlegend=False)
    figure.update_xaxes(title="epoch", range=[0.5, len(shares) + 1.5])
    top = max([*shares, 2 * found.least]) if shares else 1.0
    figure.update_yaxes(title="% of the loss bought", range=[-2 * top, 105 * top])
    return figure


def progress_figure(
    steps: Sequence[Step], charged: float, last: LastShare | None, measure: Measure
) -> Figure:
    """Return the best value so far against charged epochs, the last of the budget shaded."""
    figure = go.Figure()
    costs = [*(step.cost for step in steps), charged]
    values = [measure.shown(step.best) for step in steps]
    figure.add_scatter(
        x=costs, y=[*values, *values[-1:]], mode="lines", name="best so far",
        line={"color": COLOURS[0], "width": 2.5, "shape": "hv"},
        hovertemplate="%{x:,.0f} epochs: %{y:.4g}<extra></extra>",
    )  # fmt: skip
    if last is not None:
        figure.add_vrect(
            x0=charged - last.spent, x1=charged, fillcolor=FAINT, line_width=0, layer="below",
        )  # fmt: skip
    figure.update_layout(height=320, margin=MARGIN, showlegend=False)
    figure.update_xaxes(title="charged epochs", rangemode="tozero")
    low, high = min(values), max(values)
    axis = logarithmic(low, high) if low > 0 and high / low > 1.5 else {"nticks": 6}
    figure.update_yaxes(title=f"best {measure.title}", **axis)
    return figure


def _epoch_axis(last: int) -> dict[str, Any]:
    """Return what an axis of epochs from the first one on looks like; there are no half epochs."""
    return {"range": [0.5, last + 0.5], **({"dtick": 1} if last <= FEW_EPOCHS else {})}


def _mark_epoch(figure: Figure, chosen: ChosenCurve) -> None:
    epoch, interval = chosen.point.epochs, chosen.interval
    late = epoch > 0.75 * len(chosen.found.curve.reports)
    if interval is not None:
        figure.add_vrect(
            x0=interval.low - 0.5, x1=interval.high + 0.5, fillcolor="rgba(204,121,167,0.22)", line_width=0,
            layer="below",
        )  # fmt: skip
    figure.add_vline(x=epoch, line={"color": COLOURS[3], "width": 2})
    figure.add_annotation(
        x=epoch, y=1, yref="paper", text=f"epoch {epoch}", showarrow=False, yanchor="top",
        xanchor="right" if late else "left", xshift=-4 if late else 4,
    )  # fmt: skip


def _add_others(figure: Figure, chosen: ChosenCurve, others: Sequence[TrialCurve]) -> None:
    """Draw other trials' validation losses as one faint trace, as many as can be told from a wall."""
    own = chosen.found.curve.trial.number
    shown = [curve for curve in others if curve.trial.number != own and curve.reports]
    step = max(1, math.ceil(len(shown) / MOST_OTHERS))
    x: list[int | None] = []
    y: list[float | None] = []
    for curve in shown[::step]:
        x += [*(report.epoch for report in curve.reports), None]
        y += [*_finite([report.val_loss for report in curve.reports]), None]
    if x:
        figure.add_scatter(
            x=x, y=y, mode="lines", name="other trials", line={"color": FAINT, "width": 1}, hoverinfo="skip"
        )


def _axis(pairs: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Return an axis that shows the chosen curve; logarithmic where it falls far."""
    values = [value for pair in pairs for value in pair if math.isfinite(value)]
    if not values:
        return {}
    low, high = min(values), max(values)
    if low > 0 and high / low > 5:
        low = max(low, min(val for _, val in pairs if val > 0) / FAR)
        return logarithmic(low, high)
    margin = 0.06 * (high - low) or abs(low) * 0.05 or 1.0
    return {"range": [low - margin, high + margin]}


def logarithmic(low: float, high: float) -> dict[str, Any]:
    """Return a logarithmic axis with its ticks at 1, 2 and 5, over many decades at 1 alone."""
    decades = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    leading = (1, 2, 5) if high / low < 300 else (1,)
    ticks = [digit * 10.0**decade for decade in decades for digit in leading]
    return {
        "type": "log",
        "range": [math.log10(low) - 0.08, math.log10(high) + 0.08],
        "tickvals": ticks,
        "ticktext": [f"{tick:.0e}".replace("e-0", "e-") if tick < 0.001 else f"{tick:g}" for tick in ticks],
    }


def _finite(values: Sequence[float]) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values]
