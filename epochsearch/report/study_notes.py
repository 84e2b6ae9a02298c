"""A study's report in optuna-dashboard: its figures, and a short note with the answer and the diagnosis."""

from __future__ import annotations

from typing import Any

from epochsearch.analysis.diagnosis_words import verdict_sentence
from epochsearch.report.landscape import landscape_figure
from epochsearch.report.order_figures import forecasts_figure, thawing_figure
from epochsearch.report.study_figures import (
    curves_figure,
    importances_figure,
    metrics_figure,
    progress_figure,
    returns_figure,
)
from epochsearch.search.answers.studied import StudiedStudy
from epochsearch.store.attachments import attach, study_in_memory

PREFIX = "epochsearch-report"
MARK = "### epochsearch report"
HEIGHT = 440  # pixels: of the dashboard's own panels


def attach_report(found: StudiedStudy, answer: str, storage: str) -> None:
    """Put the figures and the note on the study; a note that somebody wrote stays.

    answer: the point to take and how sure that is, in a line or a few.

    Raises:
        StorageError: The database cannot be written.
    """
    from optuna_dashboard import save_note, save_plotly_graph_object

    source = study_in_memory()
    for name, (title, drawn) in _figures(found).items():
        drawn.update_layout(template=None, title=title, height=HEIGHT)
        drawn.layout.margin.t = 100
        save_plotly_graph_object(source, drawn, graph_object_id=f"{PREFIX}-{name}")
    save_note(source, note_text(found, answer))
    attach(storage, source, [found.summary.study], replacing=f"dashboard:plot_data:{PREFIX}")


def note_text(found: StudiedStudy, answer: str) -> str:
    """Return the note in Markdown."""
    lines = [f"{MARK} on {found.summary.spec.task}", "", answer.replace("\n", "  \n")]
    if found.chosen is not None and found.chosen.found.diagnosis is not None:
        lines += ["", f"Diagnosis: {verdict_sentence(found.chosen.found.diagnosis)}."]
        lines += ["", *(f"- {one.why}: `{one.command}`" for one in found.chosen.advised)]
    return "\n".join(lines)


def _figures(found: StudiedStudy) -> dict[str, tuple[str, Any]]:
    """Return the figures that there are, each with its title."""
    curves, measure = [one.curve for one in found.trials], found.summary.spec.measure
    made: dict[str, tuple[str, Any]] = {}
    if found.chosen is not None:
        made["curves"] = ("Training and validation of the point to take", curves_figure(found.chosen, curves))
        made["metrics"] = ("Metrics of the point to take", metrics_figure(found.chosen))
    point = found.chosen.point if found.chosen else None
    made["landscape"] = ("Where the search looked", landscape_figure(curves, point, measure))
    if found.grounds is not None and found.grounds.importances:
        made["importances"] = ("What mattered", importances_figure(found.grounds.importances))
    if found.chosen is not None and found.chosen.found.returns is not None:
        losses = [report.val_loss for report in found.chosen.found.curve.reports]
        drawn = returns_figure(found.chosen.found.returns, losses, found.chosen.point.epochs)
        made["returns"] = ("What each epoch bought", drawn)
    if found.orders:
        trials = {one.trial.number: one.trial for one in curves}
        made["orders"] = ("What was frozen and thawed", thawing_figure(found.orders, trials, measure))
        made["forecasts"] = ("Expected and seen", forecasts_figure(found.orders, measure))
    if found.steps:
        charged = float(found.summary.cost.epochs_charged)
        made["progress"] = ("Best so far", progress_figure(found.steps, charged, found.last, measure))
    return {name: (title, drawn) for name, (title, drawn) in made.items() if drawn is not None}
