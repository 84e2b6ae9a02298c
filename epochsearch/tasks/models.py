"""A fresh model of a task for one curve, made by the user's code and checked here; the caller seeds first."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from typing import Any

from epochsearch.core.curve import CurveIdentity
from epochsearch.core.errors import EpochsearchError, TaskError, nearest
from epochsearch.core.point import Configuration
from epochsearch.core.raised import raised
from epochsearch.core.recipe import OPTIMISERS, SEARCHABLE, Recipe
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import place

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


SIZES = ("inputs", "outputs")
"""What `model` may name beside hyperparameters: the columns of its inputs, and its outputs a row."""

PARTS = ("train", "validation")
"""What a `model` that returns a learner of its own may name too: (inputs, targets) of the two parts."""

LEARNER_METHODS = ("run_epoch", "freeze", "thaw")
"""What makes an object a learner of its own."""


def is_learner(model: object) -> bool:
    """Return whether what `model` returned trains itself, epoch by epoch."""
    return all(callable(getattr(model, name, None)) for name in LEARNER_METHODS)


def is_lightning(model: object) -> bool:
    """Return whether it is a LightningModule, of `lightning` or `pytorch_lightning`."""
    return lightning_of(model) is not None


def lightning_of(model: object) -> str | None:
    """Return the package that a LightningModule is of, as it is imported; None: it is no such module."""
    for kind in type(model).__mro__:
        package = kind.__module__.partition(".")[0]
        if kind.__name__ == "LightningModule" and package in ("lightning", "pytorch_lightning"):
            return "lightning.pytorch" if package == "lightning" else package
    return None


def parameters_of(task: Task) -> tuple[inspect.Parameter, ...]:
    """Return what `task.model` may be given.

    Raises:
        TaskError: It takes nothing, not even self.
    """
    try:
        return tuple(inspect.signature(task.model).parameters.values())
    except ValueError as error:  # so says Python of a method without its first argument
        action = "Begin it with: def model(self)"
        raise TaskError(f"{place(task)} model()", "", "its first argument must be self", action) from error


def names_parts(task: Task) -> bool:
    """Return whether the task's model is to be given its data."""
    return any(one.name in PARTS for one in parameters_of(task))


def build_model(task: Task, identity: CurveIdentity, sizes: Mapping[str, Any] | None = None) -> Any:
    """Return what `task.model` makes: an nn.Module, an estimator with `partial_fit`, or a learner of its own.

    `model` is given those of learning_rate, batch_size, the sizes and the extras that it names, or all extras
    if it takes `**keywords`.

    sizes: what it may name of its data, see `tasks.sizes`; None: it names nothing of them.

    Raises:
        TaskError: `model` is missing, asks for an unknown hyperparameter, raises, or returns something else.
    """
    where = f"{place(task)} model()"
    if type(task).model is Task.model:
        raise TaskError(where, "", "a task needs this method", "Define model(self) and return an nn.Module.")
    arguments = _arguments(task, identity, sizes or {}, where)
    try:
        model = task.model(**arguments)
    except EpochsearchError:
        raise
    except Exception as error:
        shown = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        given = raised(error) + (f" (with {shown})" if shown else "")
        raise TaskError(where, given, "model() must return a fresh model", "Correct the method.") from error
    _check(model, where)
    return model


def names_sizes(task: Task) -> bool:
    """Return whether the task's model is to be told the sizes of its inputs and outputs."""
    return any(one.name in SIZES for one in parameters_of(task))


def model_sizes(reads: tuple[int, ...], outputs: int) -> dict[str, Any]:
    """Return what `model` is told of its data.

    reads: the shape of an example as the model reads it: of a table `inputs` is a number, of others a shape.
    """
    return {"inputs": reads[0] if len(reads) == 1 else reads, "outputs": outputs}


def recipe_names(task: Task, extras: Collection[str]) -> set[str]:
    """Return which further hyperparameters are parts of the recipe; what `model` names is its own."""
    if task.recorded:
        return set()
    named = {parameter.name for parameter in parameters_of(task) if parameter.kind in _NAMED}
    return {name for name in extras if name in SEARCHABLE and name not in named}


