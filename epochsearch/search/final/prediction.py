"""`predict` as a service: a model folder and a file of new rows become named columns of answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from epochsearch.core.errors import NotFoundError, SpecDiffersError, StorageError
from epochsearch.core.model import ModelRecord
from epochsearch.engines.inline import limit_threads
from epochsearch.store.model_folder import read_record
from epochsearch.tasks.base import Task
from epochsearch.tasks.fingerprint import code_fingerprint
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.new_rows import read_rows


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model says of some rows."""

    record: ModelRecord
    rows: int
    columns: Mapping[str, Sequence[Any]]  # name -> one text or number a row


def predict(
    folder: Path,
    file: Path,
    leave_out: Sequence[str] = (),
    header: bool | None = None,
    task: str | None = None,
) -> Answered:
    """Return the answers of the model in `folder` for the rows of `file`.

    leave_out, header: see `read_rows`; task: the reference of the model's task, if it lies elsewhere now.

    Raises:
        NotFoundError: There is no such model, task or file.
        SpecDiffersError: The task's code is not what the model was trained with.
        StorageError: The model is damaged.
        UsageError: The rows are not what the model reads.
        TaskError: The task cannot build the model.
    """
    record = read_record(folder)
    builder = _task(record, folder, task)
    from epochsearch.training.models.reading import read_model, read_preprocessing

    x = read_rows(file, read_preprocessing(folder), leave_out, header)
    limit_threads(record.identity.threads)
    try:
        predictor = read_model(builder, record.identity, record.written.head, folder)
    except OSError as error:
        rule = f"it cannot be read ({error.strerror or error})"
        raise StorageError("MODEL", str(folder), rule, "Make its files readable.") from error
    columns = {name: column.tolist() for name, column in predictor.predict(x).items()}
    return Answered(record, len(x), columns)


def _task(record: ModelRecord, folder: Path, given: str | None) -> Task:
    reference = given or record.task
    try:
        task = load_task(reference)
    except NotFoundError as error:
        if given:
            raise
        rule = f"the code that builds it, {reference}, is not there"
        raise NotFoundError("MODEL", str(folder), rule, "Say where it is: --task FILE.py:Name") from error
    if code_fingerprint(task) != record.code:
        rule = f"the code of {reference} is not what it was trained with"
        action = "Bring that code back, or say where it is: --task FILE.py:Name"
        raise SpecDiffersError("MODEL", str(folder), rule, action)
    return task
