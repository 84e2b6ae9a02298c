"""A staged search's budgets: shares become whole numbers, what cannot be meant is refused."""

from __future__ import annotations

import pytest

from epochsearch.core.choice import Choice, parse_choice, resolve
from epochsearch.core.errors import UsageError
from epochsearch.core.space import Space, parse_space
from epochsearch.core.stages import STAGED
from epochsearch.search.staged.settings import STRATEGIES, staged

AXES = {"epochs": "5:50", "learning_rate": "1e-4:0.1", "batch_size": "16,32,128"}
WHERE = {"sampler": "--strategy"}


def made(options: str = "", rows: int = 1000, **axes: str) -> tuple[Choice, Space]:
    sampler = resolve(parse_choice(f"staged({options})", "--strategy"), STRATEGIES, "--strategy")
    return staged(sampler, parse_space(AXES | axes), Choice("constant"), rows, WHERE)


def test_shares_become_rows_and_epochs() -> None:
    """What is stored says how many rows and epochs each stage has; all rows are 0."""
    sampler, space = made()

    options = sampler.values
    assert [options[f"{name}_rows"] for name in ("explore", "carry", "refine", "schedules")] == [
        250,
        500,
        0,
        0,
    ]
    assert [options[f"{name}_epochs"] for name in ("explore", "carry", "refine", "schedules")] == [
        10,
        25,
        50,
        50,
    ]
    assert str(dict(space.extras)["train_rows"]) == "250,500,0"
    assert resolve(sampler, STRATEGIES, "sampler").name == STAGED


def test_a_stored_sampler_asks_for_the_same_again() -> None:
    """Its own text, typed in, is the same study."""
    first, space = made("explore=9, explore_rows=200, carry_epochs=30, tried='step(every=5)+wsd'")

    again, same = made(str(first).removeprefix("staged(").removesuffix(")"))

    assert again == first
    assert same == space


def test_few_rows_hold_the_largest_batch_and_few_epochs_the_fewest() -> None:
    """A quarter of 100 rows would be less than a batch."""
    sampler, _ = made(rows=200, epochs="20:50")

    assert (sampler.values["explore_rows"], sampler.values["explore_epochs"]) == (128, 20)


def test_epochs_that_are_listed_are_read_off_in_between_too() -> None:
    """A curve's best epoch need not be one of a list."""
    _, space = made(epochs="10,50")

    assert str(space.epochs) == "10:50"


def test_schedules_are_tried_once_each_and_written_whole() -> None:
    """The one of all stages stands first."""
    _, space = made("tried=cosine+constant+cosine")
    _, none = made("schedules=0")

    assert str(dict(space.extras)["schedule"]) == 'constant,"cosine(floor=0.0, warmup=0)"'
    assert str(dict(none.extras)["schedule"]) == "constant"


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ("explore=0", "explore must be at least 1 trial"),
        ("explore=4, carry=5", "carry no more of them"),
        ("refine=-1", "refine must be 0 or more trials"),
        ("explore_rows=-0.5", "rows must be a share up to 1"),
        ("explore_rows=64", "rows must hold the largest batch (128)"),
        ("carry_epochs=60", "a whole number up to 50"),
        ("carry_epochs=7.5", "a whole number up to 50"),
        ("tried=cosin", "there is no such schedule. Did you mean 'cosine'"),
    ],
)
def test_budgets_that_cannot_be_are_refused(options: str, rule: str) -> None:
    """In four parts, before anything is stored."""
    with pytest.raises(UsageError) as error:
        made(options)

    assert rule in error.value.message
    assert error.value.message.startswith("--strategy")


@pytest.mark.parametrize("name", ["train_rows", "schedule"])
def test_what_the_stages_vary_cannot_be_searched_besides(name: str) -> None:
    """Each stage says it."""
    with pytest.raises(UsageError, match="a staged search varies this itself"):
        made(**{name: "1,2"})
