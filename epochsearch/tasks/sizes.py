"""What a `model` may name of its data: how many inputs and outputs it needs, or the data themselves."""

from __future__ import annotations

from typing import Any

from epochsearch.core.curve import CurveIdentity
from epochsearch.tasks.base import Task
from epochsearch.tasks.models import model_sizes, names_parts, names_sizes
from epochsearch.tasks.prepared import Part, data_of, preprocessing
from epochsearch.tasks.treatment import treatment_of


def sizes_for(task: Task, identity: CurveIdentity, *, final: bool = False) -> dict[str, Any] | None:
    """Return what `build_model` is to be told; None where the model names none of it, and no data are read.

    final: of training and validation rows together, whose categories may be more.

    Raises:
        TaskError: The data cannot be trained on.
    """
    if not names_sizes(task) and not names_parts(task):
        return None
    treatment = treatment_of(task, identity)
    parts = {}
    if names_parts(task):
        data = data_of(task, identity, final=final)
        parts = {"train": given_part(data.train), "validation": given_part(data.validation)}
    done = preprocessing(task, identity.fold, identity.folds, final=final, treatment=treatment)
    return {**model_sizes(done.reads, done.outputs), **parts}


def given_part(part: Part) -> Any:
    """Return a part as a learner of one's own gets it: (inputs, targets), or a Dataset of such items."""
    return part.x if part.y is None else (part.x, part.y)
