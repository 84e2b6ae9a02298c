"""How many inputs and outputs a model of a curve needs, for a `model` that names them."""

from __future__ import annotations

from typing import Any

from epochsearch.core.curve import CurveIdentity
from epochsearch.tasks.base import Task
from epochsearch.tasks.models import model_sizes, names_sizes
from epochsearch.tasks.prepared import preprocessing
from epochsearch.tasks.treatment import treatment_of


def sizes_for(task: Task, identity: CurveIdentity, *, final: bool = False) -> dict[str, Any] | None:
    """Return what `build_model` is to be told; None where the model names none of it, and no data are read.

    final: of training and validation rows together, whose categories may be more.

    Raises:
        TaskError: The data cannot be trained on.
    """
    if not names_sizes(task):
        return None
    treatment = treatment_of(task, identity)
    done = preprocessing(task, identity.fold, identity.folds, final=final, treatment=treatment)
    return model_sizes(done.reads, done.outputs)
