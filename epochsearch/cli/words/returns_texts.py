"""What a person reads of the return on compute: of one curve, and of a whole search."""

from __future__ import annotations

import math

from epochsearch.analysis.returns import CurveReturns, last_share
from epochsearch.analysis.traces import Trace
from epochsearch.cli.words.formats import duration_text, objective_text, share_text
from epochsearch.core.measure import THE_LOSS, Measure


def last_share_text(searched: Trace, measure: Measure = THE_LOSS) -> str:
    """Return what the last part of a search's budget bought, "" if it found nothing or cost nothing."""
    found = last_share(searched)
    if found is None or found.spent < 1:
        return ""
    part = f"the last {share_text(found.share)} of the epochs ({found.spent:,.0f})"
    after = objective_text(found.after, measure)
    if found.before is None:
        return f"{part} bought the first result, {after}"
    if found.after >= found.before:
        return f"{part} bought nothing: the best was known before"
    bought = f"{share_text(found.bought)} of the loss, " if measure.is_loss and found.bought else ""
    return f"{part} bought {bought}{objective_text(found.before, measure)} to {after}"


def returns_lines(found: CurveReturns) -> list[str]:
    """Return up to which epoch a further one bought enough, the cost, and what the last one gave."""
    epochs, least = len(found.gain), share_text(found.least)
    if epochs == 1:
        lines = ["the first epoch has none before it: what it bought is not known"]
    elif found.worth >= epochs:
        lines = [f"up to the last epoch, {epochs}, each bought at least {least} of the loss"]
    elif found.worth == 1:
        lines = [f"no epoch after the first bought {least} of the loss"]
    else:
        lines = [f"beyond epoch {found.worth} a further one bought less than {least} of the loss"]
    costs = [f"up to epoch {epoch}: {_cost(found, epoch)}" for epoch in sorted({found.worth, epochs})]
    return [*lines, ", ".join(costs), *([_last_epoch(found)] if epochs > 1 else [])]


def _last_epoch(found: CurveReturns) -> str:
    gain = float(found.gain[-1])
    said = f"the last epoch {'lowered' if gain >= 0 else 'raised'} the loss by {gain_text(abs(gain))}"
    rates = [said]
    for column, per in (
        (found.per_second, "a second"),
        (found.per_gigabyte_second, "a gigabyte-second"),
        (found.per_money, "a unit of money"),
    ):
        if column is not None:
            rates.append(f"{abs(column[-1]):.2g} {per}")
    return ", ".join(rates)


def _cost(found: CurveReturns, epoch: int) -> str:
    took = duration_text(float(found.seconds[epoch - 1]))
    return took if found.money is None else f"{took} for {found.money[epoch - 1]:.3g}"


def gain_text(gain: float) -> str:
    """Return the fall of the loss that an epoch bought."""
    return "-" if not math.isfinite(gain) else f"{gain:.2g}" if gain == 0 else f"{gain:.1e}"
