"""The chain of scales: it learns from the points, and is the same for the same seed and steps."""

import numpy as np

from epochsearch.search.freeze_thaw.process import Points
from epochsearch.search.freeze_thaw.scales import Chain

COLUMNS = np.zeros(1, dtype=np.intp)


def curves(crossing: bool) -> Points:
    """Twelve curves of two epochs whose order at the end is that of the beginning, or the reverse."""
    places = np.linspace(0, 3, 12)[:, None]
    ends = 0.5 * np.sin(2 * places[:, 0])
    begins = -ends if crossing else ends
    values = np.stack([begins, ends - 1.0], axis=1).ravel()
    return Points(places, np.repeat(np.arange(12), 2), np.tile([1.0, 32.0], 12), values, 32)


def chain(crossing: bool, seed: int = 0) -> Chain:
    made = Chain(COLUMNS, 1, seed)
    made.move(curves(crossing), step=6, times=300)
    return made


def test_early_losses_count_for_little_where_curves_cross():
    """The change between beginning and end is learnt to be large there, small where curves stay in order."""
    crossing, parallel = chain(crossing=True).scales, chain(crossing=False).scales

    assert crossing.change > 2 * parallel.change


def test_the_same_seed_and_step_give_the_same_scales():
    """Another seed gives others."""
    first, again, other = chain(True).scales, chain(True).scales, chain(True, seed=1).scales

    assert first.change == again.change
    assert list(first.lengths) == list(again.lengths)
    assert first.change != other.change


def test_forecasts_rest_on_a_few_scales_far_apart_those_of_now_among_them():
    """Of fifty decisions four count: the last one, and others up to forty before it; of one decision that."""
    made, points, stood = Chain(COLUMNS, 1, 0), curves(False), []
    for step in range(50):
        made.move(points, step, times=4)
        stood.append(made.posterior(points).log_likelihood)
        if step == 0:
            assert [one.log_likelihood for one in made.recent_posteriors(points)] == stood

    drawn = [one.log_likelihood for one in made.recent_posteriors(points)]

    assert drawn == [stood[10], stood[23], stood[36], stood[49]]
