"""From settings to a recipe: the task's own techniques, what was said over them, and what is searched."""

from __future__ import annotations

import numpy as np
import pytest
from torch import nn

import epochsearch
from epochsearch.core.errors import UsageError
from epochsearch.core.patience import Patience
from epochsearch.core.settings import Settings
from epochsearch.core.spec import StudySpec
from epochsearch.search.settings.recipes import names_of
from epochsearch.search.settings.resolve import resolve_settings


class Careful(epochsearch.Task):
    """A task that clips; its model takes a hyperparameter called like a technique."""

    training = {"clip_norm": 1.0}

    def data(self):
        return np.random.default_rng(0).normal(size=(86, 3)), np.arange(86) % 2

    def model(self, l1=0.0):
        return nn.Linear(3, 2)


def spec(**said: object) -> StudySpec:
    return resolve_settings(Settings(device="cpu", **said), Careful()).spec  # type: ignore[arg-type]


def test_what_is_said_goes_over_what_the_task_says() -> None:
    """Name by name."""
    assert spec().recipe.techniques == {"clip_norm": 1.0}
    assert spec(training={"accumulate": 2}).recipe.techniques == {"accumulate": 2, "clip_norm": 1.0}
    assert spec(training={"clip_norm": 0}).recipe.techniques == {}


def test_a_technique_that_is_searched_is_no_part_of_the_recipe() -> None:
    """It stands in each point: said twice it would be stored with a value that is never in force."""
    searched = spec(axes={"clip_norm": "0.1:10:log", "optimiser": "adam,sgd(momentum=0.9)"})

    assert searched.recipe.techniques == {}
    assert names_of(searched, "optimiser") == ("adam", "sgd")
    assert names_of(searched, "schedule") == ("constant",)


def test_a_hyperparameter_that_the_model_names_is_the_models() -> None:
    """Here l1 may be what no technique could be."""
    assert spec(axes={"l1": "-5:5"}).recipe.techniques == {"clip_norm": 1.0}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"training": {"clip_norm": -1}}, "clip_norm must be a number, at least 0"),
        ({"axes": {"label_smoothing": "0:2"}}, "--param label_smoothing 2: label_smoothing must be a number"),
        ({"axes": {"optimiser": "adam,adm"}}, "there is no such optimiser. Did you mean 'adam'"),
        ({"axes": {"schedule": "step(evry=1)"}}, "step has no such option"),
    ],
)
def test_a_value_that_may_not_be_is_refused_before_training(said: dict[str, object], message: str) -> None:
    """Both ends of a range and every choice of a list are looked at."""
    with pytest.raises(UsageError, match=message):
        spec(**said)


def test_reading_the_averaged_weights_makes_the_curves_average_over_an_epoch() -> None:
    """Unless another horizon was asked for, or it is searched."""
    assert spec(weights="average").recipe.techniques == {"average": 1.0, "clip_norm": 1.0}
    assert spec(weights="better", training={"average": 3}).recipe.average == 3.0
    assert spec(weights="better", axes={"average": "1:3"}).recipe.average == 0.0
    assert spec(weights="better").measure.weights == "better"


def test_patience_reads_the_lowest_loss_unless_the_last_is_asked_for() -> None:
    """Early stopping delivers the best weights that it saw."""
    assert spec(patience=3).objective == "best"
    assert spec(patience=3, objective="final").objective == "final"
    assert spec(patience=3, min_delta=0.01).patience == Patience(3, 0.01)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            {"weights": "averaged"},
            r"--weights averaged: must be raw, average or better. Did you mean 'average'",
        ),
        ({"min_delta": 0.1}, r"--min-delta 0.1: .*Add --patience N."),
        ({"patience": 0}, "--patience 0: must be at least 1"),
    ],
)
def test_a_reading_that_may_not_be_is_refused(said: dict[str, object], message: str) -> None:
    """In four parts."""
    with pytest.raises(UsageError, match=message):
        spec(**said)
