"""What to do about a diagnosis is a command whose words are options that exist."""

from __future__ import annotations

import shlex
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import typer

from epochsearch.analysis.diagnosis import diagnose
from epochsearch.analysis.findings import Diagnosis, Reason, Verdict
from epochsearch.cli.app import app
from epochsearch.core.choice import Choice
from epochsearch.core.point import Configuration, Point
from epochsearch.core.recipe import Recipe
from epochsearch.search.answers.advice import advice
from tests.unit.cli.fakes import SPEC

POINT = Point(20, Configuration(0.001, 32, (("act", "relu, or none"), ("dropout", 0.1))))
KNOWN: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
CURVE = diagnose([1 / e for e in range(1, 21)], [1 / e + 0.01 for e in range(1, 21)])


def found(reason: Reason) -> Diagnosis:
    return replace(CURVE, reason=reason, verdict=Verdict.NOT_YET_DECIDED)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_command_of_known_options(reason: Reason) -> None:
    """Each word beginning with two dashes is an option of the command, and no value is left without one."""
    said = advice("s", SPEC, POINT, found(reason), ("--storage", "a b.db"))

    assert said
    for one in said:
        words = shlex.split(one.command)
        options = {name for parameter in KNOWN[words[1]].params for name in parameter.opts}
        assert words[0] == "epochsearch"
        assert {word for word in words if word.startswith("--")} <= options
        assert words[-2:] == ["--storage", "a b.db"]
        assert one.why


def test_the_command_names_the_configuration_as_it_was_trained() -> None:
    """Every hyperparameter, and of the recipe what is not its default."""
    recipe = Recipe(
        Choice("adam", (("beta1", 0.8), ("beta2", 0.999))), Choice("step", (("every", 5),)), clip_norm=1.0
    )
    spec = replace(SPEC, recipe=recipe, training_seed=4, folds=3)

    words = shlex.split(advice("s", spec, POINT, found(Reason.TOO_SHORT))[0].command)

    said = list(pairwise(words))
    assert ("--epochs", "40") in said
    assert ("--learning-rate", "0.001") in said
    assert ("--param", 'act="relu, or none"') in said
    assert ("--param", "dropout=0.1") in said
    assert ("--optimiser", "adam(beta1=0.8)") in said
    assert ("--schedule", "step(every=5)") in said
    assert ("--training", "clip_norm=1.0") in said
    assert ("--folds", "3") in said
    assert ("--seed", "4") in said


def test_a_rise_is_stopped_at_the_best_epoch_or_held_down() -> None:
    """Unless the weight decay is searched already."""
    searched = replace(POINT, configuration=Configuration(0.001, 32, (("weight_decay", 0.1),)))

    assert "--epochs 20 " in advice("s", SPEC, POINT, found(Reason.ROSE))[0].command
    assert "weight_decay=" in advice("s", SPEC, POINT, found(Reason.ROSE))[1].command
    assert len(advice("s", SPEC, searched, found(Reason.ROSE))) == 1


def test_of_a_recorded_table_only_the_best_points_can_be_looked_at() -> None:
    """There is nothing to train."""
    spec = replace(SPEC, task="table:a.csv")

    assert [one.command for one in advice("s", spec, POINT, found(Reason.FALLING))] == ["epochsearch show s"]
