"""What is said of a comparison beside its verdicts: the budget, the test over tasks, and the notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from epochsearch.analysis.pairs import ALPHA
from epochsearch.analysis.ranks import RankTest
from epochsearch.analysis.results import TaskEvidence, TaskResults
from epochsearch.analysis.verdict import chosen_points_note, p_text
from epochsearch.core.spec import Limits


def budget_text(limits: Limits) -> str:
    """Return the budget in words: 1,000 epochs, 600 s of training, 40 trials."""
    said = []
    if limits.epochs is not None:
        said.append(f"{limits.epochs:,} epochs")
    if limits.charged_seconds is not None:
        said.append(f"{limits.charged_seconds:,.6g} s of training")
    if limits.trials is not None:
        said.append(f"{limits.trials:,} trials")
    return " or ".join(said) or "their own ends"


def over_tasks_text(test: RankTest) -> str:
    """Return what Friedman's and Nemenyi's tests over tasks say, as a sentence without a full stop."""
    shown = ", ".join(f"{name} {rank:.2f}" for name, rank in test.average_ranks.items())
    said = f"over {test.blocks} tasks the average ranks are {shown} (Friedman p {p_text(test.p)})"
    if test.p >= ALPHA:
        return f"{said}: no evidence that any differs"
    apart = [f"{a} differs from {b}" for (a, b), p in test.nemenyi.items() if p < ALPHA]
    said += f", critical difference {test.critical_difference:.2f}"
    return f"{said}: {', '.join(apart)}" if apart else f"{said}: no single pair differs"


def unspent_notes(results: TaskResults, limits: Limits, *, several: bool) -> list[str]:
    """Say which entries ended before the budget did."""
    charged: dict[str, list[int]] = {}
    for search in results.searches:
        spent = limits.trials is not None and len(search.trials) >= limits.trials
        if search.study in results.whole_grid and not spent:
            charged.setdefault(search.entry, []).append(
                sum(trial.cost.epochs_charged for trial in search.trials)
            )
    notes = []
    for entry, costs in charged.items():
        after = "" if several else f", after {min(costs):,} to {max(costs):,} epochs"
        notes.append(
            f"{entry} had visited every cell of its grid before the budget was spent, in {len(costs)} of its "
            f"searches{after}; its best value holds from there"
        )
    return notes


def random_notes(results: TaskResults) -> list[str]:
    """Say which entries were random searches under another name: too short for their sampler to learn."""
    searches: dict[str, list[bool]] = {}
    for search in results.searches:
        searches.setdefault(search.entry, []).append(search.study in results.still_random)
    return [
        f"{entry} draws its first trials at random, and {sum(drawn)} of its {len(drawn)} searches had "
        "no others; a larger budget tells more"
        for entry, drawn in searches.items()
        if any(drawn)
    ]


def all_notes(tasks: Sequence[TaskEvidence]) -> tuple[str, ...]:
    """Return the notes of all tasks, each once, and what must be known of the losses."""
    on: dict[str, list[str]] = {}
    for task in tasks:
        for note in task.notes:
            on.setdefault(note, []).append(task.name)
    notes = [note if len(on[note]) == len(tasks) else f"on {', '.join(on[note])}: {note}" for note in on]
    chosen = [entry.chosen for task in tasks for entry in task.entries if entry.chosen is not None]
    if len(tasks) > 1:  # the losses of several tasks do not go together
        chosen = [replace(points, test=None) for points in chosen]
    return (*notes, chosen_points_note(chosen, tasks[0].measure))
