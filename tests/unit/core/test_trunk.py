"""Where curves of different lengths leave their trunk."""

from __future__ import annotations

from itertools import pairwise

import pytest

from epochsearch.core.choice import Choice
from epochsearch.core.trunk import MOST_STATES, Trunk, cooldown_start, shared_epochs, state_epochs

WSD = Choice("wsd", (("cooldown", 0.2), ("warmup", 0)))


@pytest.mark.parametrize(
    ("cooldown", "length", "shared"),
    [(0.2, 5, 4), (0.2, 10, 8), (0.2, 12, 9), (0.2, 1, 0), (0.0, 7, 7), (1.0, 7, 0), (0.3, 10, 7)],
)
def test_whole_epochs_before_the_cool_down_are_shared(cooldown: float, length: int, shared: int) -> None:
    """An epoch in which the cool-down begins is the branch's own."""
    schedule = Choice("wsd", (("cooldown", cooldown), ("warmup", 0)))

    assert shared_epochs(schedule, length) == shared
    assert shared <= cooldown_start(cooldown, length) < shared + 1


def test_few_lengths_have_a_state_each() -> None:
    """Short lengths that share nothing need none."""
    assert state_epochs(WSD, (1, 5, 10, 10, 50)) == {4, 8, 40}


def test_states_of_many_lengths_are_spread_evenly_from_end_to_end() -> None:
    """No two neighbours are farther apart than three epochs where 37 lengths are possible."""
    states = sorted(state_epochs(WSD, range(5, 51)))

    assert len(states) == MOST_STATES
    assert (states[0], states[-1]) == (4, 40)
    assert max(b - a for a, b in pairwise(states)) <= 3


def test_a_trunk_keeps_its_end_and_the_states_before_it() -> None:
    """What lies beyond is the branch's."""
    trunk = Trunk((), 8, frozenset({4, 8, 12}))

    assert [epoch for epoch in range(1, 14) if trunk.keeps(epoch)] == [4, 8]
    assert [epoch for epoch in range(1, 14) if Trunk((), 6).keeps(epoch)] == [6]
