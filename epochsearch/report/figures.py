"""The figures of a comparison, from its evidence; every one has the same colour for the same entry.

Colours are those of Okabe and Ito, told apart by colour-blind readers too; lines differ in their dashes as
well, for print. What is behind and around them belongs to the page's theme.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Literal, TypeAlias

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from epochsearch.analysis.anytime import Band
from epochsearch.analysis.results import EntryEvidence, Evidence, TaskEvidence
from epochsearch.core.measure import Measure
from epochsearch.core.trial import TrialRecord

Figure: TypeAlias = Any
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MARKS = ("circle", "triangle-up", "square", "diamond", "cross", "x", "star")
SCALE = ((0.0, "#c14a00"), (0.35, "#eea13c"), (1.0, "#9db7c9"))  # low losses stand out, light or dark
MARGIN = {"l": 64, "r": 16, "t": 16, "b": 56}
LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"}


def anytime_figure(task: TaskEvidence, by: Literal["epochs", "seconds"] = "epochs") -> Figure:
    """Return the median best loss, or metric, so far with a band of the middle half of the searches."""
    figure = go.Figure()
    for i, entry in enumerate(task.entries):
        _add_band(figure, _band(task, entry, by), COLOURS[i % len(COLOURS)], entry.name)
    for i, entry in enumerate(task.entries):
        shown = _band(task, entry, by)
        line = {
            "color": COLOURS[i % len(COLOURS)],
            "width": 2.5,
            "dash": DASHES[i % len(DASHES)],
            "shape": "hv",
        }
        figure.add_scatter(
            x=_list(shown.costs), y=_list(shown.median), name=entry.name, mode="lines", line=line,
            legendgroup=entry.name, hovertemplate="%{x:,.4g} " + by + ": %{y:.4g}",
        )  # fmt: skip
    figure.update_layout(height=380, hovermode="x unified", legend=LEGEND, margin=MARGIN)
    figure.update_xaxes(title=f"charged {by}", rangemode="tozero")
    figure.update_yaxes(title=f"best {task.measure.title} so far", **_loss_axis(task, by))
    return figure


def ranks_figure(evidence: Evidence) -> Figure:
    """Return the mean ranks on one axis, the best on top; over several tasks with who does not differ."""
    test = evidence.over_tasks
    means = dict(
        sorted((test.average_ranks if test else evidence.mean_ranks).items(), key=lambda item: item[1])
    )
    names = list(means)
    figure = go.Figure()
    for name, mean in means.items():
        i = evidence.entries.index(name)
        figure.add_scatter(
            x=[mean], y=[name], name=name, mode="markers+text", text=[f"{mean:.2f}"],
            textposition="top center",
            marker={"color": COLOURS[i % len(COLOURS)], "symbol": MARKS[i % len(MARKS)], "size": 14},
            showlegend=False, hovertemplate=f"{name}: mean rank %{{x:.3f}}<extra></extra>",
        )  # fmt: skip
    if test is not None:
        for group in (group for group in test.groups if len(group) > 1):
            ends = [means[group[0]], means[group[-1]]]
            figure.add_scatter(
                x=ends, y=[group[0], group[0]], mode="lines", line={"width": 5, "color": "#888888"},
                showlegend=False, hovertemplate="these do not differ<extra></extra>",
            )  # fmt: skip
    figure.update_layout(height=110 + 56 * len(names), margin={**MARGIN, "l": 16, "t": 28})
    figure.update_xaxes(title="mean rank (1 is the best)", range=[0.75, len(names) + 0.25], dtick=1)
    figure.update_yaxes(automargin=True, range=[len(names) - 0.5, -0.8])
    return figure


def points_figure(task: TaskEvidence) -> Figure:
    """Return where each entry put its points, coloured by loss or metric, sized by the epochs proposed."""
    figure = make_subplots(
        rows=len(task.entries), cols=1, shared_xaxes=True, vertical_spacing=0.24 / (2 * len(task.entries)),
        subplot_titles=[entry.name for entry in task.entries],
    )  # fmt: skip
    sizes = sorted({_batch_size(trial) for entry in task.entries for trial in _trials(entry)})
    places = {size: place for place, size in enumerate(sizes)}
    measure, (low, high) = task.measure, _loss_range(task)
    longest = max((trial.point.epochs for entry in task.entries for trial in _trials(entry)), default=1)
    for row, entry in enumerate(task.entries, 1):
        trials = _trials(entry)
        marker = {
            "color": [measure.shown(_shown_loss(trial, high)) for trial in trials],
            "size": [3 + 7 * trial.point.epochs / longest for trial in trials],
            "coloraxis": "coloraxis",
            "opacity": 0.7,
            "line": {"width": 0.5, "color": "#888888"},
        }
        figure.add_scatter(
            x=[trial.point.learning_rate for trial in trials],
            y=[places[_batch_size(trial)] + _spread(trial) for trial in trials],
            text=[_about(trial, measure) for trial in trials],
            mode="markers", marker=marker, name=entry.name, showlegend=False, row=row, col=1,
            hovertemplate="%{text}<extra>" + entry.name + "</extra>",
        )  # fmt: skip
    height = 150 + 210 * len(task.entries)
    bar = {
        "title": {"text": measure.title, "side": "top"}, "tickformat": ".3~g", "orientation": "h",
        "thickness": 12, "len": 0.7, "x": 0.5, "y": -72 / (height - 152), "yanchor": "top",
    }  # fmt: skip
    least, most = sorted((measure.shown(low), measure.shown(high)))
    colours = {"colorscale": SCALE, "reversescale": measure.maximise, "cmin": least, "cmax": most}
    figure.update_layout(
        height=height,
        margin={**MARGIN, "t": 32, "b": 120},
        coloraxis={**colours, "colorbar": bar},
    )
    figure.update_xaxes(type="log", dtick=1, exponentformat="power")
    figure.update_xaxes(title="learning rate", row=len(task.entries))
    figure.update_yaxes(
        tickvals=list(places.values()), ticktext=[str(size) for size in sizes], title="batch size",
        range=[-0.6, len(sizes) - 0.4],
    )  # fmt: skip
    return figure


def cost_figure(task: TaskEvidence) -> Figure:
    """Return the epochs each entry was charged beside those that were really run for it."""
    names = [entry.name for entry in task.entries]
    figure = go.Figure()
    for label, values, colour, pattern in (
        ("charged", [entry.cost.epochs_charged for entry in task.entries], "#56B4E9", ""),
        ("trained", [entry.cost.epochs_run for entry in task.entries], "#D55E00", "/"),
    ):
        figure.add_bar(
            x=values, y=names, name=label, orientation="h", text=[f"{value:,}" for value in values],
            textposition="outside", cliponaxis=False, marker={"color": colour, "pattern": {"shape": pattern}},
            hovertemplate="%{y}: %{x:,} epochs " + label + "<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        height=130 + 62 * len(names), barmode="group", legend=LEGEND, margin={**MARGIN, "l": 16}
    )
    longest = max((entry.cost.epochs_charged for entry in task.entries), default=0)
    figure.update_xaxes(title="epochs", range=[0, 1.18 * longest or 1.0])  # room for the numbers
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure


def _band(task: TaskEvidence, entry: EntryEvidence, by: str) -> Band:
    """Return an entry's band in the numbers that a person knows."""
    band = entry.epochs if by == "epochs" else entry.seconds
    if not task.measure.maximise:
        return band
    return replace(band, median=1.0 - band.median, low=1.0 - band.high, high=1.0 - band.low)


