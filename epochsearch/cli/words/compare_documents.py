"""What `compare --json` prints: evidence in, plain JSON values out. Programs rely on these keys."""

from __future__ import annotations

from typing import Any

from epochsearch.analysis.pairs import Pair
from epochsearch.analysis.results import EntryEvidence, Evidence, TaskEvidence
from epochsearch.analysis.shared_cost import SharedCost
from epochsearch.analysis.targets import ArrivalSummary
from epochsearch.analysis.traces import anytime
from epochsearch.cli.words.documents import number
from epochsearch.core.spec import Limits


def comparison_document(evidence: Evidence, wall_seconds: float | None, page: str) -> dict[str, Any]:
    """Return the document of `compare`.

    With several tasks, "task" is the first, "entries" and "pairs" are its own, and "tasks" has them all.
    """
    first = evidence.tasks[0]
    document = {
        "task": first.task,
        "budget": budget(evidence.limits),
        "seeds": evidence.seeds,
        **_task(first),
        "verdicts": list(evidence.verdicts),
        "notes": list(evidence.notes),
        "epochs": _epochs(evidence.cost),
        "seconds": {
            "charged": number(evidence.cost.seconds_charged),
            "trained": number(evidence.cost.seconds_trained),
            "wall": number(wall_seconds),
        },
        "page": page or None,
        "ended_by": "budget",
    }
    if len(evidence.tasks) > 1:
        document["tasks"] = [{"task": task.task, **_task(task)} for task in evidence.tasks]
        document["over_tasks"] = _over_tasks(evidence)
    return document


def budget(limits: Limits) -> dict[str, Any]:
    """Return the budget of each search; null: no such limit."""
    return {"epochs": limits.epochs, "seconds": number(limits.charged_seconds), "trials": limits.trials}


def _task(task: TaskEvidence) -> dict[str, Any]:
    return {
        "objective": task.objective,
        "metric": task.measure.name,
        "entries": [_entry(entry, task) for entry in task.entries],
        "pairs": [_pair(pair) for pair in task.pairs],
        "optimum": number(task.scale.optimum) if task.scale else None,
        "targets": [{"name": target.name, "loss": number(target.loss)} for target in task.targets],
    }


def _entry(entry: EntryEvidence, task: TaskEvidence) -> dict[str, Any]:
    middle = entry.interquartile_mean
    return {
        "name": entry.name,
        "studies": [search.study for search in entry.searches],
        "seeds": [search.seed for search in entry.searches],
        "training_seeds": [search.training_seed for search in entry.searches],
        "final": [number(loss) for loss in entry.final],
        "mean_rank": entry.mean_rank,
        "wins": entry.wins,
        "interquartile_mean": number(middle.estimate) if middle else None,
        "area": number(entry.area),
        "epochs": _epochs(entry.cost),
        "test": [number(search.test) for search in entry.searches],
        "anytime": [
            [[step.cost, number(step.best)] for step in anytime(searched)] for searched in entry.traces
        ],
        "anytime_seconds": [
            [[number(step.cost), number(step.best)] for step in anytime(searched, "seconds")]
            for searched in entry.traces
        ],
        "targets": [
            {"name": target.name, **_arrival(summary)}
            for target, summary in zip(task.targets, entry.arrivals, strict=True)
        ],
        "chosen": [
            None
            if best is None
            else {
                "trial": best.number,
                "epochs": best.point.epochs,
                "learning_rate": best.point.learning_rate,
                "batch_size": best.point.batch_size,
                "hyperparameters": dict(best.point.configuration.extras),
                "value": number(best.value),
            }
            for best in entry.best
        ],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "a": pair.a,
        "b": pair.b,
        "difference": number(pair.difference),
        "low": number(pair.low),
        "high": number(pair.high),
        "p": number(pair.p),
        "p_holm": number(pair.p_holm),
        "wins": pair.wins,
        "ties": pair.ties,
        "losses": pair.losses,
        "improvement": number(pair.improvement.estimate),
        "better": pair.better(),
        "further_seeds": pair.further_seeds,
    }


def _arrival(summary: ArrivalSummary) -> dict[str, Any]:
    return {
        "reached": summary.reached,
        "searches": summary.searches,
        "median": number(summary.median),
        "low": number(summary.low),
        "high": number(summary.high),
        "restricted_mean": number(summary.restricted_mean),
    }


def _over_tasks(evidence: Evidence) -> dict[str, Any] | None:
    test = evidence.over_tasks
    if test is None:
        return None
    return {
        "average_ranks": dict(test.average_ranks),
        "friedman": {"statistic": number(test.statistic), "p": number(test.p)},
        "critical_difference": number(test.critical_difference),
        "nemenyi": [{"a": a, "b": b, "p": number(p)} for (a, b), p in test.nemenyi.items()],
        "groups": [list(group) for group in test.groups],
    }


def _epochs(cost: SharedCost) -> dict[str, int]:
    return {
        "charged": cost.epochs_charged,
        "trained": cost.epochs_trained,
        "repeated": cost.epochs_repeated,
    }
