"""A trained model's own files: weights and what was fitted for them; the folder around it is the store's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from epochsearch.core.model import ModelFile, WrittenModel
from epochsearch.tasks.base import Task
from epochsearch.tasks.preprocessing import Preprocessing
from epochsearch.training.models.exports import write_export
from epochsearch.training.models.trained import TrainedModel
from epochsearch.training.models.vocabulary import write_vocabulary

PREPROCESSING = "preprocessing.json"


def write_model(
    model: TrainedModel,
    done: Preprocessing,
    folder: Path,
    exports: Sequence[str] = (),
    task: Task | None = None,
) -> WrittenModel:
    """Write a model and its preprocessing to a folder that is there, and return what was written.

    exports: further forms that it is wanted in, see `exports`. task: what it was trained on; where there are
    exports, its vocabulary is written too.

    Raises:
        TaskError: The weights cannot be written in a format that is safe to read, or the model not in a form.
        OSError: The folder cannot be written.
    """
    model.write(folder)
    (folder / PREPROCESSING).write_text(json.dumps(done.to_dict(), indent=1) + "\n", encoding="utf-8")
    more = [write_export(model, done, folder, form) for form in exports]
    if exports and task is not None:
        more = [*write_vocabulary(task, done, folder), *more]
    files = tuple(described(folder / name) for name in (model.weights_file, PREPROCESSING, *more))
    return WrittenModel(model.kind, model.head, model.parameters, files)


def described(file: Path) -> ModelFile:
    """Return a file's name, length and digest."""
    content = file.read_bytes()
    return ModelFile(file.name, len(content), hashlib.sha256(content).hexdigest())
