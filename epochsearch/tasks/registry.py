"""The built-in tasks by name; one is imported when it is asked for: listing them imports no model library."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

from epochsearch.core.errors import NotFoundError, nearest
from epochsearch.tasks.base import Task


@dataclass(frozen=True, slots=True)
class Entry:
    """One built-in task."""

    target: str  # "module:Class" within this room
    title: str
    description: str  # one line: data and model


ENTRIES: Mapping[str, Entry] = {
    "digits": Entry(
        "digits:Digits", "Handwritten digits, MLP", "1,797 images of 8x8, 10 classes; 64-128-128-10 ReLU"
    ),
    "digits-linear": Entry(
        "digits:DigitsLinear",
        "Handwritten digits, softmax regression",
        "1,797 images of 8x8, 10 classes; one layer",
    ),
    "digits-cnn": Entry(
        "digits:DigitsCnn",
        "Handwritten digits, CNN",
        "1,797 images of 8x8, 10 classes; two convolutions, batch norm",
    ),
    "digits-sgd": Entry(
        "digits:DigitsSgd",
        "Handwritten digits, scikit-learn",
        "1,797 images of 8x8, 10 classes; SGDClassifier, log loss",
    ),
    "breast-cancer": Entry(
        "breast_cancer:BreastCancer",
        "Breast cancer, MLP",
        "569 biopsies of 30 measures, 2 classes; 30-64-64-2 ReLU",
    ),
    "breast-cancer-linear": Entry(
        "breast_cancer:BreastCancerLinear",
        "Breast cancer, logistic regression",
        "569 biopsies of 30 measures, 2 classes; one output",
    ),
    "diabetes": Entry(
        "diabetes:Diabetes",
        "Diabetes progression, MLP",
        "442 patients of 10 measures, a real number; 10-64-64-1 ReLU",
    ),
    "diabetes-linear": Entry(
        "diabetes:DiabetesLinear",
        "Diabetes progression, linear regression",
        "442 patients of 10 measures, a real number; one layer",
    ),
}


def task_names() -> tuple[str, ...]:
    """Return the names of the built-in tasks, the default one first."""
    return tuple(ENTRIES)


def task_titles() -> dict[str, str]:
    """Return what each built-in task is, in one line, by name."""
    return {name: f"{entry.title}: {entry.description}" for name, entry in ENTRIES.items()}


def built_in_task(name: str) -> Task:
    """Return a new object of the built-in task.

    Raises:
        NotFoundError: There is no task of that name.
    """
    if name not in ENTRIES:
        action = f"{nearest(name, ENTRIES)} A file of your own: FILE.py:Name; recorded curves: table:PATH"
        raise NotFoundError("task", name, "there is no built-in task of that name", action)
    module, _, class_name = ENTRIES[name].target.partition(":")
    task: Task = getattr(importlib.import_module(f"epochsearch.tasks.{module}"), class_name)()
    task.reference = name
    return task
