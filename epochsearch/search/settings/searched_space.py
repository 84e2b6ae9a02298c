"""The space that a search looks in: the task's own axes, what the user said, and what the rows allow."""

from __future__ import annotations

from epochsearch.core.axis import Written
from epochsearch.core.errors import UsageError
from epochsearch.core.point import CORE_AXES
from epochsearch.core.settings import Settings
from epochsearch.core.space import Space, option_name, parse_space
from epochsearch.core.stages import ROWS
from epochsearch.tasks.base import Task
from epochsearch.tasks.facts import TaskFacts
from epochsearch.tasks.losses import place
from epochsearch.tasks.prepared import split_rows


def searched_space(settings: Settings, task: Task, facts: TaskFacts, where: dict[str, str]) -> Space:
    """Return the axes that `settings` ask for, else the task's own.

    where: how a message names each setting.

    Raises:
        UsageError: An axis cannot be read, or asks for more epochs or rows than there are.
    """
    train_rows = used_rows(settings, task, facts)
    written = {
        "epochs": task.epochs,
        "learning_rate": task.learning_rate,
        "batch_size": _fitting(task.batch_size, train_rows),
        **task.hyperparameters,
        **settings.axes,
    }
    names = {
        name: where.get(name, option_name(name)) if name in settings.axes else _of_the_task(task, name)
        for name in written
    }
    space = parse_space(written, names)
    if task.recorded:
        _check_recorded(space, parse_space({**written, "epochs": task.epochs}), names["epochs"])
    _check_batch_size(space, train_rows, names["batch_size"])
    return space


def used_rows(settings: Settings, task: Task, facts: TaskFacts) -> int:
    """Return the rows that are used of the smallest training part of all folds; 0 of recorded curves."""
    if task.recorded:
        return facts.train_rows
    asked, folds = {**task.training, **settings.training}.get(ROWS), settings.folds or 1
    used = max(0, asked) if isinstance(asked, int) else 0  # what it may be is checked with the recipe
    return min(len(split_rows(task, fold, folds, used).train) for fold in range(folds))


def _of_the_task(task: Task, name: str) -> str:
    """Return how a message names an axis that nobody but the task's class writes."""
    return f"{place(task)} {name}" if name in CORE_AXES else f"{place(task)} hyperparameters '{name}'"


def _fitting(sizes: Written, train_rows: int) -> Written:
    """Return the task's batch sizes that the training part can fill, which options can make smaller.

    Ranges stay as they are, and so do sizes of which none fits; of the usual ones that is all rows.
    """
    listed = isinstance(sizes, str) and all(size.strip().isdigit() for size in sizes.split(","))
    if not listed or not train_rows:
        return sizes
    fitting = [size for size in str(sizes).split(",") if int(size) <= train_rows]
    return ",".join(fitting) or (str(train_rows) if sizes == Task.batch_size else sizes)


def _check_recorded(space: Space, own: Space, where: str) -> None:
    if space.max_epochs > own.max_epochs:
        rule = f"this table holds {own.max_epochs} epochs a curve"
        raise UsageError(where, str(space.epochs), rule, f"Ask for at most {own.max_epochs}.")


def _check_batch_size(space: Space, train_rows: int, where: str) -> None:
    if train_rows and space.max_batch_size > train_rows:
        rule = f"a batch must not be larger than the smallest training part ({train_rows:,} rows)"
        raise UsageError(where, str(space.batch_size), rule, f"Give sizes up to {train_rows}.")
