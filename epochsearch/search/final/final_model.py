"""`train` as a service: the recommended point trained for good, or kept, and written down as a model folder.

Training runs in a worker of its own, which writes the weights; this process adds what it knows of the search.
Nothing reaches the ledger, and the test part stays sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from epochsearch.core.curve import CurveIdentity
from epochsearch.core.errors import EpochsearchError, SpecDiffersError, UsageError
from epochsearch.core.final import ONNX_PACKAGES, FinalRows, Updates
from epochsearch.core.model import ModelRecord, WrittenModel
from epochsearch.core.settings import TABLE_PREFIX
from epochsearch.core.spec import StudySpec
from epochsearch.engines.device import arithmetic
from epochsearch.engines.fork_server import warm_up
from epochsearch.engines.job import EpochTrained, Job, JobEnded, ModelOrder
from epochsearch.search.final.final_plan import FinalPlan, same_run, whole_run
from epochsearch.search.final.final_point import FinalPoint, final_point
from epochsearch.search.final.model_record import Made, model_record
from epochsearch.search.running.conditions import check_conditions
from epochsearch.search.running.curves import CurveReader, torch_version
from epochsearch.search.running.retraining import fresh_engine, run_watched
from epochsearch.store.archive import study_summary
from epochsearch.store.checkpoints import Checkpoint
from epochsearch.store.database import Database, open_database
from epochsearch.store.ledger import Ledger
from epochsearch.store.model_folder import check_free, describe, new_folder
from epochsearch.tasks.base import Task
from epochsearch.tasks.facts import examine
from epochsearch.tasks.fingerprint import fingerprint
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.models import build_model, is_learner
from epochsearch.tasks.prepared import split_rows
from epochsearch.tasks.raw import raw_data
from epochsearch.tasks.sizes import sizes_for
from epochsearch.tasks.treatment import treatment_of

Card = Callable[[ModelRecord], str]


@dataclass(frozen=True, slots=True)
class FinalRequest:
    """What is to be trained, and where the model is to stand."""

    study: str
    folder: Path
    trial: int | None = None  # None: the recommended point
    rows: FinalRows = "training+validation"
    updates: Updates = "same"
    keep: bool = False  # take the searched run as it is
    exports: tuple[str, ...] = ()
    force: bool = False  # replace a model that is there


@dataclass(frozen=True, slots=True)
class FinalPlanned:
    """The training is about to begin."""

    point: FinalPoint
    plan: FinalPlan
    keep: bool


@dataclass(frozen=True, slots=True)
class FinalEpoch:
    """One epoch of it is over."""

    epoch: int
    epochs: int
    train_loss: float


@dataclass(frozen=True, slots=True)
class ModelMade:
    """The folder is there."""

    folder: Path
    record: ModelRecord


def train(storage: str, request: FinalRequest, card: Card) -> Iterator[FinalPlanned | FinalEpoch | ModelMade]:
    """Train a study's point for good and write the model; yield the plan, each epoch, the ModelMade last.

    card: returns the text that a person reads beside the model.

    Raises:
        NotFoundError: There is no such study or trial, or its task is gone.
        UsageError: There is no model to train, or something stands where it is to be written.
        SpecDiffersError: The task is no longer what the study was made with; for the searched run itself also
            if torch or the arithmetic are not.
        StorageError: The folder cannot be written.
        EpochsearchError: The task fails, or the training diverges.
    """
    summary = study_summary(storage, request.study)
    spec = summary.spec
    _check_request(request, spec)
    warm_up()
    point = final_point(storage, request.study, request.trial)
    task = load_task(spec.task)
    plan = _plan(request, spec, task, point)
    _check_model(request, task, point.used.curves[0].identity)
    yield FinalPlanned(point, plan, request.keep)
    with closing(open_database(storage, create=False)) as database, new_folder(request.folder) as part:
        job = _job(request, spec, task, point, plan, database, part)
        seconds, last, written = 0.0, None, None
        with closing(fresh_engine(task, spec, 1, database.checkpoint_folder)) as engine:
            for message in run_watched(engine, [job], _finite):
                if isinstance(message, JobEnded):
                    if message.unwritten is not None:
                        raise message.unwritten
                    written = message.model
                    continue
                report = message.reports[0]
                seconds, last = seconds + report.seconds, report
                yield FinalEpoch(report.epoch, plan.epochs, report.train_loss)
        made = Made(
            _whole(written, last.epoch if last else 0), plan, request.keep, seconds, job.identities[0]
        )
        train_loss = last.train_loss if last else point.report.train_loss
        record = model_record(database, summary, task, examine(task), point, made, train_loss)
        describe(part, record, card(record))
    yield ModelMade(request.folder, record)


def _finite(message: EpochTrained) -> bool:
    return all(report.finite for report in message.reports)


def _whole(written: WrittenModel | None, epoch: int) -> WrittenModel:
    if written is None:
        rule = f"the loss was no longer a finite number after epoch {epoch}"
        action = "Keep the searched run: --keep"
        raise EpochsearchError("epochsearch train", "", rule, action)
    return written


def _check_request(request: FinalRequest, spec: StudySpec) -> None:
    """Return if there is something to train, and a place for it.

    Raises:
        UsageError: There is not.
    """
    study = request.study
    if spec.task.startswith(TABLE_PREFIX):
        rule = "its curves are recorded, and recorded curves have no model"
        raise UsageError("study", study, rule, "Search the task that they were recorded of.")
    if spec.folds > 1 and (request.keep or request.rows == "training"):
        option = "--keep" if request.keep else "--on training"
        rule = f"the searched run of this study is {spec.folds} models, one a fold"
        raise UsageError(option, "", rule, f"Train one on all rows: leave out {option}")
    if request.rows != "training" and not request.keep and spec.recipe.schedule.name == "plateau":
        rule = "the plateau schedule looks at the validation loss, and no row is left for one"
        raise UsageError("--on", request.rows, rule, "Give --on training, or --keep")
    if "onnx" in request.exports:
        missing = [name for name in ONNX_PACKAGES if find_spec(name) is None]
        if missing:
            rule = f"torch needs {' and '.join(missing)} for it, not installed here"
            raise UsageError("--export", "onnx", rule, "Type: pip install 'epochsearch[onnx]'")
    check_free(request.folder, force=request.force)


def _check_model(request: FinalRequest, task: Task, identity: CurveIdentity) -> None:
    """Return if the task's model can be had in the forms that are asked for, as far as that shows by now.

    Raises:
        UsageError: It cannot.
    """
    datamodule = raw_data(task).datamodule
    if datamodule is not None and request.rows != "training" and not request.keep:
        obstacle = datamodule.obstacle(folds=False)
        if obstacle:
            raise UsageError("--on", request.rows, obstacle[0], "Give --on training, or --keep")
    model = build_model(task, identity, sizes_for(task, identity))
    if is_learner(model):
        rule = f"{type(model).__name__} is a learner of your own, which has no model that could be written"
        raise UsageError("STUDY", request.study, rule, "Keep the model yourself.")
    if not request.exports:
        return
    if hasattr(model, "partial_fit"):
        rule = f"{type(model).__name__} is a scikit-learn estimator, which torch cannot export"
        raise UsageError("--export", request.exports[0], rule, "Leave it out: predict reads the estimator.")
    from epochsearch.training.transformers_model import has_decoder

    if has_decoder(model):
        rule = f"{type(model).__name__} says its answers token by token, which torch cannot export"
        raise UsageError("--export", request.exports[0], rule, "Leave it out: predict says them.")


def _plan(request: FinalRequest, spec: StudySpec, task: Task, point: FinalPoint) -> FinalPlan:
    """Return the plan, after a check that the task is what the study was made with.

    Raises:
        SpecDiffersError: It is not.
    """
    size = point.used.trial.point.batch_size
    used = treatment_of(task, point.used.curves[0].identity).train_rows
    if request.keep or request.rows == "training":
        identities = [curve.identity for curve in point.used.curves]
        check_conditions(request.study, spec, task, identities)
        return same_run(len(split_rows(task, train_rows=used).train), point.epoch, size)
    if fingerprint(task) != spec.fingerprint:
        rule = "the task's code or data are not what the study was made with"
        action = "Bring them back, or begin another study."
        raise SpecDiffersError("study", request.study, rule, action)
    searched = [len(split_rows(task, fold, spec.folds, used).train) for fold in range(spec.folds)]
    rows = split_rows(task)
    together = len(rows.train) + len(rows.validation)
    return whole_run(searched, together, point.epoch, size, request.updates)


def _job(
    request: FinalRequest,
    spec: StudySpec,
    task: Task,
    point: FinalPoint,
    plan: FinalPlan,
    database: Database,
    part: Path,
) -> Job:
    identities = tuple(curve.identity for curve in point.used.curves)
    checkpoints: tuple[Checkpoint, ...] = ()
    if request.keep:
        _, kept = CurveReader(spec, task, Ledger(database)).read(identities)
        checkpoints = kept if kept and kept[0].epoch <= point.epoch else ()
    if plan.whole is not None:
        identities = (_of_this_machine(identities[0], spec),)
    order = ModelOrder(part.absolute(), request.exports)
    return Job(
        0,
        identities,
        plan.epochs,
        checkpoints,
        freezing=False,
        weights=point.weights,
        whole=plan.whole,
        model=order,
    )


def _of_this_machine(identity: CurveIdentity, spec: StudySpec) -> CurveIdentity:
    """Return the identity under which training and validation rows are trained on here and now."""
    return replace(identity, fold=0, folds=1, torch=torch_version(), device=arithmetic(spec.device))
