"""A trained model read back: built by the task's code, given its weights, ready to answer for raw rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch

from epochsearch.core.curve import CurveIdentity
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import place
from epochsearch.tasks.models import build_model, model_sizes
from epochsearch.tasks.preprocessing import Preprocessing
from epochsearch.training.models.estimator import Estimator
from epochsearch.training.models.network import Network
from epochsearch.training.models.predictions import Columns, predictions
from epochsearch.training.models.trained import Head, TrainedModel
from epochsearch.training.models.writing import PREPROCESSING
from epochsearch.training.seeding import seed_libraries
from epochsearch.training.transformers_model import as_module


@dataclass(frozen=True, slots=True)
class Predictor:
    """A model with what is to be done to raw rows before it sees them, and to its outputs after that."""

    model: TrainedModel
    preprocessing: Preprocessing

    def predict(self, x: Array) -> Columns:
        """Return the answer for each raw row (rows, *shape), as named columns."""
        outputs = self.model.outputs(self.preprocessing.inputs(x))
        return predictions(outputs, self.model.head, self.preprocessing)


def read_preprocessing(folder: Path) -> Preprocessing:
    """Return what was fitted for the model in a folder.

    Raises:
        OSError: It cannot be read.
    """
    return Preprocessing.from_dict(json.loads((folder / PREPROCESSING).read_text(encoding="utf-8")))


def read_model(task: Task, identity: CurveIdentity, head: str, folder: Path) -> Predictor:
    """Return the model that a folder holds; the task builds it, and its data are not asked for.

    identity: of the curve that it was trained as; head: what its outputs are. Both stand in its record.

    Raises:
        TaskError: The task's model cannot be built, or the weights do not fit it.
        OSError: A file cannot be read.
    """
    done = read_preprocessing(folder)
    model = _built(task, identity, cast(Head, head), done)
    model.read(folder)
    return Predictor(model, done)


def _built(task: Task, identity: CurveIdentity, head: Head, done: Preprocessing) -> TrainedModel:
    """Return a model of the kind that was trained, with the weights of its initialisation."""
    seed_libraries(identity.seed, identity.fold, epoch=0)
    model = build_model(task, identity, model_sizes(done.reads, done.outputs))
    if hasattr(model, "partial_fit"):
        return Estimator(model, head, place(task), identity.threads)
    module = as_module(model, done.packing, place(task))
    return Network(module.to(_device(identity)), head, place(task))


def _device(identity: CurveIdentity) -> torch.device:
    """Return the kind of device that the model was trained on, where there is one here."""
    kind = identity.device.split("-")[0]
    return torch.device(kind if kind != "cuda" or torch.cuda.is_available() else "cpu")
