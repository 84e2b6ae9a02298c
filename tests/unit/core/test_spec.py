"""What a study is asked to do, as it is stored and compared."""

from __future__ import annotations

import dataclasses
import json

import pytest

from epochsearch.core.choice import Choice, parse_choice
from epochsearch.core.measure import Measure
from epochsearch.core.recipe import OPTIMISERS, SCHEDULES, Recipe
from epochsearch.core.space import parse_space
from epochsearch.core.spec import StudySpec, differences

SPACE = {"epochs": "5:50", "learning_rate": "1e-5:1e-1", "batch_size": "16,32", "act": "'1',relu"}


def spec(**changes: object) -> StudySpec:
    whole = StudySpec(
        task="digits",
        fingerprint="f" * 64,
        space=parse_space(SPACE),
        sampler=parse_choice("tpe(multivariate=true)", ""),
        pruner=parse_choice("threshold(upper=none, lower=0.5)", ""),
        objective="final",
        recipe=Recipe(parse_choice("adam(eps=1e-08)", ""), Choice("constant")),
        seed=0,
        training_seed=0,
        folds=1,
        device="cpu",
        threads=1,
    )
    return dataclasses.replace(whole, **changes)  # type: ignore[arg-type]


def test_a_spec_is_read_back_from_its_json() -> None:
    """What `to_dict` writes is plain JSON, and `from_dict` makes the same spec of it."""
    stored = json.loads(json.dumps(spec().to_dict()))

    assert StudySpec.from_dict(stored) == spec()


def test_what_is_optimised_and_computed_is_part_of_a_spec() -> None:
    """A metric with its direction, and the metrics asked for, come back from JSON and tell specs apart."""
    asked = spec(measure=Measure("accuracy", maximise=True), metrics=("accuracy", "f1_macro"))

    assert StudySpec.from_dict(json.loads(asked.canonical)) == asked
    assert differences(spec(), asked) == (
        ("maximise", "false", "true"),
        ("metrics", "default", "accuracy,f1_macro"),
        ("optimise", "loss", "accuracy"),
    )


def test_a_spec_that_was_stored_before_keys_were_added_is_the_same_one() -> None:
    """Its text has none of them; read back it equals a spec that asks for nothing of the kind."""
    old = json.loads(spec().canonical)

    assert not old.keys() & {"optimise", "maximise", "metrics"}
    assert StudySpec.from_dict(old) == spec()


def test_equal_specs_have_one_canonical_text() -> None:
    """The order in which further axes and options were given does not count."""
    turned = parse_space(dict(reversed(SPACE.items())))

    assert spec(space=turned).canonical == spec().canonical


def test_the_differences_of_two_specs_name_their_keys() -> None:
    """Nested keys are dotted, an axis that one of them lacks is a dash, equal keys are left out."""
    space = parse_space({"epochs": "5:60", "learning_rate": "1e-5:1e-1", "batch_size": "16,32", "wd": "0.1"})
    other = spec(space=space, seed=3, sampler=Choice("random"))

    assert differences(spec(), other) == (
        ("sampler", "tpe(multivariate=true)", "random"),
        ("seed", "0", "3"),
        ("space.act", '"1",relu', "-"),
        ("space.epochs", "5:50", "5:60"),
        ("space.wd", "-", "0.1"),
    )
    assert differences(spec(), spec()) == ()


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_only_a_schedule_that_looks_at_the_planned_length_is_bound_to_it(schedule: str) -> None:
    """Cosine and the cool-down are; schedules in absolute epochs keep the prefix law."""
    recipe = Recipe(Choice("adam"), Choice(schedule))

    assert recipe.length_bound == (schedule in ("cosine", "wsd"))


def test_a_recipe_has_optimisers_and_schedules_whose_options_can_be_written() -> None:
    """Every default is read back as it is from the text that is stored with a study."""
    tables = [*OPTIMISERS.items(), *SCHEDULES.items()]
    choices = [Choice(name, tuple(options.items())) for name, options in tables]

    assert [parse_choice(str(choice), "") for choice in choices] == choices
