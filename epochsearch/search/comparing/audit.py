"""What each pruner would have saved and lost on curves that are known to their end.

Optuna's own pruners decide, one trial after the other as with one worker, in orders shuffled by seed; what
their decisions come to is counted in `analysis.pruning`.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from epochsearch.analysis.folds import standard_error
from epochsearch.analysis.pruning import PrunerAudit, audit, rank_correlation
from epochsearch.core.choice import Choice, parse_choice, resolve
from epochsearch.core.curve import EpochReport, mean_report
from epochsearch.core.errors import NotFoundError, UsageError, nearest
from epochsearch.core.measure import THE_LOSS, Measure
from epochsearch.core.settings import TABLE_PREFIX
from epochsearch.core.space import Space, parse_space
from epochsearch.core.spec import Objective
from epochsearch.core.summary import go_on
from epochsearch.core.trial import Outcome
from epochsearch.search.proposing.pruners import PRUNERS, make_pruner, pruner_defaults
from epochsearch.search.proposing.stopping import is_stopped
from epochsearch.store.archive import study_summary
from epochsearch.store.used_curves import UsedCurves, used_curves
from epochsearch.tasks.facts import examine
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.table import TableTask

DEFAULT_PRUNERS = "median,percentile,asha,hyperband,patient"
DEFAULT_SHUFFLES = 20

Losses = tuple[float, ...]  # of one curve, epoch 1 first; it ends with the first that is not finite


@dataclass(frozen=True, slots=True)
class AuditedPruner:
    """One pruner on the curves."""

    pruner: Choice  # every option filled in
    result: PrunerAudit


@dataclass(frozen=True, slots=True)
class CurvesAudit:
    """All pruners on the same curves."""

    source: str  # study, or table:FILE
    objective: Objective
    curves: int
    shuffles: int
    seed: int
    pruners: tuple[AuditedPruner, ...]
    correlation: tuple[float, ...]  # of the loss at each epoch with the objective; NaN: too few curves


@dataclass(frozen=True, slots=True)
class _Source:
    curves: tuple[Losses, ...]
    errors: tuple[Losses, ...]  # standard errors over folds, as long as the curves; NaN where there is one
    space: Space
    objective: Objective
    task: str  # reference
    measure: Measure = THE_LOSS


def audit_pruners(
    source: str,
    storage: str,
    pruners: str = DEFAULT_PRUNERS,
    shuffles: int = DEFAULT_SHUFFLES,
    seed: int = 0,
    objective: Objective | None = None,
) -> Iterator[AuditedPruner | CurvesAudit]:
    """Yield what each pruner comes to on the curves of a study or a table, CurvesAudit last.

    source: a study's name, or table:FILE. pruners: as "median,asha(reduction_factor=4)". objective: default
    the study's, `final` for a table.

    Raises:
        NotFoundError: There is no such study or file.
        UsageError: An unknown pruner, or trials whose ends are unknown.
    """
    found = (
        _table(source, objective) if source.startswith(TABLE_PREFIX) else _study(source, storage, objective)
    )
    audited = []
    for choice in _choices(pruners, found):
        runs = [
            stop_epochs(found.curves, choice, found.objective, seed + i, found.errors)
            for i in range(shuffles)
        ]
        audited.append(AuditedPruner(choice, audit(found.curves, runs, found.objective)))
        yield audited[-1]
    yield CurvesAudit(
        source=source,
        objective=found.objective,
        curves=len(found.curves),
        shuffles=shuffles,
        seed=seed,
        pruners=tuple(audited),
        correlation=tuple(rank_correlation(found.curves, found.objective).tolist()),
    )


def stop_epochs(
    curves: Sequence[Losses],
    choice: Choice,
    objective: Objective,
    seed: int | None,
    errors: Sequence[Losses] = (),
) -> list[int | None]:
    """Return for each curve after which epoch the pruner stops it, None if it does not.

    seed: of the order in which the curves come; None: as they are. errors: standard errors over folds, by
    curve and epoch; none: there is one fold.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    order = list(range(len(curves)))
    if seed is not None:
        random.Random(seed).shuffle(order)
    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(
        study_name=f"audit-{seed}", direction="minimize", sampler=sampler, pruner=make_pruner(choice)
    )
    stops: list[int | None] = [None] * len(curves)
    for i in order:
        trial = study.ask()
        for epoch, loss in enumerate(curves[i], 1):
            trial.report(loss, epoch)
            error = errors[i][epoch - 1] if errors else math.nan
            if epoch < len(curves[i]) and is_stopped(trial, error):
                stops[i] = epoch
                break
        if stops[i] is None and math.isfinite(curves[i][-1]):
            study.tell(trial, curves[i][-1] if objective == "final" else min(curves[i]))
        else:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    return stops


