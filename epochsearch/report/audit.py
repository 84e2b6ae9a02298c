"""The page of a pruner audit: how soon a loss tells the end, and what each pruner makes of it."""

from __future__ import annotations

import html
import math
from pathlib import Path
from typing import Any, TypeAlias

from epochsearch.report.markup import write_document
from epochsearch.search.comparing.audit import CurvesAudit

Figure: TypeAlias = Any
_STYLE = (
    "body{font-family:system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}th,td{padding:.3rem .8rem;text-align:right}"
    "th:first-child,td:first-child{text-align:left}tr{border-bottom:1px solid #ccc}"
)


def correlation_figure(audit: CurvesAudit) -> Figure:
    """Return the rank correlation between the loss at each epoch and the objective at the end."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scatter(
        x=list(range(1, len(audit.correlation) + 1)),
        y=[value if math.isfinite(value) else None for value in audit.correlation],
        mode="lines+markers",
        line={"color": "#0072B2", "width": 2},
        name="rank correlation",
        hovertemplate="after epoch %{x}: %{y:.3f}<extra></extra>",
    )
    figure.update_xaxes(title="epoch")
    figure.update_yaxes(title=f"Spearman correlation with the {audit.objective} loss", range=[-1.05, 1.05])
    figure.update_layout(template="plotly_white", height=420, margin={"l": 64, "r": 16, "t": 16, "b": 56})
    return figure


def write_audit_page(
    audit: CurvesAudit, columns: tuple[str, ...], rows: list[tuple[str, ...]], file: Path
) -> None:
    """Write one HTML file with the table and the figure; it needs no network.

    columns, rows: the table as it is shown on the terminal.

    Raises:
        UsageError: The file cannot be written.
    """
    drawn = correlation_figure(audit).to_html(
        full_html=False, include_plotlyjs=True, config={"displaylogo": False, "responsive": True}
    )
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    title = html.escape(f"What pruners save and lose on {audit.source}")
    said = f"{audit.curves} curves known to their end, {audit.shuffles} orders, {audit.objective} loss."
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1><p>{said}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<h2>How soon the loss tells the end</h2>{drawn}</body></html>\n"
    )
    write_document(page, file, "Name another file.")
