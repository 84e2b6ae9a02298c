"""What `epochsearch tasks` says of a built-in task is what the task is."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from epochsearch.tasks.detections import true_boxes
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.raw import raw_data
from epochsearch.tasks.registry import ENTRIES
from tests.contract.subjects import identity

CARRIED = [name for name, entry in ENTRIES.items() if not entry.origin.data_set]


@pytest.mark.parametrize("name", CARRIED)
def test_the_figures_of_an_entry_are_those_of_the_task(name: str) -> None:
    """Rows, the shape of an example, classes and trained weights."""
    entry, task = ENTRIES[name], load_task(name)
    raw = raw_data(task)

    assert (raw.rows, raw.inputs) == (entry.rows, entry.inputs)
    if entry.boxes:
        assert entry.classes == len(np.unique(true_boxes(raw.y).classes))
    else:
        assert entry.classes == (None if raw.target == "values" else max(2, raw.outputs))


@pytest.mark.parametrize("name", ENTRIES)
def test_the_trained_weights_of_an_entry_are_those_of_the_model(name: str) -> None:
    """Whether its data are here or not; scikit-learn's estimators have none before they are fitted."""
    model = built(load_task(name))

    if isinstance(model, torch.nn.Module):
        assert sum(weight.numel() for weight in model.parameters()) == ENTRIES[name].weights


def built(task: object) -> object:
    """Return the task's model with the defaults of its own hyperparameters."""
    from epochsearch.tasks.models import build_model

    return build_model(task, identity(task))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_says_source_licence_and_cost(name: str) -> None:
    """Nobody has to look a licence up before using a task."""
    entry = ENTRIES[name]

    assert entry.origin.source
    assert entry.origin.licence
    assert entry.seconds > 0
    assert entry.shape in entry.description