def recipe_in_force(task: Task, recipe: Recipe, configuration: Configuration) -> Recipe:
    """Return the recipe with what the configuration says of it and of the optimiser's options in place."""
    extras = dict(configuration.extras)
    mine = recipe_names(task, extras)
    return recipe.with_searched(
        {name: value for name, value in extras.items() if name in mine or name not in SEARCHABLE}
    )


def check_hyperparameters(task: Task, extras: Collection[str], optimisers: Collection[str]) -> None:
    """Return if the model, the recipe or an optimiser takes each of these further hyperparameters.

    optimisers: the names of those that may be trained with.

    Raises:
        TaskError: One of them would have no effect.
    """
    if task.recorded:
        unknown = [name for name in extras if name not in task.hyperparameters]
        if unknown:
            rule = "no such hyperparameter was recorded in this table"
            raise TaskError(place(task), ", ".join(unknown), rule, "Leave it out.")
        return
    parameters = parameters_of(task)
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters):
        return
    known = {parameter.name for parameter in parameters if parameter.kind in _NAMED}
    known |= {option for optimiser in optimisers for option in OPTIMISERS[optimiser]}
    for name in extras:
        if name not in known and name not in SEARCHABLE:
            rule = f"neither model() nor the optimiser {' or '.join(optimisers)} takes it"
            raise TaskError(
                f"{place(task)} hyperparameter", repr(name), rule, nearest(name, known | SEARCHABLE)
            )


def _arguments(task: Task, identity: CurveIdentity, sizes: Mapping[str, Any], where: str) -> dict[str, Any]:
    configuration = identity.configuration
    extras = dict(configuration.extras)
    offered: Mapping[str, Any] = {
        **sizes,
        "learning_rate": configuration.learning_rate,
        "batch_size": configuration.batch_size,
        **extras,
    }
    parameters = parameters_of(task)
    named = [parameter for parameter in parameters if parameter.kind in _NAMED]
    names = {parameter.name for parameter in named}
    takes_all = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters)
    for parameter in named:
        if parameter.default is parameter.empty and parameter.name not in offered:
            rule = "every argument must be a hyperparameter of the search or have a default"
            known = {*offered, *SIZES}
            raise TaskError(where, f"asks for '{parameter.name}'", rule, nearest(parameter.name, known))
    optimisers = tuple(OPTIMISERS) if "optimiser" in extras else (identity.recipe.optimiser.name,)
    check_hyperparameters(task, tuple(extras), optimisers)
    return {name: value for name, value in offered.items() if name in names or (takes_all and name in extras)}


def _check(model: object, where: str) -> None:
    rule = "must return an nn.Module or a scikit-learn estimator with partial_fit"
    if isinstance(model, type):
        raise TaskError(where, f"returned the class {model.__name__}", rule, f"Return {model.__name__}(...).")
    if hasattr(model, "partial_fit") or is_learner(model):
        return
    if hasattr(model, "fit") and hasattr(model, "get_params"):
        given = f"returned a {type(model).__name__}, which cannot be trained epoch by epoch"
        raise TaskError(where, given, rule, "Example: SGDClassifier(loss='log_loss')")
    from torch import nn

    if isinstance(model, nn.Module):
        return
    own = [name for name in LEARNER_METHODS if callable(getattr(model, name, None))]
    if own:
        lacking = " and ".join(name for name in LEARNER_METHODS if name not in own)
        given = f"returned a {type(model).__name__} with {' and '.join(own)}, but without {lacking}"
        raise TaskError(where, given, "a learner of your own needs all three", f"Give it {lacking}.")
    if model is None:
        raise TaskError(where, "returned nothing", rule, "End it with: return nn.Sequential(...)")
    kind = type(model).__name__
    action = f"Return one, or make {kind} a learner of your own: with {', '.join(LEARNER_METHODS)}"
    raise TaskError(where, f"returned a {kind}", rule, action)
