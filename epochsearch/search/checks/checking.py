"""`check` as a service: does a user's own task obey the laws that a search rests on, and what to mend if not.

The task is trained for a few epochs at the middle of its axes, in this process; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from epochsearch.core.axis import Axis, Range
from epochsearch.core.choice import Scalar
from epochsearch.core.curve import CurveIdentity, EpochReport
from epochsearch.core.errors import UsageError
from epochsearch.core.point import Point
from epochsearch.core.settings import Settings
from epochsearch.core.spec import StudySpec
from epochsearch.engines.inline import limit_threads
from epochsearch.search.running.curves import curve_identities
from epochsearch.search.settings.resolve import resolve_settings
from epochsearch.tasks.attributes import misspelt
from epochsearch.tasks.base import Task
from epochsearch.tasks.facts import TaskFacts, examine
from epochsearch.tasks.fingerprint import fingerprint
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.overlap import overlap
from epochsearch.training.learner import Learner, make_learner
from epochsearch.training.probing import idle_weights

Verdict: TypeAlias = Literal["ok", "note", "failed"]
EPOCHS = 3
"""Epochs that the task is trained for, several times."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    verdict: Verdict  # note: it may be meant so
    said: str  # what was found
    mend: str = ""  # what to do about it


def check_task(settings: Settings) -> Iterator[Check]:
    """Yield what is found, one thing after the other.

    settings: which task, and anything else that a study may say; what is not said is the task's own.

    Raises:
        UsageError: A rule is broken, or the task is a recorded table.
        TaskError: The task cannot be loaded, its data read, or its model trained; the message says why.
    """
    task = load_task(settings.task or "")
    if task.recorded:
        rule = "recorded curves are not trained: there is nothing to check"
        raise UsageError("TASK", task.reference, rule, f"Try: epochsearch audit {task.reference}")
    facts = examine(task)
    spec = resolve_settings(replace(settings, workers="0"), task, facts).spec
    limit_threads(spec.threads)
    yield _data(facts)
    yield _names(task)
    yield _same_data(task, facts)
    yield _apart(task)
    identity = curve_identities(spec, task, _middle(spec))[0]
    learner = make_learner(task, identity)
    reports = [learner.run_epoch()]
    yield _trained(reports[0], identity)
    yield _taking_part(learner)
    reports += [learner.run_epoch() for _ in range(EPOCHS - 1)]
    yield _again(task.reference, identity, reports)
    yield _alone(task, identity, reports)
    yield _resumed(task.reference, identity, reports)
    yield _learning(reports)


def _middle(spec: StudySpec) -> Point:
    """Return the point in the middle of every axis."""
    return Point.from_parameters({name: _middle_of(axis) for name, axis in spec.space.axes.items()})


def _middle_of(axis: Axis) -> Scalar:
    return axis.middle if isinstance(axis, Range) else axis.values[len(axis.values) // 2]


def _names(task: Task) -> Check:
    """Look for attributes that are hardly a task's own: nothing reads them."""
    for name, meant in misspelt(task).items():
        said = f"'{name}' is no attribute that a task has, and is not read"
        return Check("names", "note", said, f"Did you mean '{meant}'?")
    return Check("names", "ok", "no attribute looks like a misspelt one")


def _data(facts: TaskFacts) -> Check:
    rows = (
        f"{facts.train_rows:,} training, {facts.validation_rows:,} validation, {facts.test_rows:,} test rows"
    )
    target = "real targets" if facts.classes is None else f"{facts.classes} classes"
    return Check("data", "ok", f"{rows}; inputs of shape {facts.inputs}; {target}")


def _same_data(task: Task, facts: TaskFacts) -> Check:
    if fingerprint(load_task(task.reference)) == facts.fingerprint:
        return Check("data again", "ok", "data() returns the same when it is called again")
    said = "data() returns something else when it is called again"
    return Check("data again", "failed", said, "Give every random source in data() a seed of its own.")


def _apart(task: Task) -> Check:
    found = overlap(task)
    if found.rows == 0:
        return Check("parts apart", "ok", "no validation row is a training row as well")
    said = f"{found.rows} of {found.validation} validation rows have the inputs of a training row"
    if found.distinct < 0.5:
        return Check("parts apart", "note", f"{said}, in data of few different rows", "")
    return Check("parts apart", "failed", said, "Drop the copies in data(), or give the task `groups`.")


def _trained(report: EpochReport, identity: CurveIdentity) -> Check:
    configuration = identity.configuration
    at = f"learning rate {configuration.learning_rate:.3g}, batch size {configuration.batch_size}"
    losses = f"training loss {report.train_loss:.4g}, validation loss {report.val_loss:.4g}"
    said = f"{losses} after an epoch of {report.seconds:.2g} s at {at}"
    if report.finite:
        return Check("one epoch", "ok", said)
    action = "Lower the learning rates of the task, scale its inputs, or look at its loss."
    return Check("one epoch", "failed", said, action)


def _taking_part(learner: Learner) -> Check:
    idle = idle_weights(learner)
    if idle is None:
        return Check("gradients", "ok", "not looked at: it is not trained by this tool's own loop")
    if not idle:
        return Check("gradients", "ok", "every weight that is to be trained gets a gradient")
    said = f"no gradient reaches {', '.join(idle[:3])}" + (f" and {len(idle) - 3} more" if idle[3:] else "")
    return Check("gradients", "note", said, "Use them in forward(), or set requires_grad to False.")


def _again(reference: str, identity: CurveIdentity, reports: list[EpochReport]) -> Check:
    learner = make_learner(load_task(reference), identity)
    for report in reports[:2]:
        if not learner.run_epoch().same_values(report):
            said = f"trained again, epoch {report.epoch} gave other numbers"
            action = "Draw from torch, numpy or random without a generator of your own; avoid global state."
            return Check("prefix", "failed", said, action)
    return Check("prefix", "ok", "trained again for fewer epochs, the numbers are the same bit for bit")


def _alone(task: Task, identity: CurveIdentity, reports: list[EpochReport]) -> Check:
    learner = make_learner(task, identity)
    for report in reports[:2]:
        if not learner.run_epoch().same_values(report):
            said = f"trained again by the same object, epoch {report.epoch} gave other numbers"
            action = "Keep nothing of a training in the task's attributes, and leave the data as they are."
            return Check("independence", "failed", said, action)
    return Check("independence", "ok", "what was trained before with the same object has no effect")


def _resumed(reference: str, identity: CurveIdentity, reports: list[EpochReport]) -> Check:
    action = "Keep all that training changes in weights and buffers, none of it in plain attributes."
    learner = make_learner(load_task(reference), identity)
    learner.run_epoch()
    try:
        state = learner.freeze()
        learner = make_learner(load_task(reference), identity)
        learner.thaw(state)
    except Exception as error:
        said = f"the state cannot be kept ({type(error).__name__}: {error})"
        return Check("resume", "failed", said, action)
    for report in reports[1:]:
        if not learner.run_epoch().same_values(report):
            return Check("resume", "failed", f"put back after epoch 1, epoch {report.epoch} differs", action)
    return Check("resume", "ok", "put back after epoch 1, it goes on to the same numbers bit for bit")


def _learning(reports: list[EpochReport]) -> Check:
    first, last = reports[0].train_loss, reports[-1].train_loss
    said = f"the training loss went from {first:.4g} to {last:.4g} in {len(reports)} epochs"
    if last < first:
        return Check("learning", "ok", said)
    return Check("learning", "note", said, "That may be the learning rate; or the inputs say nothing.")
