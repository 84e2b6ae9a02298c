"""From settings to a recipe: optimiser, schedule and techniques, those of the task where nothing was said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from epochsearch.core.axis import Axis, Choices, Range
from epochsearch.core.choice import Choice, Defaults, Scalar, parse_choice, resolve
from epochsearch.core.errors import UsageError, nearest
from epochsearch.core.measure import WEIGHTS, Weights
from epochsearch.core.recipe import OPTIMISERS, SCHEDULES, Recipe
from epochsearch.core.settings import Settings
from epochsearch.core.space import Space, option_name
from epochsearch.core.spec import StudySpec
from epochsearch.core.techniques import TECHNIQUES, checked_technique
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import place
from epochsearch.tasks.models import recipe_names


def resolve_recipe(settings: Settings, task: Task, space: Space, where: Mapping[str, str]) -> Recipe:
    """Return the recipe that `settings` ask for on `task`, with every option filled in.

    A technique that is searched is no part of it: it stands in each point. where: how a message names an
    option.

    Raises:
        UsageError: There is no such optimiser, schedule, option or technique, or it may not be what was said,
            or not all that an axis of its name holds.
    """
    searched = {name: axis for name, axis in space.extras if name in recipe_names(task, dict(space.extras))}
    techniques: dict[str, Any] = {}
    for name, value in {**task.training, **settings.training}.items():
        own = name not in settings.training
        asked = f"{place(task)} training" if own else where.get(f"training.{name}", f"--training {name}")
        techniques[name] = checked_technique(name, value, asked)
    for name, axis in searched.items():
        _check_axis(name, axis, where.get(name, option_name(name)))
    if task.recorded and settings.training:
        name = next(iter(settings.training))
        rule = "recorded curves are not trained: no technique applies to them"
        raise UsageError(where[f"training.{name}"], "", rule, "Leave it out.")
    if resolve_weights(settings, task, where) != "raw" and "average" not in {*techniques, *searched}:
        techniques["average"] = 1.0
    return Recipe(
        _chosen("optimiser", OPTIMISERS, settings.optimiser, task, where),
        _chosen("schedule", SCHEDULES, settings.schedule, task, where),
        **{name: value for name, value in techniques.items() if name not in searched},
    )


def _chosen(
    name: Literal["optimiser", "schedule"],
    defaults: Defaults,
    asked: str | None,
    task: Task,
    where: Mapping[str, str],
) -> Choice:
    """Return what was asked for, else what the task's class says."""
    if asked:
        return choice(asked, defaults, where[name], name)
    return choice(getattr(task, name), defaults, f"{place(task)} {name}", name)


def resolve_weights(settings: Settings, task: Task, where: Mapping[str, str]) -> Weights:
    """Return whose result the objective reads.

    Raises:
        UsageError: It is not one of the three, or the curves hold no average.
    """
    asked = settings.weights or "raw"
    for weights in WEIGHTS:
        if asked == weights and not (task.recorded and weights != "raw"):
            return weights
    if task.recorded and asked in WEIGHTS:
        rule = "recorded curves have no averaged weights"
        raise UsageError(where["weights"], asked, rule, "Leave the option out.")
    raise UsageError(where["weights"], asked, "must be raw, average or better", nearest(asked, WEIGHTS))


def names_of(spec: StudySpec, part: Literal["optimiser", "schedule"]) -> tuple[str, ...]:
    """Return the names of the optimisers or schedules that a study may train with, of several if searched."""
    axis = dict(spec.space.extras).get(part)
    if isinstance(axis, Choices):
        return tuple(parse_choice(str(value), part).name for value in axis.values)
    chosen: Choice = getattr(spec.recipe, part)
    return (chosen.name,)


def choice(text: str, defaults: Defaults, where: str, noun: str) -> Choice:
    """Return the choice that `text` spells, with every option filled in from `defaults`.

    Raises:
        UsageError: There is no such name or option (with the nearest right one).
    """
    said = parse_choice(text, where)
    if said.name not in defaults:
        raise UsageError(where, said.name, f"there is no such {noun}", nearest(said.name, defaults))
    return resolve(said, defaults, where)


def searched_values(task: Task, space: Space, techniques: Collection[str]) -> dict[str, tuple[Scalar, ...]]:
    """Return the values of those of the techniques that are searched; of a range its ends."""
    mine = recipe_names(task, dict(space.extras))
    return {name: _values(axis) for name, axis in space.extras if name in mine and name in techniques}


def _check_axis(name: str, axis: Axis, where: str) -> None:
    for value in _values(axis):
        if name in TECHNIQUES:
            checked_technique(name, value, where)
        else:
            choice(str(value), {"optimiser": OPTIMISERS, "schedule": SCHEDULES}[name], where, name)


def _values(axis: Axis) -> tuple[Scalar, ...]:
    return (axis.low, axis.high) if isinstance(axis, Range) else axis.values
