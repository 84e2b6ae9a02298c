"""`extend` as a service: the best configurations of a study carried on from their checkpoints.

An extension is a study of its own on the same ledger: epochs that its curves have already are read, the rest
is trained to the same values as in one go (law 2), and the original study stays as it is.

Under a schedule with a trunk each length is a curve of its own, which leaves the trunk later and cools down
anew. What a longer one gains is foretold by the whole curve, its cool-down too: of 90 steps of about a half
(8 to 60 epochs of digits, its CNN, diabetes and breast-cancer, batches of 32, three seeds) it was on the
wrong side of 0.5 % an epoch in 8, and in 17 where the trunk alone foretold it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from epochsearch.core.axis import Range
from epochsearch.core.choice import Choice
from epochsearch.core.errors import SpecDiffersError, UsageError
from epochsearch.core.extension import ExtensionSettings, extended_study, extension_choice, is_extension
from epochsearch.core.patience import ENDLESS
from epochsearch.core.point import Configuration, Point
from epochsearch.core.recipe import Recipe
from epochsearch.core.settings import TABLE_PREFIX
from epochsearch.core.space import Space, parse_space
from epochsearch.core.spec import Limits, StudySpec
from epochsearch.core.summary import StudySummary, go_on
from epochsearch.core.trial import Outcome, TrialRecord
from epochsearch.core.trunk import can_be_longer
from epochsearch.engines.fork_server import warm_up
from epochsearch.search.running.conditions import check_conditions
from epochsearch.search.running.events import Event, SearchEnded, SearchStarted
from epochsearch.search.running.progress import Stop
from epochsearch.search.running.session import opened, start_engine
from epochsearch.search.settings.resolve import Resolved, check_name
from epochsearch.search.settings.workers import worker_count
from epochsearch.store.archive import study_summary, study_trials
from epochsearch.store.database import open_database
from epochsearch.store.ledger import Ledger
from epochsearch.store.studies import find_study
from epochsearch.store.used_curves import used_curves
from epochsearch.tasks.base import Task
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.models import recipe_in_force

DEFAULT_TOP = 3
DEFAULT_GAIN = 0.005
DEFAULT_LENGTHS = 4
"""So many times the most epochs of the study are the most of its extension, where nothing is said."""


def extension_name(study: str) -> str:
    """Return the name of a study's extension that was given none."""
    return f"{study}-extended"


def extend(
    storage: str, study: str, settings: ExtensionSettings, stop: Stop | None = None
) -> Iterator[Event]:
    """Carry on a study's best configurations, or go on doing so; yield what happens, SearchEnded last.

    Raises:
        NotFoundError: There is no such study, or its task is gone.
        SpecDiffersError: Its curves cannot be trained here any more, or the extension was begun otherwise.
        UsageError: Its schedule depends on the planned length, or there is nothing to carry on.
        EpochsearchError: Any other of its family.
    """
    source = study_summary(storage, study)
    if _looks_at_the_length(source.spec):
        raise _length_bound(study, source.spec)
    if settings.workers != "0" and not source.spec.task.startswith(TABLE_PREFIX):
        warm_up()
    name = extension_name(study) if settings.study is None else settings.study
    check_name(name)
    task = load_task(source.spec.task)
    with closing(open_database(storage, create=False)) as database:
        stored = find_study(database, name)
        if stored is None:
            spec = _new_spec(source, study_trials(storage, study), task, settings)
        else:
            spec = stored.spec
            _check_same(name, spec, study, settings)
        _check_trainable(storage, study, source.spec, task)
        workers = worker_count(settings.workers, task.recorded)
        resolved = Resolved(spec, Limits(seconds=settings.time_limit), workers, name)
        Ledger(database).sweep(database.checkpoint_folder)
        with opened(database, resolved) as session:
            yield session.started(resolved, database.url)
            with closing(start_engine(resolved, task, database)) as engine:
                run = session.search(resolved, task, engine, stop or Stop())
                yield from run.run()
        yield SearchEnded(study_summary(database.url, name), run.why, run.progress.last_reason)


def extendable(events: Iterator[Event]) -> Iterator[Event]:
    """Yield the events of a search whose study is to be extended afterwards.

    Raises:
        UsageError: Its schedule depends on the planned length; before the first trial.
    """
    for event in events:
        if isinstance(event, SearchStarted) and _looks_at_the_length(event.spec):
            raise _length_bound(event.study, event.spec)
        yield event


def _looks_at_the_length(spec: StudySpec) -> bool:
    """Return whether no curve of the study can be carried on; where the schedule is searched, some can."""
    return not can_be_longer(spec.recipe) and "schedule" not in spec.space.axes


