"""From settings to a spec: precedence, defaults and every rule that can be checked before training.

Precedence: command line, then study file, then the task's own defaults, then the tool's.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, fields, replace

from epochsearch.core.axis import Choices, Written
from epochsearch.core.choice import Choice
from epochsearch.core.errors import UsageError, nearest
from epochsearch.core.patience import Patience
from epochsearch.core.recipe import LENGTH_BOUND_SCHEDULES
from epochsearch.core.settings import Settings
from epochsearch.core.space import Space, option_name, parse_space
from epochsearch.core.spec import FREEZING, OBJECTIVES, Limits, Objective, StudySpec
from epochsearch.core.techniques import PREPROCESSING
from epochsearch.engines.device import resolve_device
from epochsearch.search.policies import POLICIES, make_policy
from epochsearch.search.pruners import make_pruner, pruner_defaults
from epochsearch.search.recipes import (
    choice,
    names_of,
    resolve_recipe,
    resolve_weights,
    searched_values,
)
from epochsearch.search.samplers import READ_OFF, SAMPLERS, make_sampler
from epochsearch.tasks.base import Task
from epochsearch.tasks.facts import TaskFacts, examine
from epochsearch.tasks.metrics import check_defined, choose_metrics
from epochsearch.tasks.models import check_hyperparameters
from epochsearch.tasks.prepared import split_rows
from epochsearch.tasks.treatment import check_choices

DEFAULT_TASK = "digits"
DEFAULT_TRIALS = 100
WORKERS_PER_CORE = 16
MAX_SEED = 2**32 - 1  # what every random generator here takes
OPTIONS = {
    "sampler": "--sampler",
    "pruner": "--pruner",
    "objective": "--objective",
    "optimise": "--optimise",
    "metrics": "--metrics",
    "weights": "--weights",
    "patience": "--patience",
    "min_delta": "--min-delta",
    "optimiser": "--optimiser",
    "schedule": "--schedule",
    "trials": "--trials",
    "epoch_budget": "--epoch-budget",
    "time_limit": "--time-limit",
    "seed": "--seed",
    "resolution": "--resolution",
    "time_budget": "--time-budget",
    "folds": "--folds",
    "device": "--device",
    "threads": "--threads",
    "workers": "--workers",
    "study": "--study",
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """Everything a search needs to know, checked."""

    spec: StudySpec
    limits: Limits
    workers: int  # 0: in this process
    study: str


def resolve_settings(settings: Settings, task: Task, facts: TaskFacts | None = None) -> Resolved:
    """Return the spec, limits, workers and name that `settings` ask for on `task`.

    facts: what `examine` says of the task; None: the data are read here.

    Raises:
        UsageError: A rule is broken; the message says where.
        TaskError: The task's data cannot be used.
    """
    where = OPTIONS | dict(settings.where)
    _at_least(settings, where)
    facts = facts or examine(task)
    train_rows = _train_rows(task, facts, settings.folds or 1)
    space = _space(settings, task, train_rows, where)
    _check_batch_size(space, train_rows, where)
    sampler = choice(settings.sampler or "tpe", {**SAMPLERS, **POLICIES}, where["sampler"], "sampler")
    freezes = sampler.name in FREEZING
    if sampler.name in READ_OFF:
        space = replace(space, epochs=Choices((space.max_epochs,)))
    chosen = choose_metrics(task, settings.metrics, settings.optimise, where)
    check_defined(task, chosen.measure, settings.folds or 1, where["optimise"])
    patience = _patience(settings, where)
    read_off = patience.epochs or sampler.name in READ_OFF
    objective = settings.objective or ("best" if read_off else "final")
    chance = facts.chance_loss if chosen.measure.is_loss else None
    spec = StudySpec(
        task=task.reference,
        fingerprint=facts.fingerprint,
        space=space,
        sampler=sampler,
        pruner=choice(
            settings.pruner or ("none" if freezes else "median"),
            pruner_defaults(space, chance),
            where["pruner"],
            "pruner",
        ),
        objective=_objective(objective, where["objective"]),
        recipe=resolve_recipe(settings, task, space, where),
        seed=settings.seed or 0,
        training_seed=settings.seed or 0 if settings.training_seed is None else settings.training_seed,
        folds=settings.folds or 1,
        device=resolve_device(settings.device or "auto", where["device"]),
        threads=settings.threads or 1,
        resolution=settings.resolution or 0,
        measure=replace(chosen.measure, weights=resolve_weights(settings, task, where)),
        patience=patience,
        metrics=chosen.names,
    )
    check_hyperparameters(task, dict(space.extras), names_of(spec, "optimiser"))
    check_choices(task, spec.recipe, searched_values(task, space, PREPROCESSING))
    make_pruner(spec.pruner)  # its own rules, before anything is stored
    if freezes:
        make_policy(spec.sampler, space, spec.seed, task.snap)
        _check_freezing(spec, where)
    else:
        make_sampler(spec.sampler, space, spec.seed, 0)
    if task.recorded and spec.folds > 1:
        raise UsageError(
            where["folds"], str(spec.folds), "a recorded table has no folds", "Leave the option out."
        )
    return Resolved(
        spec,
        _limits(settings, sampler),
        worker_count(settings.workers, task.recorded, where["workers"]),
        settings.study or default_name(task, spec),
    )


def _patience(settings: Settings, where: dict[str, str]) -> Patience:
    patience = Patience(settings.patience or 0, settings.min_delta or 0.0)
    if patience.min_delta and not patience.epochs:
        rule = "it says what counts as progress where trials end without"
        raise UsageError(where["min_delta"], f"{patience.min_delta:g}", rule, "Add --patience N.")
    return patience


def worker_count(asked: str | None, recorded: bool, where: str = "--workers") -> int:
    """Return how many worker processes are meant by auto, a number or nothing; 0: this process.

    recorded: the curves are read from a table, which no worker is needed for.

    Raises:
        UsageError: It is neither, or more than this machine can make use of.
    """
    cores = _cores()
    if asked is None or asked == "auto":
        return 0 if recorded else cores
    if not asked.isdecimal():
        raise UsageError(
            where, asked, "must be auto or a whole number, 0 for this process", "Example: --workers 2"
        )
    if int(asked) > WORKERS_PER_CORE * cores:
        rule = f"more than {WORKERS_PER_CORE} a core only stand in each other's way; there are {cores} cores"
        raise UsageError(where, asked, rule, "Example: --workers auto")
    return 0 if recorded else int(asked)


def check_name(study: str, where: str = "--study") -> None:
    """Return if a study may be called so.

    Raises:
        UsageError: It may not.
    """
    if not study.strip() or len(study) > 200:
        raise UsageError(where, repr(study), "must be a name of 1 to 200 characters", "Example: --study mine")


def _check_freezing(spec: StudySpec, where: dict[str, str]) -> None:
    """Raise a UsageError for what cannot go together with a sampler that freezes and thaws."""
    name = spec.sampler.name
    if spec.pruner.name != "none":
        rule = f"{name} decides itself how far each curve is trained, and prunes none"
        raise UsageError(where["pruner"], spec.pruner.name, rule, "Leave the option out.")
    if spec.patience.epochs:
        rule = f"{name} decides itself when a curve is worth no more epochs"
        raise UsageError(where["patience"], str(spec.patience.epochs), rule, "Leave the option out.")
    bound = sorted(set(names_of(spec, "schedule")) & LENGTH_BOUND_SCHEDULES)
    if bound:
        rule = (
            f"it depends on the planned number of epochs, which {name} does not know: "
            "a curve cut short would not be the beginning of the whole one"
        )
        action = f"Take another schedule, or another sampler than {name}."
        raise UsageError(where["schedule"], bound[0], rule, action)


def default_name(task: Task, spec: StudySpec) -> str:
    """Return the name of a study that was given none: the same for the same spec, another for another."""
    digest = hashlib.sha256(spec.canonical.encode()).hexdigest()
    return f"{task.name}-{spec.sampler.name}-{digest[:6]}"


def _train_rows(task: Task, facts: TaskFacts, folds: int) -> int:
    """Return the rows of the smallest training part of all folds; 0 of recorded curves."""
    if task.recorded or folds == 1:
        return facts.train_rows
    return min(len(split_rows(task, fold, folds).train) for fold in range(folds))


def _space(settings: Settings, task: Task, train_rows: int, where: dict[str, str]) -> Space:
    written = {
        "epochs": task.epochs,
        "learning_rate": task.learning_rate,
        "batch_size": _fitting(task.batch_size, train_rows),
        **task.hyperparameters,
        **settings.axes,
    }
    names = {name: where.get(name, option_name(name)) for name in written}
    space = parse_space(written, names)
    if task.recorded:
        _check_recorded(space, parse_space({**written, "epochs": task.epochs}), names["epochs"])
    return space


def _fitting(sizes: Written, train_rows: int) -> Written:
    """Return the default batch sizes that the training part can fill; a task's own sizes as they are."""
    if sizes != Task.batch_size or not train_rows:
        return sizes
    fitting = [size for size in str(sizes).split(",") if int(size) <= train_rows]
    return ",".join(fitting) or str(train_rows)


