"""A comparison in optuna-dashboard: its anytime figure and a note on each of its studies."""

from __future__ import annotations

from epochsearch.analysis.results import Evidence, TaskEvidence
from epochsearch.report.figures import anytime_figure
from epochsearch.store.attachments import attach, study_in_memory

FIGURE_ID = "epochsearch-comparison"
MARK = "### epochsearch compare"


def attach_to_studies(evidence: Evidence, storage: str) -> None:
    """Put the figure and the verdict on all studies of the comparison; a note that somebody wrote stays.

    Raises:
        StorageError: The database cannot be written.
    """
    from optuna_dashboard import save_note, save_plotly_graph_object

    for task in evidence.tasks:
        source = study_in_memory()
        figure = anytime_figure(task)
        figure.update_layout(template=None, title=f"Comparison on {task.name}", margin={"t": 90})
        save_plotly_graph_object(source, figure, graph_object_id=FIGURE_ID)
        save_note(source, note_text(task))
        studies = [search.study for entry in task.entries for search in entry.searches]
        attach(storage, source, studies, replacing=f"dashboard:plot_data:{FIGURE_ID}:")


def note_text(task: TaskEvidence) -> str:
    """Return the note in Markdown."""
    lines = [f"- {sentence}." for sentence in task.verdicts] or ["- no verdict: too few seeds"]
    return "\n".join([f"{MARK} on {task.name}", "", *lines])
