"""From settings to a spec: precedence, defaults and every rule that can be checked before training.

Precedence: command line, then study file, then the task's own defaults, then the tool's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace

from epochsearch.core.axis import Choices
from epochsearch.core.choice import Choice, Defaults
from epochsearch.core.errors import UsageError, nearest
from epochsearch.core.patience import Patience
from epochsearch.core.recipe import LENGTH_BOUND_SCHEDULES
from epochsearch.core.settings import Settings
from epochsearch.core.space import Space
from epochsearch.core.spec import FREEZING, OBJECTIVES, Limits, Objective, StudySpec
from epochsearch.core.stages import STAGED
from epochsearch.core.techniques import PREPROCESSING
from epochsearch.core.trunk import TRUNK_SCHEDULES
from epochsearch.engines.device import resolve_device
from epochsearch.search.proposing.policies import POLICIES, make_policy
from epochsearch.search.proposing.pruners import make_pruner, pruner_defaults
from epochsearch.search.proposing.samplers import READ_OFF, SAMPLERS, make_sampler
from epochsearch.search.settings.recipes import (
    choice,
    names_of,
    resolve_recipe,
    resolve_weights,
    searched_values,
)
from epochsearch.search.settings.searched_space import searched_space, used_rows
from epochsearch.search.settings.workers import worker_count
from epochsearch.search.staged.settings import STRATEGIES, staged, usual_patience
from epochsearch.tasks.attributes import check_attributes
from epochsearch.tasks.base import Task
from epochsearch.tasks.facts import TaskFacts, examine
from epochsearch.tasks.metrics import check_defined, choose_metrics
from epochsearch.tasks.models import check_hyperparameters
from epochsearch.tasks.treatment import check_choices

DEFAULT_TASK = "digits"
DEFAULT_TRIALS = 100
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
    check_attributes(task)
    _at_least(settings, where)
    spec = _spec(settings, task, facts or examine(task), where)
    _check_spec(spec, task, where)
    return Resolved(
        spec,
        _limits(settings, spec.sampler),
        worker_count(settings.workers, task.recorded, where["workers"]),
        settings.study or default_name(task, spec),
    )


def _spec(settings: Settings, task: Task, facts: TaskFacts, where: dict[str, str]) -> StudySpec:
    space = searched_space(settings, task, facts, where)
    sampler = choice(
        settings.sampler or "tpe", {**SAMPLERS, **POLICIES, **STRATEGIES}, where["sampler"], "sampler"
    )
    if sampler.name == STAGED:
        _check_staged(task, where)
        base, rows = resolve_recipe(settings, task, space, where).schedule, used_rows(settings, task, facts)
        sampler, space = staged(sampler, space, base, rows, where)
    if sampler.name in READ_OFF:
        space = replace(space, epochs=Choices((space.max_epochs,)))
    chosen = choose_metrics(task, settings.metrics, settings.optimise, where)
    check_defined(task, chosen.measure, settings.folds or 1, where["optimise"])
    patience = _patience(settings, sampler, space, where)
    chance = facts.chance_loss if chosen.measure.is_loss else None
    return StudySpec(
        task=task.reference,
        fingerprint=facts.fingerprint,
        space=space,
        sampler=sampler,
        pruner=_pruner(settings, sampler, pruner_defaults(space, chance), where["pruner"]),
        objective=_objective(settings, sampler, patience, where["objective"]),
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


def _check_spec(spec: StudySpec, task: Task, where: dict[str, str]) -> None:
    """Raise a UsageError for choices that do not go together, before anything is stored."""
    check_hyperparameters(task, dict(spec.space.extras), names_of(spec, "optimiser"))
    check_choices(task, spec.recipe, searched_values(task, spec.space, PREPROCESSING))
    make_pruner(spec.pruner)  # its own rules
    if spec.sampler.name in FREEZING:
        make_policy(spec.sampler, spec.space, spec.seed, task.snap)
        _check_freezing(spec, where)
    elif spec.sampler.name != STAGED:
        make_sampler(spec.sampler, spec.space, spec.seed, 0)
    if task.recorded and spec.folds > 1:
        raise UsageError(
            where["folds"], str(spec.folds), "a recorded table has no folds", "Leave the option out."
        )


def _pruner(settings: Settings, sampler: Choice, known: Defaults, where: str) -> Choice:
    asked = settings.pruner or ("none" if sampler.name in FREEZING else "median")
    return choice(asked, known, where, "pruner")


def _patience(settings: Settings, sampler: Choice, space: Space, where: dict[str, str]) -> Patience:
    """Return the one asked for; a staged search reads no curve long past its best."""
    unsaid = usual_patience(space) if sampler.name == STAGED else 0
    patience = Patience(settings.patience or unsaid, settings.min_delta or 0.0)
    if patience.min_delta and not patience.epochs:
        rule = "it says what counts as progress where trials end without"
        raise UsageError(where["min_delta"], f"{patience.min_delta:g}", rule, "Add --patience N.")
    return patience


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
        if bound[0] in TRUNK_SCHEDULES:
            action = (
                "Search its trunk, --schedule constant or warmup: "
                f"a {bound[0]} curve of the length that is found begins with those epochs."
            )
        raise UsageError(where["schedule"], bound[0], rule, action)


def _check_staged(task: Task, where: dict[str, str]) -> None:
    """Raise a UsageError for a task that has no fewer rows to train on, nor other schedules."""
    if task.recorded:
        rule = (
            "a recorded table holds curves on all rows under one schedule: without fewer rows and other "
            "schedules what is left is another recipe, at another cost"
        )
        action = "Race the recipe where it trains: epochsearch compare digits --samplers tpe,staged"
        raise UsageError(where["sampler"], STAGED, rule, action)


def default_name(task: Task, spec: StudySpec) -> str:
    """Return the name of a study that was given none: the same for the same spec, another for another."""
    digest = hashlib.sha256(spec.canonical.encode()).hexdigest()
    return f"{task.name}-{spec.sampler.name}-{digest[:6]}"


def _objective(settings: Settings, sampler: Choice, patience: Patience, where: str) -> Objective:
    """Return the one asked for; else `best` where each trial is read at its best epoch anyway."""
    read_off = sampler.name in READ_OFF | FREEZING or (patience.epochs and sampler.name != STAGED)
    text = settings.objective or ("best" if read_off else "final")
    for objective in OBJECTIVES:
        if text == objective:
            return objective
    raise UsageError(where, text, "must be final or best", nearest(text, OBJECTIVES))


def _limits(settings: Settings, sampler: Choice) -> Limits:
    """Return the limits asked for; without any a grid ends by itself, others after some trials."""
    limits = Limits(settings.trials, settings.epoch_budget, settings.time_limit, settings.time_budget)
    if limits == Limits() and sampler.name not in ("grid", STAGED):
        return Limits(trials=DEFAULT_TRIALS)
    return limits


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
