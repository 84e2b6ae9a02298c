"""What a search had done when a limit would have ended it, where it went on beyond.

With one trial at a time a shorter search is the beginning of a longer one: what is proposed follows from the
trials before. Searches that went on under a larger budget can so be compared under a smaller one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from epochsearch.core.spec import Limits
from epochsearch.core.trial import Cost, Outcome, TrialRecord


def within(trials: Sequence[TrialRecord], limits: Limits) -> tuple[TrialRecord, ...]:
    """Return a search's trials, in the order of their numbers, as its end at the limits would have left them.

    trials: of one search, one at a time. The trial in which a budget ends is interrupted, and charged up to
    there; its seconds are taken to be even over its epochs. Charged seconds end with the epoch in which they
    are used up. Wall time is no limit here: it is not the search's own.
    """
    kept: list[TrialRecord] = []
    spent = Cost()
    ordered = sorted(trials, key=lambda trial: trial.number)
    for trial in ordered:
        if _over(kept, spent, limits):
            break
        room = _room(trial, spent, limits, last=trial is ordered[-1])
        whole = trial.cost.epochs_charged <= room
        kept.append(trial if whole else _cut(trial, room))
        spent += kept[-1].cost
        if not whole:
            break
    return tuple(kept)


def _over(kept: Sequence[TrialRecord], spent: Cost, limits: Limits) -> bool:
    """Return whether no further trial would have been begun."""
    return (
        (limits.trials is not None and len(kept) >= limits.trials)
        or (limits.epochs is not None and spent.epochs_charged >= limits.epochs)
        or (limits.charged_seconds is not None and spent.seconds_charged >= limits.charged_seconds)
    )


def _room(trial: TrialRecord, spent: Cost, limits: Limits, *, last: bool) -> float:
    """Return how many epochs of a trial the limits leave; time never cuts the last, for it did already."""
    room = math.inf if limits.epochs is None else limits.epochs - spent.epochs_charged
    if last or limits.charged_seconds is None or trial.cost.seconds_charged <= 0:
        return room
    each = trial.cost.seconds_charged / max(trial.cost.epochs_charged, 1)
    return min(room, math.ceil((limits.charged_seconds - spent.seconds_charged) / each))


def _cut(trial: TrialRecord, room: float) -> TrialRecord:
    """Return a trial as an end after so many epochs would have left it."""
    epochs, whole = int(room), trial.cost
    share = epochs / whole.epochs_charged
    cost = Cost(
        epochs,
        min(epochs, whole.epochs_trained),
        min(epochs, whole.epochs_repeated),
        share * whole.seconds_charged,
        share * whole.seconds_trained,
    )
    return replace(
        trial, outcome=Outcome.INTERRUPTED, value=None, cost=cost, epochs_done=epochs, value_epoch=None
    )