def _check_recorded(space: Space, own: Space, where: str) -> None:
    if space.max_epochs > own.max_epochs:
        rule = f"this table holds {own.max_epochs} epochs a curve"
        raise UsageError(where, str(space.epochs), rule, f"Ask for at most {own.max_epochs}.")


def _check_batch_size(space: Space, train_rows: int, where: dict[str, str]) -> None:
    if train_rows and space.max_batch_size > train_rows:
        rule = f"a batch must not be larger than the smallest training part ({train_rows:,} rows)"
        place = where.get("batch_size", option_name("batch_size"))
        raise UsageError(place, str(space.batch_size), rule, f"Give sizes up to {train_rows}.")


def _objective(text: str, where: str) -> Objective:
    for objective in OBJECTIVES:
        if text == objective:
            return objective
    raise UsageError(where, text, "must be final or best", nearest(text, OBJECTIVES))


def _limits(settings: Settings, sampler: Choice) -> Limits:
    """Return the limits asked for; without any a grid ends by itself, others after some trials."""
    limits = Limits(settings.trials, settings.epoch_budget, settings.time_limit, settings.time_budget)
    if limits == Limits() and sampler.name != "grid":
        return Limits(trials=DEFAULT_TRIALS)
    return limits


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _at_least(settings: Settings, where: dict[str, str]) -> None:
    floors = {"trials": 1, "epoch_budget": 1, "seed": 0, "folds": 1, "threads": 1, "resolution": 0}
    floors |= {"patience": 1, "min_delta": 0}
    for item in fields(settings):
        value = getattr(settings, item.name)
        if item.name in floors and value is not None and value < floors[item.name]:
            raise UsageError(
                where[item.name], str(value), f"must be at least {floors[item.name]}", "Give a larger number."
            )
    if settings.seed is not None and settings.seed > MAX_SEED:
        raise UsageError(
            where["seed"], str(settings.seed), f"must be at most {MAX_SEED}", "Give a smaller number."
        )
    if settings.study is not None:
        check_name(settings.study, where["study"])
