"""What a person reads at the end of a comparison: the table, the chart, the verdicts and the cost."""

from __future__ import annotations

import math
import statistics
import textwrap
from collections.abc import Sequence

from epochsearch.analysis.results import EntryEvidence, Evidence, TaskEvidence
from epochsearch.analysis.shared_cost import SharedCost
from epochsearch.analysis.traces import final_best
from epochsearch.cli.console import Fact
from epochsearch.cli.terminal.chart import chart_lines
from epochsearch.cli.words.formats import count_text, duration_text, objective_text

ENTRY_COLUMNS = ("entry", "median", "IQM", "mean rank", "wins", "charged", "trained")
WIDTH = 80


def entry_rows(task: TaskEvidence) -> list[tuple[str, ...]]:
    """Return the cells of the entries of one task under ENTRY_COLUMNS; losses are final ones, over seeds."""
    return [
        (
            entry.name,
            objective_text(_median(entry.final), task.measure),
            objective_text(middle.estimate if (middle := entry.interquartile_mean) else None, task.measure),
            f"{entry.mean_rank:.2f}",
            f"{entry.wins} of {len(entry.final)}",
            f"{entry.cost.epochs_charged:,}",
            f"{entry.cost.epochs_trained:,}",
        )
        for entry in task.entries
    ]


def task_title(task: TaskEvidence, evidence: Evidence) -> str:
    """Return the line above a task's table."""
    seeds = count_text(evidence.seeds, "seed")
    return f"{task.name}: {task.objective} {task.measure.title} at {evidence.budget}, {seeds}"


def anytime_lines(task: TaskEvidence, *, width: int = WIDTH, unicode: bool = True) -> list[str]:
    """Return the chart of the median best loss, or metric, so far against charged epochs."""
    end = max((searched.charged() for entry in task.entries for searched in entry.traces), default=0.0)
    curves = {entry.name: _curve(entry) for entry in task.entries}
    lines = chart_lines(
        curves,
        end,
        "charged epochs",
        width=width,
        unicode=unicode,
        label=lambda value: objective_text(value, task.measure),
        rising=task.measure.maximise,
    )
    return [f"best {task.measure.word} so far, median over searches", *lines] if lines else []


def verdict_lines(evidence: Evidence, *, width: int = WIDTH) -> list[str]:
    """Return the verdicts, and what a reader must know about them, as wrapped lines."""
    sentences = [f"{_capital(sentence)}." for sentence in evidence.verdicts]
    notes = [f"Note: {note.rstrip('.')}." for note in evidence.notes]
    return [line for text in [*sentences, *notes] for line in _wrapped(text, width)]


def end_facts(
    evidence: Evidence, wall_seconds: float | None, page: str, commands: Sequence[str]
) -> list[Fact]:
    """Return what a comparison ends with: its cost, where the page is, what to type next."""
    facts = [("Epochs", shared_text(evidence.cost))]
    if wall_seconds is not None:
        facts.append(("Time", f"{duration_text(wall_seconds)} on the clock"))
    if page:
        facts.append(("Page", page))
    return [*facts, ("Next", "\n".join(commands))]


def best_study(evidence: Evidence) -> str:
    """Return the study with the lowest final loss on the first task."""
    traces = [searched for entry in evidence.tasks[0].entries for searched in entry.traces]
    finals = {searched.study: final_best(searched) for searched in traces}
    return min(finals, key=lambda study: math.inf if math.isnan(finals[study]) else finals[study])


def shared_text(cost: SharedCost) -> str:
    """Return what sharing curves saved, in words."""
    said = f"{cost.epochs_charged:,} charged, {cost.epochs_trained:,} trained"
    if cost.epochs_repeated:
        said += f", {cost.epochs_repeated:,} repeated"
    if not cost.epochs_run:
        return f"{said}: every curve was recorded or in the ledger"
    if cost.times_cheaper is not None and cost.times_cheaper > 1:
        said += f": sharing curves made it {cost.times_cheaper:.1f} times cheaper"
    return said


def _median(final: Sequence[float]) -> float:
    return statistics.median(math.inf if math.isnan(loss) else loss for loss in final)


def _curve(entry: EntryEvidence) -> list[tuple[float, float]]:
    return list(zip(entry.epochs.costs.tolist(), entry.epochs.median.tolist(), strict=True))


def _wrapped(text: str, width: int) -> list[str]:
    kept = text.replace(" % ", "\u00a0% ").replace("p = ", "p\u00a0=\u00a0")  # no line ends within these
    return [line.replace("\u00a0", " ") for line in textwrap.wrap(kept, width, subsequent_indent="  ")]


def _capital(sentence: str) -> str:
    """Return the sentence as it is: an entry's name that begins it is not to be changed."""
    return "No" + sentence[2:] if sentence.startswith("no evidence") else sentence
