"""What a person reads of a search that freezes and thaws: while it runs, and in `show`."""

from __future__ import annotations

from collections.abc import Sequence

from epochsearch.analysis.forecasts import Calibration, calibration, order_outcomes
from epochsearch.cli.console import Fact
from epochsearch.cli.formats import count_text, rate_text
from epochsearch.core.orders import TrialOrder
from epochsearch.core.point import Point
from epochsearch.core.spec import StudySpec
from epochsearch.core.trial import TrialCurve


def thawed_line(number: int, point: Point, done: int, upto: int) -> str:
    """Return the one plain line of a trial that goes on; done: epochs it has in this run."""
    epochs = f"epochs {done} to {upto}" if done else f"up to epoch {upto}"
    parts = [f"trial {number}", "thawed", epochs, f"lr {rate_text(point.learning_rate)}"]
    return "  ".join([*parts, f"batch {point.batch_size}"])


def order_facts(spec: StudySpec, curves: Sequence[TrialCurve], orders: Sequence[TrialOrder]) -> list[Fact]:
    """Return how much was thawed and left, and how well it was foreseen; nothing for other samplers."""
    if not spec.freezes:
        return []
    values = {one.trial.number: [spec.measure.of(report) for report in one.reports] for one in curves}
    outcomes = order_outcomes(orders, values, spec.space.max_epochs)
    thawed = sum(outcome.first > 1 for outcome in outcomes)
    frozen = sum(one.trial.frozen for one in curves)
    lines = [f"{count_text(frozen, 'trial')} could go on; {count_text(thawed, 'time')} one was thawed"]
    said = _foreseen(calibration([outcome.inside for outcome in outcomes]))
    return [("Frozen", "\n".join(lines + ([said] if said else [])))]


def _foreseen(found: Calibration) -> str:
    if found.share is None:
        return ""
    return f"{found.inside} of {count_text(found.orders, 'forecast')} held (90 % intervals)"
