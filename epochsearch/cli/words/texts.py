"""What a person reads on standard output: records in, lines and labelled facts out; `console` prints them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from epochsearch.analysis.folds import Spread
from epochsearch.cli.console import Fact
from epochsearch.cli.words.formats import (
    ago_text,
    bytes_text,
    count_text,
    duration_text,
    hyperparameter_text,
    loss_text,
    objective_text,
    rate_text,
)
from epochsearch.core.choice import Choice, scalar_text
from epochsearch.core.extension import is_extension
from epochsearch.core.measure import THE_LOSS, Measure
from epochsearch.core.recipe import Recipe
from epochsearch.core.spec import StudySpec
from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import Cost, Outcome, TrialRecord

ENDED_BY = {
    "trials": "the trials are done",
    "epochs": "the epoch budget is spent",
    "time": "the time is up",
    "curves": "no curve is worth going on with",
    "grid": "every cell of the grid is visited",
    "stages": "all stages are over",
    "extended": "every configuration has stopped",
    "interrupted": "interrupted",
    "failed": "every trial failed",
}

STUDY_COLUMNS = ("study", "task", "sampler", "pruner", "trials", "best", "charged", "trained", "updated")


def trial_columns(measure: Measure, *, folds: bool = False) -> tuple[str, ...]:
    """Return the columns of `best_rows` but those of further hyperparameters."""
    spread = ("std. error",) if folds else ()
    return ("trial", measure.word, *spread, "epochs", "learning rate", "batch size")


def trial_line(trial: TrialRecord, last: float | None, is_best: bool, measure: Measure = THE_LOSS) -> str:
    """Return the one plain line of a trial that ended; last is shown for a trial without a value."""
    epochs = str(trial.point.epochs)
    if trial.epochs_done > trial.point.epochs:
        epochs = f"{epochs} of {trial.epochs_done} trained"
    elif trial.epochs_done != trial.point.epochs:
        epochs = f"{trial.epochs_done} of {epochs}"
    parts = [
        f"trial {trial.number}",
        "frozen" if trial.frozen else trial.outcome.value,
        f"epochs {epochs}",
        f"lr {rate_text(trial.point.learning_rate)}",
    ]
    parts += [
        f"batch {trial.point.batch_size}",
        f"{measure.word} {loss_text(last if trial.value is None else measure.shown(trial.value))}",
    ]
    parts += [f"(trained {trial.cost.epochs_trained} of {trial.cost.epochs_charged})"]
    if is_best:
        parts.append("best so far")
    return "  ".join(parts) + (f": {' '.join(trial.reason.split())}" if trial.reason else "")


def task_text(reference: str) -> str:
    """Return a task's reference with a file's folders left out: table:a.csv.xz, mine.py:Name."""
    kind, colon, path = reference.partition(":")
    return f"{kind}:{Path(path).name}" if colon and kind == "table" else Path(reference).name


def search_facts(summary: StudySummary, why: str, spread: Spread | None = None) -> list[Fact]:
    """Return what `run` ends with: the best point, its loss and metrics, the counts and the cost.

    spread: of the best trial over its folds.
    """
    facts = [("Study", f"{summary.study} ({ENDED_BY.get(why, why)})")]
    return facts + _best_facts(summary, spread) + _cost_facts(summary)


def study_facts(
    summary: StudySummary, spread: Spread | None = None, memory: Mapping[int, int] | None = None
) -> list[Fact]:
    """Return what `show` says of a study apart from its table of points.

    spread: of the best trial over its folds; memory: the peak of each trial in bytes by its number, where it
    was measured.
    """
    spec = summary.spec
    threads = f"{count_text(spec.threads, 'thread')} per worker"
    axes = [f"{name.replace('_', ' ')} {axis}" for name, axis in spec.space.axes.items()]
    facts = [
        ("Study", summary.study),
        ("Task", f"{spec.task} (fingerprint {spec.fingerprint[:12]})"),
        ("Space", "\n".join(axes)),
        ("Sampler", _sampler_text(spec)),
        ("Pruner", str(spec.pruner)),
        ("Objective", f"{spec.objective} {spec.measure.title}"),
        *([("Computed", ", ".join(spec.metrics))] if spec.metrics else []),
        ("Training", recipe_text(spec.recipe)),
        (
            "Seed",
            f"{spec.seed}, {count_text(spec.folds, 'fold')}, {spec.device}, {threads}",
        ),
    ]
    facts += _best_facts(summary, spread) + _cost_facts(summary)
    if memory:
        facts.append(("Memory", _memory_text(summary, memory)))
    return [*facts, ("State", _state(summary))]


def _memory_text(summary: StudySummary, memory: Mapping[int, int]) -> str:
    text = f"{bytes_text(max(memory.values()))} at most in a worker"
    best = memory.get(summary.best.number) if summary.best else None
    return text if best is None else f"{text}, {bytes_text(best)} for the best"


def recipe_text(recipe: Recipe, between: str = "\n") -> str:
    """Return the optimiser, the schedule and the techniques that are on."""
    techniques = [f"{name} {scalar_text(value)}" for name, value in recipe.techniques.items()]
    return between.join([str(recipe.optimiser), f"{recipe.schedule} schedule", *techniques])


def _sampler_text(spec: StudySpec) -> str:
    """Return the sampler with its options; the points of an extension are told apart from it."""
    options = tuple(option for option in spec.sampler.options if option[0] != "points")
    return str(Choice(spec.sampler.name, options) if is_extension(spec) else spec.sampler)


def study_row(summary: StudySummary) -> tuple[str, ...]:
    """Return the cells of a study under STUDY_COLUMNS."""
    spec = summary.spec
    return (
        summary.study,
        task_text(spec.task),
        spec.sampler.name,
        spec.pruner.name,
        str(summary.finished),
        _best_cell(summary),
        str(summary.cost.epochs_charged),
        str(summary.cost.epochs_trained),
        "running" if summary.running else ago_text(summary.updated),
    )


def best_trials(trials: Sequence[TrialRecord], count: int = 5) -> list[TrialRecord]:
    """Return the best completed trials, the best first."""
    found = [(trial.value, trial) for trial in trials if trial.value is not None]
    found = [(value, trial) for value, trial in found if trial.outcome is Outcome.COMPLETED]
    found.sort(key=lambda pair: (pair[0], pair[1].epochs_done, pair[1].number))
    return [trial for _, trial in found[:count]]


def best_rows(
    trials: Sequence[TrialRecord],
    count: int = 5,
    measure: Measure = THE_LOSS,
    spreads: Mapping[int, Spread] | None = None,
) -> list[tuple[str, ...]]:
    """Return the cells of the best completed trials: `trial_columns` and the further hyperparameters.

    spreads: over folds, by the number of the trial; None: there is one fold.
    """
    return [
        (
            str(trial.number),
            objective_text(trial.value, measure),
            *([_error_cell(spreads.get(trial.number))] if spreads is not None else []),
            str(trial.point.epochs),
            rate_text(trial.point.learning_rate, 4),
            str(trial.point.batch_size),
            *(hyperparameter_text(value) for _, value in trial.point.configuration.extras),
        )
        for trial in best_trials(trials, count)
    ]


def _error_cell(spread: Spread | None) -> str:
    return loss_text(spread.standard_error if spread else None)


def _best_cell(summary: StudySummary) -> str:
    """Return the best value; of a metric with its name, for other studies have other ones."""
    measure, best = summary.spec.measure, summary.best
    text = objective_text(best.value if best else None, measure)
    return text if measure.is_loss or best is None else f"{text} {measure.word}"


def counts_text(summary: StudySummary) -> str:
    """Return 12: 9 completed, 3 pruned."""
    said = [
        f"{summary.counts[outcome]} {outcome.value}" for outcome in Outcome if summary.counts.get(outcome)
    ]
    return f"{sum(summary.counts.values())}: {', '.join(said)}" if said else "none yet"


def _best_facts(summary: StudySummary, spread: Spread | None) -> list[Fact]:
    best = summary.best
    if best is None and 0 < summary.finished == summary.counts[Outcome.DIVERGED]:
        task = shlex.quote(summary.spec.task)
        action = f"search lower learning rates, or look at the task:\nepochsearch check {task}"
        return [("Best", f"none: every trial diverged\n{action}")]
    if best is None:
        return [("Best", "none: no trial was completed")]
    point = best.point
    lines = [
        f"epochs         {point.epochs}",
        f"learning rate  {rate_text(point.learning_rate, 4)}",
        f"batch size     {point.batch_size}",
    ]
    lines += [f"{name:13}  {hyperparameter_text(value)}" for name, value in point.configuration.extras]
    at = f", reached after epoch {best.value_epoch}" if best.value_epoch not in (None, point.epochs) else ""
    measure = summary.spec.measure
    result = f"{objective_text(best.value, measure)} {measure.title} (trial {best.number}{at})"
    if spread is not None:
        ends = f"{loss_text(spread.lowest)} to {loss_text(spread.highest)}"
        result += (
            f"\n{ends} over {len(spread.values)} folds, standard error {loss_text(spread.standard_error)}"
        )
    metrics = ", ".join(f"{name.replace('_', ' ')} {loss_text(value)}" for name, value in best.metrics)
    facts = [("Best", "\n".join(lines)), ("Loss" if measure.is_loss else "Score", result)]
    return facts + ([("Metrics", f"{metrics} (validation)")] if metrics else [])


def _cost_facts(summary: StudySummary) -> list[Fact]:
    return [("Trials", counts_text(summary)), ("Epochs", cost_text(summary.cost)), ("Time", _time(summary))]


def cost_text(cost: Cost) -> str:
    """Return 412 charged, 300 trained, 112 read back, and the repeated ones if there are any."""
    said = [f"{cost.epochs_charged} charged", f"{cost.epochs_trained} trained"]
    if cost.epochs_charged > cost.epochs_trained:
        said.append(f"{cost.epochs_charged - cost.epochs_trained} read back")
    if cost.epochs_repeated:
        said.append(f"{cost.epochs_repeated} repeated")
    return ", ".join(said)


def _time(summary: StudySummary) -> str:
    wall, training = duration_text(summary.wall_seconds), duration_text(summary.cost.seconds_trained)
    return f"{wall} on the clock, {training} of training"


def _state(summary: StudySummary) -> str:
    if summary.holder:
        return f"running on {summary.holder}, {count_text(summary.running, 'trial')} under way"
    return f"not running, updated {ago_text(summary.updated)}"
