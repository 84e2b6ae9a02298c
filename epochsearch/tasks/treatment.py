"""What is to be fitted on the training rows and done to all rows: the techniques of a recipe that do it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from epochsearch.core.choice import Scalar
from epochsearch.core.curve import CurveIdentity
from epochsearch.core.errors import TaskError
from epochsearch.core.recipe import Recipe
from epochsearch.core.techniques import OF_DATA, PREPROCESSING, TECHNIQUES
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import place
from epochsearch.tasks.models import recipe_in_force
from epochsearch.tasks.raw import Raw, raw_data


@dataclass(frozen=True, slots=True)
class Treatment:
    """The fields are techniques; `core.techniques` says what each may be."""

    scaling: str = "standard"  # where the task's `standardise` does not say that inputs are left alone
    impute: str = "none"
    one_hot: bool = False
    select_best: int = 0
    select_recursive: int = 0
    train_rows: int = 0  # that are fitted and trained on

    @classmethod
    def of(cls, recipe: Recipe) -> Treatment:
        """Return what a recipe asks for."""
        return cls(**{name: getattr(recipe, name) for name in OF_DATA})

    @property
    def selection(self) -> tuple[str, int] | None:
        """The way in which columns are selected and how many; None: all are read."""
        for way in ("select_best", "select_recursive"):
            if getattr(self, way):
                return way, getattr(self, way)
        return None

    @property
    def whole(self) -> Treatment:
        """The same without a selection."""
        return replace(self, select_best=0, select_recursive=0)


PLAIN = Treatment()


def treatment_of(task: Task, identity: CurveIdentity) -> Treatment:
    """Return the treatment of a curve's data, searched parts in place."""
    return Treatment.of(recipe_in_force(task, identity.recipe, identity.configuration))


def check_treatment(task: Task, treatment: Treatment) -> None:
    """Return if the task's inputs can be treated so, as far as that shows before anything is fitted.

    Raises:
        TaskError: They cannot.
    """
    raw, where = raw_data(task), f"{place(task)} training"
    asked = [name for name in PREPROCESSING if getattr(treatment, name) != TECHNIQUES[name].default]
    if asked and not is_table(task, raw):
        rule = "it needs a table: arrays or a DataFrame of rows and columns that are no tokens"
        raise TaskError(where, asked[0], rule, "Leave it out.")
    if treatment.select_best and treatment.select_recursive:
        rule = "columns are selected in one way"
        raise TaskError(where, "select_best and select_recursive", rule, "Leave one of them out.")
    if raw.categories and not treatment.one_hot:
        raise _refused_categories(task, raw)
    if raw.gaps is not None and treatment.impute == "none":
        raise TaskError(f"{place(task)} data()", raw.gaps, "all values must be finite", _gaps_action(raw))
    if treatment.selection and not raw.categories:
        check_count(treatment.selection, raw.inputs[0], where)


def _gaps_action(raw: Raw) -> str:
    """Return what to do about missing values: a column that has no other is of no use, whatever fills it."""
    fill = 'drop or fill those rows, or set training = {"impute": "median"}'
    missing = np.isnan(raw.x)
    empty = [index for index, none in enumerate(missing.all(axis=0).tolist()) if none]
    if not empty:
        return fill.capitalize()
    names = ", ".join(f"'{raw.columns[index]}'" if raw.columns else str(index) for index in empty)
    one = len(empty) == 1
    action = f"Drop column{'' if one else 's'} {names}, which {'has' if one else 'have'} no value at all"
    return f"{action}; for the others {fill}" if np.delete(missing, empty, axis=1).any() else action


def check_choices(task: Task, recipe: Recipe, searched: Mapping[str, Collection[Scalar]]) -> None:
    """Return if the task's inputs can be treated as the recipe says, with each of the searched values.

    searched: the values of techniques of preprocessing, by name; of a range its ends.

    Raises:
        TaskError: They cannot.
    """
    if task.recorded:
        return
    hardest = {name: _hardest(name, tuple(values)) for name, values in searched.items()}
    check_treatment(task, replace(Treatment.of(recipe), **hardest))


def check_count(selection: tuple[str, int], columns: int, where: str) -> None:
    """Return if so many columns can be selected.

    Raises:
        TaskError: There are fewer.
    """
    way, count = selection
    if count > columns:
        rule = f"the task has {columns} input columns"
        raise TaskError(where, f"{way} {count}", rule, f"Keep at most {columns}.")


def is_table(task: Task, raw: Raw) -> bool:
    """Return whether inputs are columns of numbers and categories, and not tokens."""
    if raw.lazy or raw.x.ndim != 2:
        return False
    return task.standardise or raw.x.dtype.kind not in "iu"


def _refused_categories(task: Task, raw: Raw) -> TaskError:
    index = next(index for index, names in enumerate(raw.categories) if names is not None)
    column = f"column '{raw.columns[index]}'" if raw.columns else f"column {index}"
    given = f"{column} of x holds {raw.kinds[index]} values"
    action = 'Drop that column, or set training = {"one_hot": True}'
    return TaskError(f"{place(task)} data()", given, "inputs must be numbers", action)


def _hardest(name: str, values: tuple[Scalar, ...]) -> Any:
    """Return the one of the searched values that asks most of the data."""
    if name == "impute":
        return "none" if "none" in values else values[0]
    if name == "one_hot":
        return all(values)
    if name == "scaling":
        return next((value for value in values if value != "standard"), "standard")
    return max(int(value) for value in values if value is not None)
