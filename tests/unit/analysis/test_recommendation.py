"""Which point is recommended, on one training of each, on folds and on fresh seeds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from epochsearch.analysis.candidates import Candidate
from epochsearch.analysis.edges import Edge
from epochsearch.analysis.recommendation import Recommendation, rank, recommend
from epochsearch.analysis.rivals import corrected_difference, rivals
from epochsearch.core.point import Configuration
from epochsearch.core.space import parse_space

SPACE = parse_space({"epochs": "1:50", "learning_rate": "1e-5:1e-1", "batch_size": "16,32,64"})


def candidate(
    own: object,
    rate: float = 1e-3,
    trial: int = 0,
    seconds: float = 1.0,
    fresh: dict[int, object] | None = None,
) -> Candidate:
    losses = np.atleast_2d(np.asarray(own, dtype=float))
    seeds = {seed: np.atleast_2d(np.asarray(curve, dtype=float)) for seed, curve in (fresh or {}).items()}
    answers = tuple(range(1, losses.shape[1] + 1))
    return Candidate(Configuration(rate, 32), trial, losses, answers, seconds, seeds)


def recommendation(*candidates: Candidate, objective: str = "final") -> Recommendation:
    found = recommend(candidates, SPACE, 0, objective)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_without_noise_the_lowest_loss_is_recommended_and_no_error_is_made_up() -> None:
    """Anywhere on a curve, not only at its end."""
    found = recommendation(candidate([3, 1, 2]), candidate([2, 1.5], 1e-2, trial=1))

    assert found.point.epochs == 2
    assert found.point.learning_rate == 1e-3
    assert found.recommended == found.best
    assert (found.noise.source, found.noise.units, found.within) == ("none", 1, 1)
    assert found.recommended.standard_error is None
    assert found.best_epoch is None


def test_of_equal_losses_the_cheapest_is_recommended() -> None:
    """Fewer epochs on a curve, less time between curves."""
    slow, fast = candidate([2, 1, 1], seconds=2.0), candidate([2, 1, 1], 1e-2, trial=1, seconds=0.5)

    assert recommendation(slow).point.epochs == 2
    assert recommendation(slow, fast).recommended.seconds == pytest.approx(1.0)


def test_with_folds_the_cheapest_within_one_error_is_recommended() -> None:
    """By hand: epoch 3 is the best (mean 2); epoch 2 is 0.133 worse with an error of 0.145, epoch 1 is 1."""
    folds = [[2.0, 1.4, 1.0], [4.0, 2.9, 3.0], [3.0, 2.1, 2.0]]

    found = recommendation(candidate(folds))

    assert (found.noise.source, found.noise.folds) == ("folds", 3)
    assert (found.best.point.epochs, found.recommended.point.epochs, found.within) == (3, 2, 2)
    assert found.best.loss == pytest.approx(2.0)
    assert found.best.standard_error == pytest.approx(1 / 3**0.5)
    assert found.best_epoch is not None
    assert found.best_epoch.estimate == 3


def test_cheap_means_training_time_not_epochs() -> None:
    """Three epochs of large batches can be cheaper than two of small ones."""
    folds = np.array([[2.0, 1.0], [4.0, 3.0], [3.0, 2.0]])
    longer = np.array([[2.0, 2.0, 1.4], [4.0, 4.0, 2.9], [3.0, 3.0, 2.1]])

    found = recommendation(candidate(folds), candidate(longer, 1e-2, trial=1, seconds=0.5))

    assert found.best.seconds == pytest.approx(2.0)
    assert (found.recommended.trial, found.recommended.seconds) == (1, pytest.approx(1.5))


def test_fresh_seeds_count_instead_of_what_the_search_saw() -> None:
    """The loss by which a point was chosen flatters it: here the search's best is not the best."""
    lucky = candidate([2, 1.0], fresh={1: [3, 2.0], 2: [3, 2.2], 3: [3, 2.1]})
    solid = candidate([2, 1.1], 1e-2, trial=1, fresh={1: [3, 1.0], 2: [3, 1.2], 3: [3, 1.1]})
    never = candidate([2, 1.2], 1e-4, trial=2)

    found = recommendation(lucky, solid, never)

    assert found.best.trial == found.recommended.trial == 1
    assert found.best.loss == pytest.approx(1.1)
    assert (found.noise.source, found.noise.seeds, found.noise.configurations) == ("seeds", 3, 2)


def test_fresh_seeds_of_others_than_the_best_prove_nothing() -> None:
    """A search that went on and found a better point is not confirmed any more."""
    better = candidate([2, 0.5])
    old = candidate([2, 1.0], 1e-2, trial=1, fresh={1: [3, 1.0], 2: [3, 1.2]})

    found = recommendation(old, better)

    assert (found.noise.source, found.best.loss) == ("none", 0.5)


