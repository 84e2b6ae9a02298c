"""A race over fresh training seeds: who is already worse than the leader is trained no further."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np

ALPHA = 0.1
"""One-sided, at each look, as Optuna's WilcoxonPruner has it: whoever stays in costs training, no more."""
FEWEST_SEEDS = 4
"""Below four pairs no outcome is that unlikely: 1/8 at best for three, 1/16 for four."""

_Name = TypeVar("_Name", bound=Hashable)


def race_leader(losses: Mapping[_Name, Sequence[float]]) -> _Name:
    """Return who has the lowest mean loss; of equals the first.

    losses: by contestant, one a seed, in the same order of seeds; infinite where training diverged.
    """
    return min(losses, key=lambda name: float(np.mean(losses[name])))


def beaten(losses: Mapping[_Name, Sequence[float]], alpha: float = ALPHA) -> tuple[_Name, ...]:
    """Return the contestants that leave the race: worse than the leader by a paired one-sided test.

    losses: as `race_leader` takes them. Whoever diverged on a seed leaves at once, as long as somebody
    did not; apart from that, nobody leaves before four seeds.

    Source: Wilcoxon 1945, Biometrics Bulletin 1(6), zeros split as Optuna's WilcoxonPruner does; the race
    as in Birattari et al. 2002, "A racing algorithm for configuring metaheuristics", GECCO.
    """
    leader = race_leader(losses)
    if not math.isfinite(sum(losses[leader])):
        return ()
    return tuple(name for name in losses if name != leader and _worse(losses[name], losses[leader], alpha))


def _worse(losses: Sequence[float], leader: Sequence[float], alpha: float) -> bool:
    if not math.isfinite(sum(losses)):
        return True
    differences = np.asarray(losses, dtype=np.float64) - np.asarray(leader, dtype=np.float64)
    if len(differences) < FEWEST_SEEDS or not differences.any():
        return False
    from scipy import stats

    return bool(stats.wilcoxon(differences, zero_method="zsplit", alternative="greater").pvalue < alpha)