def _choices(text: str, found: _Source) -> list[Choice]:
    given = [parse_choice(part, "--pruners") for part in re.split(r",(?![^(]*\))", text)]
    unknown = next((choice.name for choice in given if choice.name not in PRUNERS), None)
    if unknown is not None:
        raise UsageError("--pruners", unknown, "there is no such pruner", nearest(unknown, PRUNERS))
    chance = None
    if any(choice.name == "threshold" for choice in given):
        chance = examine(load_task(found.task)).chance_loss if found.measure.is_loss else None
    defaults = pruner_defaults(found.space, chance)
    resolved = [resolve(choice, defaults, "--pruners") for choice in given]
    for choice in resolved:
        make_pruner(choice)  # its own rules, before anything is counted
    return resolved


def _table(reference: str, objective: Objective | None) -> _Source:
    task = load_task(reference)
    assert isinstance(task, TableTask)
    space = parse_space(
        {"epochs": task.epochs, "learning_rate": task.learning_rate, "batch_size": task.batch_size}
    )
    curves = tuple(
        _losses(task.reports(cell, index)[: space.max_epochs])
        for cell in task.configurations
        for index in range(len(task.recorded_seeds(cell)))
    )
    return _Source(curves, (), space, objective or "final", reference)


def _study(study: str, storage: str, objective: Objective | None) -> _Source:
    spec = study_summary(storage, study).spec
    trials = [one for one in used_curves(storage, study) if one.trial.outcome is not Outcome.FAILED]
    found = [_whole(one, spec.measure) for one in trials]
    whole = tuple(losses for losses, _ in found if losses)
    if not trials:
        raise NotFoundError("study", study, "it has no trial with a curve", go_on(study, spec.task))
    if len(whole) < len(trials):
        rule = (
            f"{len(trials) - len(whole)} of its {len(trials)} trials were cut short, their ends are unknown"
        )
        action = "Search with --pruner none under another --study: what is there is not trained again."
        raise UsageError("study", study, rule, action)
    errors = tuple(errors for losses, errors in found if losses)
    return _Source(whole, errors, spec.space, objective or spec.objective, spec.task, spec.measure)


def _whole(one: UsedCurves, measure: Measure) -> tuple[Losses, Losses]:
    """Return a curve to the end that the trial's point asked for, and its standard errors over folds.

    Both are empty if the ledger has less of it.
    """
    epochs = list(zip(*(curve.reports for curve in one.curves), strict=False))[: one.trial.point.epochs]
    losses = _losses([mean_report(folds) for folds in epochs], measure)
    known = len(losses) == one.trial.point.epochs or (losses and not math.isfinite(losses[-1]))
    errors = tuple(standard_error([measure.of(fold) for fold in folds]) for folds in epochs[: len(losses)])
    return (losses, errors) if known else ((), ())


def _losses(reports: Sequence[EpochReport], measure: Measure = THE_LOSS) -> Losses:
    """Return what the objective reads of each epoch, up to the first that is not finite."""
    values = [measure.of(report) for report in reports]
    finite = [report.finite and math.isfinite(v) for report, v in zip(reports, values, strict=True)]
    end = finite.index(False) + 1 if False in finite else len(reports)
    losses = values[:end]
    if losses and not reports[end - 1].finite and math.isfinite(losses[-1]):
        losses[-1] = math.inf  # the training loss it was that ran away
    return tuple(losses)
