"""The validation losses of a study's configurations under training seeds that are not the study's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import TypeAlias

import numpy as np

from epochsearch.core.measure import THE_LOSS
from epochsearch.store.replicates import Replicate, tried_configurations

Losses: TypeAlias = tuple[float, ...]


def losses_of_other_seeds(
    storage: str, study: str, only: Collection[int] | None = None
) -> dict[int, tuple[Losses, ...]]:
    """Return by trial number the validation losses of its configuration under each other seed, rising.

    only: the numbers of the wanted trials, so that no other configuration is read; None: all.
    Means over folds, as far as all of them go; a seed that lacks a fold is left out. A loss that is not
    finite is infinite.

    Raises:
        NotFoundError: There is no such database or study.
    """
    _, tried = tried_configurations(storage, study, THE_LOSS, only)
    found: dict[int, tuple[Losses, ...]] = {}
    for one in tried:
        by_seed: dict[int, list[Replicate]] = defaultdict(list)
        for replicate in one.replicates:
            if replicate.seed != one.identity.seed:
                by_seed[replicate.seed].append(replicate)
        losses = tuple(_mean(group) for group in by_seed.values() if len(group) == one.identity.folds)
        found |= {trial.number: losses for trial in one.trials}
    return found


def _mean(folds: Sequence[Replicate]) -> Losses:
    reach = min(len(fold.losses) for fold in folds)
    return tuple(np.mean([fold.losses[:reach] for fold in folds], axis=0).tolist())
