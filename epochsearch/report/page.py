"""The page of a comparison: one HTML file with everything in it, the verdict first; it needs no network."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from epochsearch.analysis.results import EntryEvidence, Evidence, TaskEvidence
from epochsearch.analysis.verdict import p_text
from epochsearch.core.measure import Measure
from epochsearch.report.figures import anytime_figure, cost_figure, points_figure, ranks_figure
from epochsearch.report.markup import Figures, document, figure, number, safe, table, write_document


def write_page(evidence: Evidence, file: Path) -> None:
    """Write the page.

    Raises:
        UsageError: The file cannot be written.
    """
    write_document(page_html(evidence), file, "Name another file, or give --no-html.")


def page_html(evidence: Evidence) -> str:
    """Return the whole page as text."""
    figures: Figures = {}
    names = [task.name for task in evidence.tasks]
    where = ", ".join(names) if len(names) <= 3 else f"{len(names)} tasks"
    title = f"{', '.join(evidence.entries)} on {where}"
    body = [_head(title, evidence), _verdict(evidence), _ranks(evidence, figures)]
    body += [_task(task, evidence, figures) for task in evidence.tasks]
    body.append(_reading(evidence))
    return document(title, body, figures)


def _head(title: str, evidence: Evidence) -> str:
    searches = sum(len(entry.searches) for task in evidence.tasks for entry in task.entries)
    said = f"{searches} searches, {evidence.seeds} seeds, each with {evidence.budget}"
    return f"<h1>{safe(title)}</h1><p class='soft'>{safe(said)}. Made by epochsearch compare.</p>"


def _verdict(evidence: Evidence) -> str:
    shown = evidence.verdicts if evidence.over_tasks is None else evidence.verdicts[:1]
    said = [f"<p class='main'>{safe(_sentence(verdict))}</p>" for verdict in shown]
    if not said:
        said = ["<p class='main'>No verdict: see the notes.</p>"]
    notes = [f"<p class='soft'>{safe(_sentence(note))}</p>" for note in evidence.notes]
    return f"<section class='verdict' id='verdict'>{''.join(said + notes)}</section>"


def _ranks(evidence: Evidence, figures: Figures) -> str:
    measure = evidence.tasks[0].measure
    caption = f"Mean rank over seeds; rank 1 has the {measure.extreme} final {measure.word}."
    if evidence.over_tasks is not None:
        test = evidence.over_tasks
        caption = (
            f"Average rank over {test.blocks} tasks. Friedman p {p_text(test.p)}; critical difference "
            f"{test.critical_difference:.2f}. A grey bar joins entries that do not differ."
        )
    return "<h2>Ranks</h2>" + figure("ranks", ranks_figure(evidence), caption, figures)


def _task(task: TaskEvidence, evidence: Evidence, figures: Figures) -> str:
    key = f"task{evidence.tasks.index(task)}"
    word = task.measure.word
    what = "Final last-epoch" if task.objective == "final" else f"Final {task.measure.extreme}"
    band = "The line is the median over searches, the band their middle half."
    size = (
        f"Colour is the {word} (diverged and poor trials share the end of the scale), "
        "size the epochs proposed."
    )
    shared = "Charged is what each search would have cost alone; trained is what was really run."
    parts = [
        f"<h3>{safe(f'{what} {task.measure.title}')}</h3>",
        table(*_entry_table(task)),
        "<h3>Pairs</h3>" + table(*_pair_table(task)) if task.pairs else "",
        "<h3>Epochs to a target</h3>" + table(*_target_table(task)) if task.targets else "",
        f"<h3>Best {safe(word)} so far against epochs</h3>",
        figure(f"{key}-epochs", anytime_figure(task), band, figures),
    ]
    if any(len(entry.seconds.costs) and entry.seconds.costs[-1] > 0 for entry in task.entries):
        parts += [
            f"<h3>Best {safe(word)} so far against training time</h3>",
            figure(f"{key}-seconds", anytime_figure(task, "seconds"), f"{band} Seconds as charged.", figures),
        ]
    parts += [
        "<h3>Where the points were put</h3>",
        figure(f"{key}-points", points_figure(task), size, figures),
        "<h3>What sharing curves saved</h3>",
        figure(f"{key}-cost", cost_figure(task), shared, figures),
    ]
    if len(evidence.tasks) == 1:
        return "".join(parts)
    said = "".join(f"<p>{safe(_sentence(verdict))}</p>" for verdict in task.verdicts)
    parts.insert(0, f"<div class='verdict'>{said}</div>" if said else "")
    opened = " open" if task is evidence.tasks[0] else ""
    return f"<details{opened}><summary>{safe(task.name)}</summary>{''.join(parts)}</details>"


def _entry_table(task: TaskEvidence) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    columns = ["entry", "mean", "median", "IQM", "test", "mean rank", "wins", "area", "charged", "trained"]
    return columns, [_entry_row(entry, task) for entry in task.entries]


def _entry_row(entry: EntryEvidence, task: TaskEvidence) -> list[str]:
    known = sorted(loss for loss in entry.final if math.isfinite(loss))
    half = len(known) // 2
    median = (known[half] + known[~half]) / 2 if known else None
    test = entry.chosen.test if entry.chosen else None
    middle, measure = entry.interquartile_mean, task.measure
    return [
        entry.name,
        _shown(math.fsum(known) / len(known) if known else None, measure),
        _shown(median, measure),
        _shown(middle.estimate if middle else None, measure),
        _shown(test, measure),
        f"{entry.mean_rank:.2f}",
        f"{entry.wins} of {len(entry.final)}",
        number(entry.area) if task.scale else _shown(entry.area, measure),
        f"{entry.cost.epochs_charged:,}",
        f"{entry.cost.epochs_trained:,}",
    ]


def _pair_table(task: TaskEvidence) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    columns = ["pair", "difference", "95 % interval", "Holm p", "wins, ties, losses", "P(first is better)"]
    rows = [
        [
            f"{pair.a} - {pair.b}",
            number(task.measure.shown_difference(pair.difference)),
            " to ".join(map(number, sorted(map(task.measure.shown_difference, (pair.low, pair.high))))),
            p_text(pair.p_holm).removeprefix("= "),
            f"{pair.wins}, {pair.ties}, {pair.losses}",
            f"{pair.improvement.estimate:.2f} ({pair.improvement.low:.2f} to {pair.improvement.high:.2f})",
        ]
        for pair in task.pairs
    ]
    return columns, rows


def _target_table(task: TaskEvidence) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    measure = task.measure
    columns = ["target", measure.word, "entry", "reached", "median epochs", "95 % interval"]
    rows = []
    for i, target in enumerate(task.targets):
        for entry in task.entries:
            found = entry.arrivals[i]
            ends = f"{_epochs(found.low)} to {_epochs(found.high)}" if found.low is not None else "-"
            reached = f"{found.reached} of {found.searches}"
            value = _shown(target.loss, measure)
            rows.append([target.name, value, entry.name, reached, _epochs(found.median), ends])
    return columns, rows


def _reading(evidence: Evidence) -> str:
    measure = evidence.tasks[0].measure
    what = "Losses are validation losses" if measure.is_loss else f"Values are of {measure.title}"
    better = "higher" if measure.maximise else "lower"
    points = [
        f"{what} of the points that each search chose; {better} is better.",
        "Holm p: Wilcoxon's signed-rank test over paired seeds, corrected for all pairs. The interval is a "
        "BCa bootstrap of the mean difference. A winner is named only where both and the wins agree.",
        f"IQM: mean of the middle half of the final values. Area: mean of the best {measure.word} so far "
        "over the charged epochs (of the normalised regret, at most 1, where the best is known).",
        "Epochs to a target: Kaplan-Meier median; a search that never got there counts as censored.",
    ]
    studies = len(
        {search.study for task in evidence.tasks for entry in task.entries for search in entry.searches}
    )
    listed = "".join(f"<li>{safe(point)}</li>" for point in points)
    return (
        f"<h2>How to read this</h2><ul class='soft'>{listed}</ul>"
        f"<p class='soft'>{studies} studies stand in the storage; "
        "<code>epochsearch dashboard</code> shows them.</p>"
    )


def _shown(value: float | None, measure: Measure) -> str:
    return number(None if value is None else measure.shown(value))


def _epochs(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _sentence(text: str) -> str:
    text = "No" + text[2:] if text.startswith("no evidence") else text
    return f"{text.rstrip('.')}."
