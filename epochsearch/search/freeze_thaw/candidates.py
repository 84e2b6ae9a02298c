"""Configurations that have no curve yet: some anywhere in the space, some near the best ones known."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from epochsearch.core.point import Configuration
from epochsearch.search.freeze_thaw.coordinates import Coordinates
from epochsearch.search.freeze_thaw.policy import Snap


def fresh_candidates(
    coordinates: Coordinates,
    snap: Snap,
    taken: Collection[Configuration],
    best: Sequence[Configuration],
    count: int,
    random: np.random.Generator,
) -> dict[Configuration, Configuration]:
    """Return at most `count` new configurations: from the one that is trained to the one that is proposed.

    Half of them lie anywhere, half near one of `best`. taken: as they are trained.
    """
    shares = random.random((count - count // 2, coordinates.axes))
    proposed = [coordinates.configuration(row) for row in shares]
    proposed += [coordinates.neighbour(best[i % len(best)], random) for i in range(count // 2) if best]
    found: dict[Configuration, Configuration] = {}
    for configuration in proposed:
        found.setdefault(snap(configuration), configuration)
    return {trained: configuration for trained, configuration in found.items() if trained not in taken}
