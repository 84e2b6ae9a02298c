"""What a staged search may be asked for: each stage's budget, in whole numbers before anything is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from epochsearch.core.axis import Choices
from epochsearch.core.choice import Choice, Defaults, Scalar, scalar_text
from epochsearch.core.errors import UsageError
from epochsearch.core.recipe import SCHEDULES
from epochsearch.core.space import Space
from epochsearch.core.stages import NAMES, ROWS, SCHEDULE, STAGED
from epochsearch.search.settings.recipes import choice

STRATEGIES: Defaults = {
    STAGED: {
        "explore": 24,  # trials
        "explore_rows": 0.25,  # training rows of each: up to 1 a share of them, else so many; 0: all
        "explore_epochs": 0.2,  # of each: up to 1 a share of the most, else so many; 0: the most
        "carry": 8,  # the best so many of them go on
        "carry_rows": 0.5,
        "carry_epochs": 0.5,
        "refine": 12,  # the best three of those, then points around the best
        "refine_rows": 1.0,
        "refine_epochs": 1.0,
        "schedules": 6,  # the best points with each of `tried`
        "schedules_rows": 1.0,
        "schedules_epochs": 1.0,
        "tried": "cosine+wsd",
    }
}
"""Name -> option -> default, as a sampler's."""


def staged(
    sampler: Choice, space: Space, base: Choice, train_rows: int, where: Mapping[str, str]
) -> tuple[Choice, Space]:
    """Return the sampler with whole numbers for its shares, and the space with what the stages vary.

    Of epochs it holds all that may be read off a curve.

    base: the schedule of all stages but the last; train_rows: of the smallest training part; where: how a
    message names an option.

    Raises:
        UsageError: A stage's budget is none, or the space searches what the stages vary.
    """
    for name in (ROWS, SCHEDULE):
        if name in space.axes:
            rule = "a staged search varies this itself, stage by stage"
            raise UsageError(where.get(name, f"--param {name}"), "", rule, "Leave it out.")
    whole = _whole(sampler, space, train_rows, where["sampler"])
    rows = tuple(dict.fromkeys(whole[f"{name}_rows"] for name in NAMES if whole[name]))
    schedules = _schedules(whole, base, where["sampler"])
    varied = ((ROWS, Choices(rows)), (SCHEDULE, Choices(schedules)))
    return Choice(STAGED, tuple(whole.items())), replace(space.read_off, extras=(*space.extras, *varied))


def usual_patience(space: Space) -> int:
    """Return after how many epochs without progress a trial ends where nothing else is asked for."""
    return max(5, space.max_epochs // 5)


def _whole(sampler: Choice, space: Space, train_rows: int, where: str) -> dict[str, Any]:
    options: dict[str, Any] = sampler.values
    for name in NAMES:
        if options[name] < 0:
            raise _wrong(where, sampler, f"{name} must be 0 or more trials")
        options[f"{name}_rows"] = _rows(options[f"{name}_rows"], space, train_rows, where, sampler)
        options[f"{name}_epochs"] = _epochs(options[f"{name}_epochs"], space, where, sampler)
    if options["explore"] < max(1, options["carry"]):
        raise _wrong(where, sampler, "explore must be at least 1 trial, and carry no more of them")
    return options


def _rows(asked: float, space: Space, train_rows: int, where: str, sampler: Choice) -> int:
    """Return a stage's training rows, at least a whole batch of the largest size; 0: all."""
    if asked < 0 or (asked > 1 and asked != int(asked)):
        raise _wrong(where, sampler, "rows must be a share up to 1, or a whole number")
    if asked > 1 and asked < space.max_batch_size:
        rule = f"rows must hold the largest batch ({space.max_batch_size})"
        raise _wrong(where, sampler, rule)
    rows = int(asked) if asked > 1 else max(space.max_batch_size, round(asked * train_rows))
    return 0 if asked == 0 or rows >= train_rows else rows


def _epochs(asked: float, space: Space, where: str, sampler: Choice) -> int:
    """Return a stage's epochs, no fewer than the fewest that are searched."""
    least, most = space.lengths
    if asked < 0 or (asked > 1 and asked != int(asked)) or asked > most:
        raise _wrong(where, sampler, f"epochs must be a share up to 1, or a whole number up to {most}")
    return most if asked == 0 else max(least, int(asked) if asked > 1 else round(asked * most))


def _schedules(options: Mapping[str, Any], base: Choice, where: str) -> tuple[Scalar, ...]:
    """Return the schedule of all stages, and those that the last one tries."""
    named = re.split(r"\+(?![^(]*\))", str(options["tried"])) if options["schedules"] else []
    tried = [str(choice(text, SCHEDULES, where, "schedule")) for text in named if text.strip()]
    return tuple(dict.fromkeys((str(base), *tried)))


def _wrong(where: str, sampler: Choice, rule: str) -> UsageError:
    shown = ", ".join(f"{name}={scalar_text(value)}" for name, value in sampler.options)
    return UsageError(where, f"staged({shown})", rule, "Correct the option.")
