"""What `show --json` says of a search that freezes and thaws: which trial was trained on when, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from epochsearch.analysis.forecasts import Calibration, OrderOutcome, calibration
from epochsearch.cli.words.documents import number
from epochsearch.core.orders import Expected
from epochsearch.core.spec import StudySpec
from epochsearch.core.trial import TrialRecord


def orders_document(
    spec: StudySpec, outcomes: Sequence[OrderOutcome], trials: Sequence[TrialRecord]
) -> dict[str, Any]:
    """Return the part of a study's document; empty for a sampler that gives no orders.

    outcomes: of all its orders; trials: all of them.
    """
    if not spec.freezes:
        return {}
    return {
        "orders": [_order(outcome) for outcome in outcomes],
        "calibration": {
            "next": _calibration(calibration([outcome.inside for outcome in outcomes])),
            "end": _calibration(calibration([outcome.inside_end for outcome in outcomes])),
        },
        "frozen": [trial.number for trial in trials if trial.frozen],
    }


def _order(outcome: OrderOutcome) -> dict[str, Any]:
    order, forecast = outcome.order, outcome.order.forecast
    return {
        "step": order.step,
        "trial": order.trial,
        "from": outcome.first,
        "upto": order.upto,
        "done": outcome.done,
        "seen": number(outcome.seen),
        "expected": forecast and _expected(forecast.upto),
        "expected_end": forecast and _expected(forecast.end),
        "gain": forecast and number(forecast.gain),
    }


def _expected(expected: Expected) -> dict[str, float | None]:
    return {name: number(getattr(expected, name)) for name in ("median", "low", "high")}


def _calibration(found: Calibration) -> dict[str, float | None]:
    return {"orders": found.orders, "inside": found.inside, "share": found.share}