def _add_band(figure: Figure, shown: Band, colour: str, name: str) -> None:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    flat = {"width": 0, "shape": "hv", "color": colour}
    known = [
        i for i in range(len(shown.costs)) if math.isfinite(shown.low[i]) and math.isfinite(shown.high[i])
    ]
    common = {"mode": "lines", "line": flat, "showlegend": False, "hoverinfo": "skip", "legendgroup": name}
    costs = [float(shown.costs[i]) for i in known]
    figure.add_scatter(x=costs, y=[float(shown.high[i]) for i in known], **common)
    fill = f"rgba({red},{green},{blue},0.18)"
    figure.add_scatter(
        x=costs, y=[float(shown.low[i]) for i in known], fill="tonexty", fillcolor=fill, **common
    )


def _loss_axis(task: TaskEvidence, by: str) -> dict[str, Any]:
    """Return the axis that shows what is settled: the first losses alone would flatten all the rest."""
    bands = [entry.epochs if by == "epochs" else entry.seconds for entry in task.entries]
    end = max((float(band.costs[-1]) for band in bands if len(band.costs)), default=0.0)
    lows = [value for band in bands for value in _list(band.low) if value is not None]
    settled = [
        value
        for band in bands
        for cost, high in zip(band.costs, _list(band.high), strict=True)
        if cost >= end / 10 and (value := high) is not None
    ]
    if not lows or not settled:
        return {}
    low, high = min(lows), max(settled)
    if task.measure.maximise:
        margin = 0.05 * (high - low) or 0.01
        return {"range": [task.measure.shown(high + margin), task.measure.shown(low - margin)]}
    if low > 0 and high / low > 3:
        return {"type": "log", "range": [math.log10(low) - 0.05, math.log10(high) + 0.05], "dtick": "D2"}
    margin = 0.05 * (high - low) or abs(low) * 0.05 or 1.0
    return {"range": [low - margin, high + margin]}


def _list(values: Any) -> list[float | None]:
    """Return an array as JSON can say it."""
    return [value if math.isfinite(value) else None for value in values.tolist()]


def _trials(entry: EntryEvidence) -> list[TrialRecord]:
    return [trial for search in entry.searches for trial in search.trials]


def _batch_size(trial: TrialRecord) -> int:
    return trial.point.batch_size


def _spread(trial: TrialRecord) -> float:
    """Return a shift within the row of a batch size, the same for the same trial: many lie on one spot."""
    return ((trial.number * 0.618034 + trial.seed * 0.324718) % 1 - 0.5) * 0.7


def _shown_loss(trial: TrialRecord, high: float) -> float:
    return trial.value if trial.value is not None and math.isfinite(trial.value) else high


def _loss_range(task: TaskEvidence) -> tuple[float, float]:
    """Return the ends of the colours: the lowest loss and the middle one of all trials."""
    values = sorted(
        trial.value
        for entry in task.entries
        for trial in _trials(entry)
        if trial.value is not None and math.isfinite(trial.value)
    )
    return (values[0], values[len(values) // 2]) if values else (0.0, 1.0)


def _about(trial: TrialRecord, measure: Measure) -> str:
    point = trial.point
    value = "-" if trial.value is None else f"{measure.shown(trial.value):.4g}"
    return (
        f"trial {trial.number}, {trial.outcome.value}: {measure.word} {value}<br>"
        f"{trial.epochs_done} of {point.epochs} epochs, learning rate {point.learning_rate:.3g}, "
        f"batch size {point.batch_size}"
    )