def _length_bound(study: str, spec: StudySpec) -> UsageError:
    schedule = spec.recipe.schedule.name
    rule = (
        f"its {schedule} schedule depends on the planned number of epochs, so a curve cannot be carried on: "
        "a longer one is another curve from its first epoch"
    )
    longer = 2 * spec.space.max_epochs
    action = f"Search longer ones: epochsearch run {spec.task} --schedule {schedule} --epochs {longer}"
    return UsageError("study", study, rule, action)


def _new_spec(
    source: StudySummary, trials: Sequence[TrialRecord], task: Task, settings: ExtensionSettings
) -> StudySpec:
    top = settings.top or DEFAULT_TOP
    ranked, space = ranked_points(trials, task, source.spec.recipe), source.spec.space
    if not ranked:
        rule = "it has no completed trial whose curve can be carried on"
        raise UsageError("study", source.study, rule, go_on(source.study, source.spec.task))
    most = _most_epochs(settings.max_epochs, space, task)
    best = [point for point in ranked if point.epochs < most][:top]
    if not best:
        raise _no_room(source.study, ranked[0], most, settings.max_epochs)
    least = min(space.min_epochs, *(point.epochs for point in best))
    return replace(
        source.spec,
        space=replace(space, epochs=Range(least, most, integer=True)),
        sampler=extension_choice(source.study, best, top, settings.gain or DEFAULT_GAIN),
        pruner=Choice("none"),
        patience=ENDLESS,
        resolution=0,
    )


def ranked_points(trials: Sequence[TrialRecord], task: Task, recipe: Recipe) -> list[Point]:
    """Return the completed points, those of the lowest values first, each curve once.

    Their epochs are those that were read, which patience may have made fewer than were asked for; where the
    schedule looks at the planned length, those planned. If it has no trunk either, the curve is passed over:
    it cannot be carried on.
    """
    done = [one for one in trials if one.outcome is Outcome.COMPLETED and one.value is not None]
    points: dict[Configuration, Point] = {}
    for trial in sorted(done, key=lambda one: (one.value, one.epochs_done, one.number)):
        own, point = recipe_in_force(task, recipe, trial.point.configuration), trial.point
        if can_be_longer(own):
            epochs = point.epochs if own.length_bound else trial.epochs_done
            points.setdefault(task.snap(point.configuration), replace(point, epochs=epochs))
    return list(points.values())


def _most_epochs(asked: int | None, space: Space, task: Task) -> int:
    """Return the most epochs of the extension: no recorded curve can be carried beyond its record."""
    most = asked or DEFAULT_LENGTHS * space.max_epochs
    if not task.recorded:
        return most
    return min(most, parse_space({**space.written(), "epochs": task.epochs}).max_epochs)


def _no_room(study: str, best: Point, most: int, asked: int | None) -> UsageError:
    rule = "its completed trials have that many epochs already"
    if asked is None or asked > most:
        action = "Record longer ones, or extend a study of shorter trials."
        return UsageError("study", study, f"its recorded curves end at epoch {most}, and {rule}", action)
    return UsageError("--max-epochs", str(most), rule, f"Example: --max-epochs {2 * best.epochs}")


def _check_same(name: str, spec: StudySpec, source: str, settings: ExtensionSettings) -> None:
    """Return if a stored study is the extension that is asked for; what was not said may be anything.

    Raises:
        UsageError: It is no extension, or one of another study.
        SpecDiffersError: It was begun with other options.
    """
    if not is_extension(spec) or extended_study(spec.sampler) != source:
        rule = f"it is not an extension of {source}"
        raise UsageError("--study", name, rule, "Give the extension another name with --study.")
    stored = {
        "top": spec.sampler.values["top"],
        "gain": spec.sampler.values["gain"],
        "max_epochs": spec.space.max_epochs,
    }
    for option, value in stored.items():
        asked = getattr(settings, option)
        if asked is not None and asked != value:
            word = "--" + option.replace("_", "-")
            action = "Give the extension another name with --study: no epoch is trained a second time."
            raise SpecDiffersError("--study", name, f"it was begun with {word} {value}, now {asked}", action)


def _check_trainable(storage: str, study: str, spec: StudySpec, task: Task) -> None:
    """Return if the study's curves can be carried on here.

    Raises:
        SpecDiffersError: The task's code or data, torch, or the arithmetic changed.
    """
    curves = [curve.identity for one in used_curves(storage, study) for curve in one.curves]
    check_conditions(study, spec, task, curves)
