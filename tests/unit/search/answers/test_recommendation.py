"""From the curves of a study to its candidates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from epochsearch.core.curve import CurveIdentity
from epochsearch.core.point import Configuration, Point
from epochsearch.core.space import parse_space
from epochsearch.core.trial import Cost, Outcome, TrialRecord
from epochsearch.search.answers.recommendation import study_candidates
from epochsearch.store.replicates import Replicate, TriedConfiguration
from tests.unit.store.records import IDENTITY, SPEC

FALLING = (5.0, 4.0, 3.0, 3.5, 3.6, 3.7)


def tried(
    *replicates: Replicate,
    done: int = 6,
    length: int | None = None,
    configuration: Configuration | None = None,
) -> TriedConfiguration:
    identity: CurveIdentity = replace(IDENTITY, length=length)
    if configuration is not None:
        identity = replace(identity, configuration=configuration)
    point = Point(done, identity.configuration)
    trial = TrialRecord(3, Outcome.COMPLETED, point, 1.0, 0, Cost(done), done)
    return TriedConfiguration(identity, (trial,), replicates)


def curve(
    seed: int = 0, losses: tuple[float, ...] = FALLING, fold: int = 0, seconds: float = 1.0
) -> Replicate:
    return Replicate(seed, fold, losses, (seconds,) * len(losses))


def test_a_curve_counts_as_far_as_a_trial_went() -> None:
    """What another study trained beyond is not this one's."""
    (found,) = study_candidates(SPEC, [tried(curve(), done=4)])

    assert found.own.tolist() == [list(FALLING[:4])]
    assert found.answers == (1, 2, 3, 4)
    assert found.trial == 3


@pytest.mark.parametrize(("epochs", "first"), [("3:50", 3), ("5,50", 1), ("6", 1)])
def test_it_answers_for_every_epoch_from_the_low_end_of_a_range(epochs: str, first: int) -> None:
    """A list names what was tried, not what may be chosen."""
    spec = replace(SPEC, space=parse_space({**SPEC.space.written(), "epochs": epochs}))

    (found,) = study_candidates(spec, [tried(curve())])

    assert found.answers == tuple(range(first, 7))


@pytest.mark.parametrize(("length", "answers"), [(6, (6,)), (9, ())])
def test_a_curve_bound_to_its_length_answers_for_its_end_alone(length: int, answers: tuple[int, ...]) -> None:
    """And for nothing if it did not get there."""
    (found,) = study_candidates(SPEC, [tried(curve(), length=length)])

    assert found.answers == answers
    assert found.bound


def test_fresh_curves_must_reach_the_best_epoch() -> None:
    """One that was cut before it says nothing of the point."""
    (found,) = study_candidates(
        SPEC,
        [tried(curve(), curve(4, (5.1, 4.1, 3.1)), curve(5, (5.2, 4.2)), curve(6, (*FALLING[:5], 9.0, 9.0)))],
    )

    assert {seed: losses.shape[1] for seed, losses in found.fresh.items()} == {4: 3, 6: 6}


def test_a_fresh_curve_that_diverged_counts_as_infinite() -> None:
    """It ended there, but it says something."""
    (found,) = study_candidates(SPEC, [tried(curve(), curve(4, (5.0, float("inf"))))])

    assert found.fresh[4].tolist() == [[5.0] + [float("inf")] * 5]


def test_copies_are_no_further_evidence() -> None:
    """A recorded table lends its curves to many seeds."""
    other = tuple(loss + 1 for loss in FALLING)

    (found,) = study_candidates(SPEC, [tried(curve(), curve(1), curve(2, other), curve(3, other))])

    assert list(found.fresh) == [2]


def test_all_folds_must_be_there() -> None:
    """A seed with one of two folds is left out; without the study's own there is no candidate."""
    spec = replace(SPEC, folds=2)
    whole = [curve(), curve(fold=1, losses=FALLING[:5])]

    (found,) = study_candidates(spec, [tried(*whole, curve(4))])

    assert found.own.shape == (2, 5)
    assert dict(found.fresh) == {}
    assert study_candidates(spec, [tried(curve())]) == []


def test_the_time_of_an_epoch_is_the_median_of_its_batch_size() -> None:
    """Single times are noisy, and the learning rate does not matter."""
    at = [Configuration(rate, size) for rate, size in ((0.1, 16), (0.2, 16), (0.1, 32))]
    seconds = (1.0, 3.0, 0.5)

    found = study_candidates(
        SPEC, [tried(curve(seconds=s), configuration=c) for s, c in zip(seconds, at, strict=True)]
    )

    assert [one.seconds for one in found] == [2.0, 2.0, 0.5]
