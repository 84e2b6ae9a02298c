"""Whatever a sampler proposes lies in the space, and a search that goes on is proposed the same again."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epochsearch.core.choice import Choice, resolve
from epochsearch.core.recipe import Recipe
from epochsearch.core.space import Space
from epochsearch.core.spec import StudySpec
from epochsearch.core.trial import Outcome
from epochsearch.search.proposing.proposals import Proposal, Proposals
from epochsearch.search.proposing.samplers import SAMPLERS
from tests.property.spaces import spaces

EARLY = {"tpe": {"n_startup_trials": 2}, "gp": {"n_startup_trials": 2}}
"""Options that make a sampler's model propose within a few trials."""
SLOW = {"gp": 3, "cmaes": 20}
"""Spaces tried for a sampler that fits a model at every proposal."""
TRIALS = 6
ENDS = st.lists(
    st.tuples(st.sampled_from([Outcome.COMPLETED, *Outcome]), st.floats(-1e3, 1e3)),
    min_size=TRIALS,
    max_size=TRIALS,
)


def proposals(sampler: str, space: Space, seed: int) -> Proposals:
    choice = resolve(Choice(sampler, tuple(EARLY.get(sampler, {}).items())), SAMPLERS, "--sampler")
    recipe = Recipe(Choice("adam"), Choice("constant"))
    spec = StudySpec("t", "f", space, choice, Choice("none"), "final", recipe, seed, seed, 1, "cpu", 1)
    return Proposals("study", spec, [], {})


def proposed(sampler: str, space: Space, seed: int, ends: list[tuple[Outcome, float]]) -> list[Proposal]:
    """Return what is proposed while trials end as told; interrupted ones stay open."""
    source, asked = proposals(sampler, space, seed), []
    for outcome, value in ends:
        if source.exhausted:
            break
        proposal = source.ask()
        proposal.trial.report(value, 1)
        source.tell(proposal, outcome, value)
        asked.append(proposal)
    return asked


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_proposal_lies_in_the_space(sampler: str) -> None:
    """Ranges, steps, lists and further axes of every kind, however the trials before ended."""

    @settings(max_examples=SLOW.get(sampler, 40), suppress_health_check=[HealthCheck.too_slow])
    @given(spaces(), st.integers(0, 2**31), ENDS)
    def holds(space: Space, seed: int, ends: list[tuple[Outcome, float]]) -> None:
        asked = proposed(sampler, space, seed, ends)

        assert asked
        for proposal in asked:
            assert space.contains(proposal.point), f"{proposal.point} is not in {space.written()}"

    holds()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_same_seed_proposes_the_same_points(sampler: str) -> None:
    """A proposal depends on the study's seed and the trials before it, on nothing else."""

    @settings(
        max_examples=SLOW.get(sampler, 40) // 4 + 1,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(spaces(), st.integers(0, 2**31), ENDS)
    def holds(space: Space, seed: int, ends: list[tuple[Outcome, float]]) -> None:
        once = [proposal.point for proposal in proposed(sampler, space, seed, ends)]
        again = [proposal.point for proposal in proposed(sampler, space, seed, ends)]

        assert once == again

    holds()


@settings(max_examples=30)
@given(spaces(), st.integers(0, 2**31))
def test_a_grid_visits_no_cell_twice_and_ends(space: Space, seed: int) -> None:
    """All cells are proposed once each, however the trials before them ended."""
    source, seen = proposals("grid", space, seed), set()

    while not source.exhausted and len(seen) < 40:
        proposal = source.ask()
        source.tell(proposal, Outcome.FAILED, None)
        assert proposal.point not in seen
        seen.add(proposal.point)

    assert seen
