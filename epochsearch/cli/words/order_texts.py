"""What a person reads of a search that freezes and thaws: while it runs, and in `show`."""

from __future__ import annotations

from collections.abc import Sequence

from epochsearch.analysis.forecasts import Calibration, OrderOutcome, calibration
from epochsearch.cli.console import Fact
from epochsearch.cli.words.formats import count_text, rate_text
from epochsearch.core.point import Point
from epochsearch.core.trial import TrialRecord


def thawed_line(number: int, point: Point, done: int, upto: int) -> str:
    """Return the one plain line of a trial that goes on; done: epochs it has in this run."""
    epochs = f"epochs {done} to {upto}" if done else f"up to epoch {upto}"
    parts = [f"trial {number}", "thawed", epochs, f"lr {rate_text(point.learning_rate)}"]
    return "  ".join([*parts, f"batch {point.batch_size}"])


def order_facts(outcomes: Sequence[OrderOutcome], trials: Sequence[TrialRecord]) -> list[Fact]:
    """Return how much was thawed and left, and how well it was foreseen."""
    return [("Frozen", "\n".join(thawing_lines(outcomes, trials)))]


def thawing_lines(outcomes: Sequence[OrderOutcome], trials: Sequence[TrialRecord]) -> list[str]:
    """Return how many trials could go on, how often one was thawed, and how many forecasts held."""
    thawed = sum(outcome.first > 1 for outcome in outcomes)
    frozen = sum(trial.frozen for trial in trials)
    lines = [f"{count_text(frozen, 'trial')} could go on; {count_text(thawed, 'time')} one was thawed"]
    said = _foreseen(calibration([outcome.inside for outcome in outcomes]))
    return lines + ([said] if said else [])


def _foreseen(found: Calibration) -> str:
    if found.share is None:
        return ""
    return f"{found.inside} of {count_text(found.orders, 'forecast')} held (90 % intervals)"
