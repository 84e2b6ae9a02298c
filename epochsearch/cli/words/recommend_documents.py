"""What `recommend --json` prints, and what `run --json` says under "recommended". Keys are never renamed."""

from __future__ import annotations

from typing import Any

from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.recommendation import PointEstimate, Recommendation
from epochsearch.analysis.rivals import Rival
from epochsearch.analysis.scaling import RateScaling
from epochsearch.cli.words.documents import number
from epochsearch.search.answers.race_events import RaceEnded
from epochsearch.search.answers.recommendation import Grounds


def grounds_document(
    study: str, grounds: Grounds, race: RaceEnded | None, commands: list[str]
) -> dict[str, Any]:
    """Return the document of `recommend`; race: of --confirm, None if nothing was raced now."""
    spec = grounds.spec
    return {
        "study": study,
        "task": spec.task,
        "objective": spec.objective,
        "metric": spec.measure.name,
        "recommended": recommendation_document(grounds.recommendation),
        "rivals": None if grounds.rivals is None else [_rival(one) for one in grounds.rivals],
        "importances": None if grounds.importances is None else dict(grounds.importances),
        "scaling": None if grounds.scaling is None else _scaling(grounds.scaling),
        "confirmed": None if race is None else race_document(race),
        "next": commands,
    }


def recommendation_document(found: Recommendation) -> dict[str, Any]:
    """Return a recommendation; values are objectives, lower is better."""
    noise = found.noise
    return {
        **_estimate(found.recommended),
        "best": _estimate(found.best),
        "noise": {
            "source": noise.source if noise.known else None,
            "seeds": noise.seeds,
            "folds": noise.folds,
            "configurations": noise.configurations,
        },
        "within_one_error": found.within,
        "best_epoch": None if found.best_epoch is None else interval_document(found.best_epoch),
        "edges": [
            {
                "axis": edge.axis,
                "value": edge.value,
                "end": edge.end,
                "limit": edge.limit,
                "of": "curve" if edge.curve else "space",
            }
            for edge in found.edges
        ],
    }


def race_document(race: RaceEnded) -> dict[str, Any]:
    """Return what a race came to."""
    return {
        "configurations": race.contestants,
        "left": race.left,
        "seeds": race.seeds,
        "epochs_trained": race.epochs_trained,
        "epochs_read": race.epochs_read,
        "stopped": race.stopped,
    }


def interval_document(interval: Interval) -> dict[str, Any]:
    """Return an estimate with its interval."""
    return {
        "estimate": number(interval.estimate),
        "low": number(interval.low),
        "high": number(interval.high),
        "confidence": interval.confidence,
    }


def _estimate(estimate: PointEstimate) -> dict[str, Any]:
    point = estimate.point
    return {
        "trial": estimate.trial,
        "epochs": point.epochs,
        "learning_rate": point.learning_rate,
        "batch_size": point.batch_size,
        "hyperparameters": dict(point.configuration.extras),
        "value": number(estimate.loss),
        "standard_error": number(estimate.standard_error),
        "trainings": estimate.units,
        "seconds": number(estimate.seconds),
    }


def _rival(one: Rival) -> dict[str, Any]:
    return {
        **_estimate(one.estimate),
        "difference": interval_document(one.difference),
        "p": number(one.p),
        "alike": one.alike,
    }


def _scaling(scaling: RateScaling) -> dict[str, Any]:
    return {
        "exponent": interval_document(scaling.exponent),
        "factor": number(scaling.factor),
        "best": [
            {
                "batch_size": one.batch_size,
                "learning_rate": one.learning_rate,
                "value": number(one.loss),
                "learning_rates": one.rates,
            }
            for one in scaling.best
        ],
    }
