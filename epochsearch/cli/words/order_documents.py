"""What `show --json` says of a search that freezes and thaws: which trial was trained on when, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from epochsearch.analysis.forecasts import Calibration, OrderOutcome, calibration, order_outcomes
from epochsearch.cli.words.documents import number
from epochsearch.core.orders import Expected, TrialOrder
from epochsearch.core.spec import StudySpec
from epochsearch.core.trial import TrialCurve


def orders_document(
    spec: StudySpec, curves: Sequence[TrialCurve], orders: Sequence[TrialOrder]
) -> dict[str, Any]:
    """Return the part of a study's document; empty for a sampler that gives no orders."""
    if not spec.freezes:
        return {}
    values = {one.trial.number: [spec.measure.of(report) for report in one.reports] for one in curves}
    found = order_outcomes(orders, values, spec.space.max_epochs)
    return {
        "orders": [_order(outcome) for outcome in found],
        "calibration": {
            "next": _calibration(calibration([outcome.inside for outcome in found])),
            "end": _calibration(calibration([outcome.inside_end for outcome in found])),
        },
        "frozen": [one.trial.number for one in curves if one.trial.frozen],
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
