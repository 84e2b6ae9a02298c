"""Samplers and pruners are made of resolved choices; what Optuna refuses is told as a user's mistake."""

from __future__ import annotations

import pytest

from epochsearch.core.choice import parse_choice, resolve
from epochsearch.core.errors import UsageError
from epochsearch.core.space import parse_space
from epochsearch.search.proposing.pruners import PRUNERS, make_pruner, pruner_defaults
from epochsearch.search.proposing.samplers import SAMPLERS, make_sampler

SPACE = parse_space({"epochs": "5:50", "learning_rate": "1e-5:1e-1", "batch_size": "16,32"})


@pytest.mark.filterwarnings("error::optuna.exceptions.ExperimentalWarning")
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_is_made_of_its_defaults(sampler: str) -> None:
    """A name alone is enough, and whoever gives it is not told that Optuna calls it experimental."""
    choice = resolve(parse_choice(sampler, ""), SAMPLERS, "--sampler")

    assert make_sampler(choice, SPACE, study_seed=0, number=0)


@pytest.mark.filterwarnings("error::optuna.exceptions.ExperimentalWarning")
@pytest.mark.parametrize("pruner", PRUNERS)
def test_every_pruner_is_made_of_its_defaults(pruner: str) -> None:
    """A name alone is enough where the loss of a constant prediction is known; no warning comes of it."""
    choice = resolve(parse_choice(pruner, ""), pruner_defaults(SPACE, 2.3), "--pruner")

    assert make_pruner(choice)


def test_a_sampler_option_that_optuna_does_not_take_is_told() -> None:
    """The message names the choice and Optuna's own rule."""
    choice = resolve(parse_choice("qmc(qmc_type=sobel)", ""), SAMPLERS, "--sampler")

    with pytest.raises(UsageError, match=r"^--sampler qmc\(qmc_type=sobel, scramble=true\): .* `sobol`"):
        make_sampler(choice, SPACE, study_seed=0, number=0)


@pytest.mark.parametrize(
    "text", ["threshold(lower=low)", "threshold", "asha(min_resource=0)", "patient(wrapped=asha)"]
)
def test_a_pruner_option_that_optuna_does_not_take_is_told(text: str) -> None:
    """Wrong types, missing bounds and numbers out of range are mistakes of the user, not of the program."""
    choice = resolve(parse_choice(text, ""), pruner_defaults(SPACE, None), "--pruner")

    with pytest.raises(UsageError, match=r"^--pruner .*Correct the options"):
        make_pruner(choice)
