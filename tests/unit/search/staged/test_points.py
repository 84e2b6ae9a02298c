"""Which points a staged search tries: all in the space, and each for a reason."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from epochsearch.core.axis import Choices
from epochsearch.core.choice import Choice
from epochsearch.core.point import Point
from epochsearch.core.space import Space, parse_space
from epochsearch.core.stages import Stage
from epochsearch.search.staged.points import PARENTS, Points, Tried
from epochsearch.search.staged.settings import STRATEGIES, staged

SAMPLER = Choice("staged", tuple(STRATEGIES["staged"].items()))
STAGES = (
    Stage("explore", 0, 8, 250, 10),
    Stage("carry", 8, 4, 500, 25),
    Stage("refine", 12, 6, 0, 50),
    Stage("schedules", 18, 4, 0, 50),
)


def space(**axes: str) -> Space:
    written = {"epochs": "5:50", "learning_rate": "1e-4:0.1", "batch_size": "16,32,64,128"} | axes
    return staged(SAMPLER, parse_space(written), Choice("constant"), 1000, {"sampler": ""})[1]


def points(found: Space, seed: int = 0) -> Points:
    axis = found.axes["schedule"]
    assert isinstance(axis, Choices)
    return Points(found, STAGES, seed, axis.values)


def walked(found: Space, seed: int = 0, lost: frozenset[int] = frozenset()) -> list[Point]:
    """Return the points of all stages, values falling from trial to trial; those of `lost` have none."""
    tried: list[Tried] = []
    proposed = []
    for stage in STAGES:
        for number in stage.numbers:
            point = points(found, seed).next(stage, number, tried)
            proposed.append(point)
            if number not in lost:
                tried.append(Tried(number, point, 1.0 / (number + 1)))
    return proposed


@given(
    seed=st.integers(0, 2**32 - 1),
    lost=st.frozensets(st.integers(0, 21)),
    dropout=st.sampled_from(["0.0:0.5", "0.1,0.3", "1:9", "relu,tanh"]),
)
def test_every_point_is_in_the_space(seed: int, lost: frozenset[int], dropout: str) -> None:
    """Whatever became of the trials before it, and whatever is searched besides."""
    found = space(dropout=dropout)

    proposed = walked(found, seed, lost)

    assert all(found.contains(point) for point in proposed)
    most = [stage.epochs for stage in STAGES for _ in stage.numbers]
    assert [point.epochs for point in proposed[:18]] == most[:18]


def test_exploring_covers_each_axis_evenly() -> None:
    """Eight trials: one in each eighth of the learning rates, two of each batch size."""
    explored = walked(space())[:8]

    rates = sorted(point.learning_rate for point in explored)
    assert all(1e-4 * 1000 ** (i / 8) <= rate <= 1e-4 * 1000 ** ((i + 1) / 8) for i, rate in enumerate(rates))
    assert sorted(point.batch_size for point in explored) == [16, 16, 32, 32, 64, 64, 128, 128]


def test_the_best_are_carried_on_and_refined_as_they_are_first() -> None:
    """Values fall with the number: the last ones are the best."""
    proposed = walked(space())

    assert [p.learning_rate for p in proposed[8:12]] == [p.learning_rate for p in proposed[7:3:-1]]
    assert [p.learning_rate for p in proposed[12:15]] == [p.learning_rate for p in proposed[11:8:-1]]


def test_refined_points_lie_near_one_of_the_best() -> None:
    """Within an eighth of the three decades, and at most one batch size away."""
    proposed = walked(space())
    sizes = [16, 32, 64, 128]

    for number in range(12 + PARENTS, 18):
        parents = proposed[12:number]
        assert any(
            1000 ** (-1 / 8) <= proposed[number].learning_rate / parent.learning_rate <= 1000 ** (1 / 8)
            and abs(sizes.index(proposed[number].batch_size) - sizes.index(parent.batch_size)) <= 1
            for parent in parents
        )


def test_a_refined_point_depends_on_the_trials_and_the_seed_alone() -> None:
    """Two searches, or one that was killed, propose the same."""
    assert walked(space(), seed=3) == walked(space(), seed=3)
    assert walked(space(), seed=3)[14:] != walked(space(), seed=4)[14:]


def test_schedules_are_tried_on_the_best_first() -> None:
    """Two schedules on each of the best two."""
    proposed = walked(space())

    last = [(p.learning_rate, str(p.parameters["schedule"]).partition("(")[0]) for p in proposed[18:]]
    best = proposed[17].learning_rate, proposed[16].learning_rate
    assert last == [(best[0], "cosine"), (best[0], "wsd"), (best[1], "cosine"), (best[1], "wsd")]


def test_a_schedule_that_comes_down_gets_twice_the_epochs_of_the_best() -> None:
    """As far as there are so many; a schedule that does not look at the length goes on as long as any."""
    found = space()
    parent = walked(found)[17]
    lengths = []
    for epochs in (2, 10, 40):
        tried = [Tried(17, replace(parent, epochs=epochs), 0.1)]
        lengths.append(points(found).next(STAGES[3], 18, tried).epochs)
    other = Points(found, STAGES, 0, ("constant", "step(every=10, factor=0.5, warmup=0)"))

    stepped = other.next(STAGES[3], 18, [Tried(17, replace(parent, epochs=10), 0.1)])

    assert lengths == [5, 20, 50]
    assert stepped.epochs == 50


def test_new_points_stand_in_where_too_few_can_be_carried_on() -> None:
    """Of eight trials one was completed."""
    proposed = walked(space(), lost=frozenset(range(1, 8)))

    assert proposed[8].learning_rate == proposed[0].learning_rate
    assert len({p.learning_rate for p in proposed[8:12]}) == 4
