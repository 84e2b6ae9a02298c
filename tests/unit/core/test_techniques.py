"""What techniques of training may be, and how a recipe takes them."""

from __future__ import annotations

import dataclasses

import pytest

from epochsearch.core.choice import Choice, resolve
from epochsearch.core.errors import UsageError
from epochsearch.core.recipe import OPTIMISERS, Recipe
from epochsearch.core.techniques import TECHNIQUES, checked_technique

RECIPE = Recipe(resolve(Choice("adam"), OPTIMISERS, "optimiser"), Choice("constant"))


def test_every_technique_is_a_field_of_the_recipe_with_the_same_default() -> None:
    """The table and the record cannot drift apart."""
    fields = {field.name: field.default for field in dataclasses.fields(Recipe)}
    choices = {"optimiser", "schedule"}

    assert {name: one.default for name, one in TECHNIQUES.items()} == {
        name: default for name, default in fields.items() if name not in choices
    }
    assert all(one.checked(one.default) == one.default for one in TECHNIQUES.values())


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("clip_nrom", 1.0, r"there is no such technique of training. Did you mean 'clip_norm'\?"),
        ("clip_norm", -1.0, "clip_norm must be a number, at least 0. Leave it out for 0.0"),
        ("clip_norm", "much", "clip_norm must be a number, at least 0"),
        ("label_smoothing", 1.0, "must be a number, at least 0 and below 1"),
        ("accumulate", 2.5, "accumulate must be a whole number, at least 1"),
        ("accumulate", True, "accumulate must be a whole number, at least 1"),
        ("precision", "fp8", "precision must be float32 or bf16"),
        ("gradient_norm", 1, "gradient_norm must be true or false"),
    ],
)
def test_what_a_technique_may_not_be_is_told_with_its_rule(name: str, value: object, message: str) -> None:
    """In four parts, with the nearest name for a typing error."""
    with pytest.raises(UsageError, match=message):
        checked_technique(name, value, "--training")  # type: ignore[arg-type]


def test_searched_values_take_their_places_in_the_recipe() -> None:
    """Techniques, the optimiser, and options of that optimiser; other names are passed over."""
    searched = RECIPE.with_searched(
        {"clip_norm": 1, "optimiser": "sgd(momentum=0.5)", "weight_decay": 0.1, "width": 64}
    )

    assert searched.techniques == {"clip_norm": 1.0}
    assert searched.optimiser == Choice(
        "sgd", (("momentum", 0.5), ("nesterov", False), ("weight_decay", 0.1))
    )
    assert RECIPE.with_searched({}) == RECIPE
