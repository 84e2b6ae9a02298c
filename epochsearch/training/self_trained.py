"""What trains itself, as estimators and learners of one's own do, takes no part in the tool's recipe."""

from __future__ import annotations

from epochsearch.core.curve import CurveIdentity
from epochsearch.core.errors import TaskError
from epochsearch.core.techniques import OF_DATA
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import place
from epochsearch.tasks.models import recipe_in_force, recipe_names
from epochsearch.training.metrics import Named


def check_recipe(task: Task, identity: CurveIdentity, model: object) -> None:
    """Return if nothing is asked for that only the tool's own training could do.

    Preprocessing may be: it is done before any model sees the data.

    Raises:
        TaskError: There is a schedule, a technique of training or a step of the task's own.
    """
    kind = type(model).__name__
    schedule = recipe_in_force(task, identity.recipe, identity.configuration).schedule.name
    if schedule != "constant":
        rule = f"a schedule does not apply to {kind}, which sets its own learning rate"
        raise TaskError(f"{place(task)} schedule", schedule, rule, "Use schedule constant.")
    extras = dict(identity.configuration.extras)
    named = (*identity.recipe.techniques, *sorted(recipe_names(task, extras)))
    names = [name for name in named if name not in (*OF_DATA, "schedule")]
    if names:
        rule = f"techniques of training do not apply to {kind}, which trains itself"
        raise TaskError(f"{place(task)} training", names[0], rule, "Leave it out.")
    if type(task).training_step is not Task.training_step:
        rule = f"a step of the task's own does not apply to {kind}, which trains itself"
        raise TaskError(f"{place(task)} training_step()", "", rule, "Remove it, or return an nn.Module.")


def check_asked(identity: CurveIdentity, metrics: Named, where: str) -> None:
    """Return if the metrics that a study asks for are among those that came.

    Raises:
        TaskError: One is not.
    """
    missing = [name for name in identity.metrics if name not in dict(metrics)]
    if missing:
        rule = "its metrics are those that it returns or logs"
        raise TaskError(where, f"gave no {missing[0]}", rule, "Add it there, or ask for others.")
