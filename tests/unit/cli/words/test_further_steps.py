"""The commands after a recommendation can be typed."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from epochsearch.analysis.edges import Edge
from epochsearch.cli.words.further_steps import (
    longer_training,
    recommend_command,
    train_command,
    wider_search,
)
from epochsearch.core.choice import Choice
from epochsearch.core.recipe import Recipe
from epochsearch.core.space import parse_space
from tests.unit.cli.fakes import SPEC

TYPED = ["epochsearch", "recommend", "s", "--storage", "a.db"]
AXES = "--epochs 5:50 --learning-rate 1e-05:0.1 --batch-size 16,32,64"


def test_a_race_is_one_command() -> None:
    """With the storage that was named."""
    assert (
        recommend_command(TYPED, "a b", confirm=5) == "epochsearch recommend 'a b' --confirm 5 --storage a.db"
    )
    assert recommend_command(["epochsearch"], "s") == "epochsearch recommend s"
    assert train_command(TYPED, "s") == "epochsearch train s --storage a.db"


@pytest.mark.parametrize(
    ("edge", "was", "now"),
    [
        (Edge("learning_rate", 0.09, "high", 0.1), "1e-05:0.1", "1e-05:1.0"),
        (Edge("learning_rate", 1e-5, "low", 1e-5), "1e-05:0.1", "1e-06:0.1"),
        (Edge("batch_size", 64, "high", 64), "16,32,64", "16,32,64,128"),
        (Edge("batch_size", 16, "low", 16), "16,32,64", "8,16,32,64"),
        (Edge("epochs", 5, "low", 5), "5:50", "2:50"),
    ],
)
def test_a_wider_search_goes_on_at_the_end_that_was_reached(edge: Edge, was: str, now: str) -> None:
    """The other axes stay as they were, and so does what is not the tool's default."""
    spec = replace(SPEC, folds=5, sampler=Choice("random"))

    command = wider_search(["epochsearch"], spec, [edge])

    expected = f"epochsearch run digits {AXES} --sampler random --folds 5".replace(was, now)
    assert command == expected


def test_a_wider_search_keeps_the_training_as_it_was() -> None:
    """Optimiser, schedule and techniques decide what the curves are."""
    recipe = Recipe(Choice("sgd"), Choice("step"), clip_norm=1.0)
    spec = replace(SPEC, recipe=recipe, space=parse_space({**SPEC.space.written(), "dropout": "0.0:0.5"}))

    words = shlex.split(wider_search(TYPED, spec, [Edge("batch_size", 16, "low", 16)]) or "")

    assert words[words.index("--param") + 1] == "dropout=0.0:0.5"
    assert words[-8:] == [
        "--optimiser", "sgd", "--schedule", "step", "--training", "clip_norm=1.0", "--storage", "a.db",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "edge",
    [
        Edge("epochs", 50, "high", 50),  # that is what extend is for
        Edge("epochs", 30, "high", 30, curve=True),
        Edge("dropout", 0.5, "high", 0.5),  # who knows what lies beyond
        Edge("batch_size", 1, "low", 1),  # nothing does
    ],
)
def test_where_there_is_nothing_wider_no_command_is_made_up(edge: Edge) -> None:
    """Extras have limits of their own."""
    space = parse_space({**SPEC.space.written(), "batch_size": "1,2", "dropout": "0.0:0.5"})

    assert wider_search(TYPED, replace(SPEC, space=space), [edge]) is None


def test_a_curve_that_ends_too_early_is_carried_on() -> None:
    """Whether the range or only the curve ended there; not where all of it looks at the length."""
    wsd = replace(SPEC, recipe=Recipe(Choice("adam"), Choice("wsd", (("cooldown", 0.2), ("warmup", 0)))))
    late = [Edge("epochs", 30, "high", 30, curve=True)]

    for spec in (SPEC, wsd):
        assert longer_training(TYPED, "s", spec, late) == "epochsearch extend s --storage a.db"
    assert longer_training(TYPED, "s", SPEC, [Edge("epochs", 5, "low", 5)]) is None
    assert (
        longer_training(TYPED, "s", replace(SPEC, recipe=Recipe(Choice("adam"), Choice("cosine"))), late)
        is None
    )
    assert longer_training(TYPED, "s", replace(SPEC, task="table:a.csv"), late) is None