def test_contestants_are_compared_on_the_seeds_that_they_share() -> None:
    """One that left the race early has fewer; its mean alone would say nothing."""
    best = candidate([2, 1.0], fresh={1: [9, 8.0], 2: [9, 8.0], 3: [2, 1.0], 4: [2, 1.0]})
    left = candidate([2, 1.1], 1e-2, trial=1, seconds=0.1, fresh={3: [2, 1.5], 4: [2, 1.7]})

    found = recommendation(best, left)

    assert found.best.trial == found.recommended.trial == 0
    assert found.best.loss == pytest.approx(4.5)


def test_a_point_that_diverges_on_a_fresh_seed_is_not_recommended() -> None:
    """Its mean is infinite."""
    wild = candidate([2, 1.0], fresh={1: [2.0, 0.5], 2: [2.0, np.inf]})
    calm = candidate([2, 1.1], 1e-2, trial=1, fresh={1: [1.5, 1.2], 2: [1.5, 1.1]})

    assert recommendation(wild, calm).best.trial == 1


def test_the_objective_best_needs_no_more_epochs_than_the_minimum() -> None:
    """What early stopping would not use is not paid for."""
    found = recommendation(candidate([3, 1, 2, 4]), objective="best")

    assert (found.point.epochs, found.best.loss) == (2, 1)


def test_nothing_finite_gives_no_recommendation() -> None:
    """Every curve diverged, or there is none."""
    assert recommend([candidate([np.inf, np.inf])], SPACE, 0, "final") is None
    assert recommend([], SPACE, 0, "final") is None


def test_an_end_of_the_curve_is_told_of_the_best_point() -> None:
    """Where it is lowest; not of a curve that was made for its length."""
    falling = candidate(range(20, 0, -1))

    assert recommendation(falling).edges == (Edge("epochs", 20, "high", 20, curve=True),)
    assert recommendation(replace(falling, bound=True, answers=(20,))).edges == ()


@pytest.mark.parametrize(("folds", "t"), [(1, 2.3237900), (4, 1.5212777)])
def test_differences_of_folds_are_tested_with_their_correlation(folds: int, t: float) -> None:
    """By hand, for 1, 2, 3, 0 (mean 1.5, deviation 1.290994): over the root of 1/4, and of 1/4 + 1/3."""
    interval, p = corrected_difference(np.array([1.0, 2.0, 3.0, 0.0]), folds)

    reach = 3.182446 * 1.5 / t
    assert p == pytest.approx(2 * stats.t.sf(t, 3))
    assert (interval.low, interval.high) == pytest.approx((1.5 - reach, 1.5 + reach))


def test_rivals_are_the_configurations_at_their_best_epochs() -> None:
    """The best first; one far behind on five folds is told apart, one as good is not."""
    noise = np.array([0.0, 0.1, -0.1, 0.05, -0.05])[:, np.newaxis]
    best = candidate(np.array([[2.0, 1.0, 1.5]]) + noise)
    equal = candidate(np.array([[1.01, 1.5, 2.0]]) - noise, 1e-2, trial=1)
    worse = candidate(np.array([[3.0, 2.5, 2.0]]) + noise / 2, 1e-4, trial=2)
    ranking = rank([worse, equal, best], 0, "final")
    assert ranking is not None

    found = rivals(ranking)

    assert found is not None
    assert [one.estimate.trial for one in found] == [0, 1, 2]
    assert [one.estimate.point.epochs for one in found] == [2, 1, 3]
    assert [one.alike for one in found] == [True, True, False]
    assert found[2].difference.estimate == pytest.approx(1.0)
    assert all(one.alike is not one.difference.excludes(0.0) for one in found)


def test_without_noise_no_rival_is_named() -> None:
    """What cannot be told apart is not known."""
    ranking = rank([candidate([2, 1]), candidate([2, 1.1], 1e-2)], 0, "final")

    assert ranking is not None
    assert rivals(ranking) is None


def test_the_truly_best_is_among_those_alike() -> None:
    """Five configurations on eight seeds, the first a little better: in at least 95 % of 200 races."""
    random, kept = np.random.default_rng(0), 0
    for _ in range(200):
        seeds = random.normal(size=8)
        raced = []
        for trial in range(5):
            losses = 0.1 * (trial > 0) + seeds + random.normal(size=8)
            fresh = {seed: [loss] for seed, loss in enumerate(losses.tolist(), 1)}
            raced.append(candidate([0.0], 10.0**-trial, trial, fresh=fresh))
        found = rivals(rank(raced, 0, "final"))  # type: ignore[arg-type]
        assert found is not None
        kept += any(one.alike for one in found if one.estimate.trial == 0)

    assert kept >= 190
