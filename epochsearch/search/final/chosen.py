"""The test losses of chosen trials: the final evaluation, each look at it written down (law 7).

A curve is evaluated after the epoch that the trial's value is of. Its state comes from the ledger's last
checkpoint up to there and is trained on where that is earlier: the same state bit for bit (law 2).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import NamedTuple

from epochsearch.analysis.results import chosen_trial
from epochsearch.core.curve import SealedScore, mean_report
from epochsearch.core.errors import NotFoundError, SpecDiffersError, TaskError
from epochsearch.core.measure import Measure, Weights
from epochsearch.core.spec import Limits, StudySpec
from epochsearch.engines.job import Job
from epochsearch.search.comparing.comparability import within_limits
from epochsearch.search.running.conditions import check_conditions
from epochsearch.search.running.curves import CurveReader
from epochsearch.search.running.progress import Stop
from epochsearch.search.running.retraining import fresh_engine, run_jobs
from epochsearch.store.archive import studies_trials
from epochsearch.store.database import Database, open_database
from epochsearch.store.ledger import Ledger
from epochsearch.store.looks import Look, record_looks, seen_score
from epochsearch.store.used_curves import UsedCurves, used_curves
from epochsearch.tasks.loading import load_task

NO_LIMITS = Limits()


class Chosen(NamedTuple):
    """A trial whose test loss is asked for."""

    study: str
    trial: int  # number


class _State(NamedTuple):
    """Some curves, one a fold, after an epoch: what is evaluated, once, however many trials stand there."""

    keys: tuple[str, ...]
    epoch: int
    weights: Weights = "raw"  # or average

    @property
    def looked_at(self) -> tuple[str, ...]:
        """What a look is remembered under: the averaged weights of a curve are not its raw ones."""
        return self.keys if self.weights == "raw" else (*self.keys, self.weights)


def studies_test_losses(
    storage: str,
    studies: Sequence[str],
    workers: int = 0,
    stop: Stop | None = None,
    limits: Limits = NO_LIMITS,
) -> dict[str, float]:
    """Return by study what the objective reads on the test part at the point that each search chose.

    limits: the point is that of the search up to there. A study without a completed trial, or whose test part
    has no such number, is left out.

    Raises:
        UsageError: As `within_limits`.
    """
    read = dict(zip(studies, studies_trials(storage, studies), strict=True))
    best = {
        study: chosen_trial(within_limits(study, spec, trials, limits))
        for study, (spec, trials) in read.items()
    }
    chosen = [Chosen(study, trial.number) for study, trial in best.items() if trial is not None]
    found = {}
    for one, score in zip(chosen, chosen_scores(storage, chosen, workers, stop), strict=True):
        measure = read[one.study][0].measure
        value = math.nan if score is None else measure.read(score.loss, score.metrics)
        if not math.isnan(value):
            found[one.study] = value
    return found


def chosen_scores(
    storage: str, chosen: Sequence[Chosen], workers: int = 0, stop: Stop | None = None
) -> list[SealedScore | None]:
    """Return the test score of each chosen trial, the mean over folds, and record the look.

    None for a trial without a value, a task without a test part or that is no longer what the study was made
    with, and what was not reached before `stop`. workers: processes; 0: one for each core.

    Raises:
        NotFoundError: There is no such study.
        EpochsearchError: The task fails.
    """
    chosen = [Chosen(*one) for one in chosen]
    numbers: dict[str, set[int]] = defaultdict(set)
    for one in chosen:
        numbers[one.study].add(one.trial)
    specs = dict(zip(numbers, (spec for spec, _ in studies_trials(storage, list(numbers))), strict=True))
    used = {
        Chosen(study, one.trial.number): one
        for study, wanted in numbers.items()
        for one in used_curves(storage, study, wanted)
    }
    states = {
        one: state for one in chosen if (state := _state(used.get(one), specs[one.study].measure)) is not None
    }
    with closing(open_database(storage, create=False)) as database:
        scores = {
            state: score
            for state in dict.fromkeys(states.values())
            if (score := seen_score(database, state.looked_at, state.epoch)) is not None
        }
        _record(database, states, scores, scores)
        for spec, members in _by_task(specs, states, scores).items():
            for state, score in _evaluated(database, spec, members, used, workers, stop):
                scores[state] = score
                _record(database, states, scores, [state])
    return [scores.get(states[one]) if one in states else None for one in chosen]


def _state(one: UsedCurves | None, measure: Measure) -> _State | None:
    if one is None or one.trial.value is None or one.trial.value_epoch is None or not one.curves:
        return None
    epoch = one.trial.value_epoch
    reports = tuple(report for curve in one.curves for report in curve.reports if report.epoch == epoch)
    weights = measure.weights_at(mean_report(reports)) if len(reports) == len(one.curves) else "raw"
    return _State(one.keys, epoch, weights)


def _by_task(
    specs: Mapping[str, StudySpec], states: Mapping[Chosen, _State], done: Mapping[_State, SealedScore]
) -> dict[StudySpec, dict[_State, Chosen]]:
    """Return the states to evaluate, each with one trial that stands there, by a spec that can train them."""
    groups: dict[tuple[object, ...], tuple[StudySpec, dict[_State, Chosen]]] = {}
    for one, state in states.items():
        if state not in done:
            spec = specs[one.study]
            place = (spec.task, spec.fingerprint, spec.device, spec.threads)
            groups.setdefault(place, (spec, {}))[1].setdefault(state, one)
    return dict(groups.values())


def _evaluated(
    database: Database,
    spec: StudySpec,
    members: Mapping[_State, Chosen],
    used: Mapping[Chosen, UsedCurves],
    workers: int,
    stop: Stop | None,
) -> Iterator[tuple[_State, SealedScore]]:
    """Yield the score of each state as it comes."""
    curves = [curve.identity for one in members.values() for curve in used[one].curves]
    try:
        task = load_task(spec.task)
        check_conditions(next(iter(members.values())).study, spec, task, curves)
    except (NotFoundError, TaskError, SpecDiffersError):
        return
    reader = CurveReader(spec, task, Ledger(database))
    states, jobs = list(members), []
    for number, (state, one) in enumerate(members.items()):
        identities = tuple(curve.identity for curve in used[one].curves)
        _, checkpoints = reader.read(identities)
        usable = checkpoints if checkpoints and checkpoints[0].epoch <= state.epoch else ()
        job = Job(number, identities, state.epoch, usable, freezing=False, test=True, weights=state.weights)
        jobs.append(job)
    with closing(fresh_engine(task, spec, workers, database.checkpoint_folder)) as engine:
        for ended in run_jobs(engine, jobs, stop=stop):
            found = [score for score in ended.scores if score is not None]
            if found:
                yield states[ended.number], mean_score(found)


def _record(
    database: Database,
    states: Mapping[Chosen, _State],
    scores: Mapping[_State, SealedScore],
    seen: Iterable[_State],
) -> None:
    """Write down a look for every chosen trial that stands in one of these states."""
    whose: dict[_State, list[Chosen]] = defaultdict(list)
    for one, state in states.items():
        whose[state].append(one)
    looks = [
        Look(one.study, one.trial, state.epoch, scores[state], state.looked_at)
        for state in seen
        for one in whose[state]
    ]
    if looks:
        record_looks(database, looks)


def mean_score(scores: Sequence[SealedScore]) -> SealedScore:
    """Return the mean over folds; a single score as it is."""
    if len(scores) == 1:
        return scores[0]
    columns = [dict(score.metrics) for score in scores]
    return SealedScore(
        sum(score.loss for score in scores) / len(scores),
        tuple(
            (name, sum(column.get(name, math.nan) for column in columns) / len(columns))
            for name, _ in scores[0].metrics
        ),
    )
