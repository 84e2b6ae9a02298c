"""freeze-thaw with BoTorch's model of curves for its own: `python -m tests.benchmarks.latent_kronecker`.

Needs `pip install botorch`, which nothing else here does. Start, candidates, health and acquisition are the
policy's; the model is BoTorch's LatentKroneckerGP as it comes, with Matern kernels, its noise and scales
fitted at each decision. freeze_thaw.md keeps the result.

Source: Lin et al. 2024, "Scaling Gaussian processes for learning curve prediction via latent Kronecker
structure" (arXiv 2410.09239).
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
import warnings
from collections.abc import Sequence

import numpy as np
import torch
from botorch.fit import fit_gpytorch_mll
from botorch.models.latent_kronecker_gp import LatentKroneckerGP
from gpytorch.mlls import ExactMarginalLogLikelihood

from epochsearch.core.point import Configuration
from epochsearch.search.freeze_thaw.acquisition import most_gain_per_epoch
from epochsearch.search.freeze_thaw.candidates import fresh_candidates
from epochsearch.search.freeze_thaw.coordinates import Coordinates, FloatArray
from epochsearch.search.freeze_thaw.curves import (
    SeenCurve,
    Standing,
    Yardstick,
    levels,
    next_level,
    seen_points,
)
from epochsearch.search.freeze_thaw.health import healthy_shares
from epochsearch.search.freeze_thaw.initial import Spread
from epochsearch.search.freeze_thaw.model import Constants
from epochsearch.search.freeze_thaw.policy import Order
from epochsearch.search.freeze_thaw.process import matern
from tests.benchmarks.recorded import TABLES, Table, arrivals, policy_race, table
from tests.replays import replay

CHOSEN = ("lcbench_168331", "lcbench_189862", "deepobs_fmnist_2c2d_adam")
TRAININGS = 20


class LatentKronecker:
    """The policy, deciding by BoTorch's model."""

    def __init__(self, found: Table, seed: int) -> None:
        self._coordinates, self._snap, self._seed = Coordinates(found.space), found.snap, seed
        self._spread, self._constants = Spread(self._coordinates, seed, found.snap), Constants()
        self._last = found.last
        self._levels = np.array(levels(found.last), dtype=np.float64)

    def next(self, curves: Sequence[SeenCurve], step: int, *, begin: bool) -> Order | None:
        """Return the next order."""
        taken = {curve.configuration for curve in curves}
        if len(curves) < self._constants.first or not any(math.isfinite(c.best) for c in curves):
            configuration = self._spread.next(taken, step)
            return None if configuration is None else Order(step, None, configuration, self._constants.least)
        yardstick = Yardstick.of(curves)
        model = self._fitted(curves, yardstick)
        mean, _ = self._predicted(model, [curve.configuration for curve in curves])
        lowest = np.array([yardstick.values(curve.losses).min() for curve in curves])
        done = np.array([len(curve.losses) for curve in curves])
        over = np.array([curve.standing is Standing.ENDED for curve in curves])
        ahead = np.where((self._levels[None] <= done[:, None]) | over[:, None], np.inf, mean).min(axis=1)
        lowest = np.minimum(lowest, ahead)
        near = [curves[i].configuration for i in lowest.argsort()[: self._constants.near]]
        random = np.random.default_rng([self._seed, step, 1])
        fresh = fresh_candidates(self._coordinates, self._snap, taken, near, self._constants.fresh, random)
        frozen = [curve for curve in curves if curve.standing is Standing.FROZEN]
        asked = [curve.configuration for curve in frozen] + list(fresh)
        mean, deviation = self._predicted(model, asked)
        done = np.array([len(curve.losses) for curve in frozen] + [0] * len(fresh))
        left = self._levels[None] - done[:, None]
        places = self._coordinates.places
        alike = matern(places(asked), places([curve.configuration for curve in curves]))
        healthy = healthy_shares(alike, curves, self._levels)
        cost = np.where(left > 0, left, np.inf)
        row = most_gain_per_epoch(mean, deviation, float(lowest.min()), cost, healthy).candidate
        upto = max(next_level(int(done[row]), self._last), self._constants.least)
        if row < len(frozen):
            return Order(step, frozen[row].number, frozen[row].configuration, upto)
        return Order(step, None, fresh[asked[row]], upto)

    def _fitted(self, curves: Sequence[SeenCurve], yardstick: Yardstick) -> LatentKroneckerGP:
        points = seen_points(curves, yardstick, self._coordinates, self._last, 10_000)
        times = sorted({*self._levels.tolist(), *points.epochs.tolist()})
        values = np.full((len(points.places), len(times)), np.nan)
        values[points.curve, [times.index(epoch) for epoch in points.epochs]] = points.values
        kept = np.isfinite(values).any(axis=1)
        model = LatentKroneckerGP(
            torch.tensor(points.places[kept]), self._time(times), torch.tensor(values[kept])
        )
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        return model

    def _predicted(
        self, model: LatentKroneckerGP, configurations: Sequence[Configuration]
    ) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation, each (configurations, levels)."""
        with torch.no_grad():
            places = torch.tensor(self._coordinates.places(configurations))
            found = model.posterior(places, self._time(self._levels.tolist()))
            shape = (len(configurations), len(self._levels))
            mean, variance = found.mean.reshape(shape), found.variance.reshape(shape)
        return mean.numpy(), variance.clamp_min(1e-8).sqrt().numpy()

    def _time(self, epochs: Sequence[float]) -> torch.Tensor:
        return torch.tensor(epochs, dtype=torch.float64).log2()[:, None] / math.log2(self._last)


if __name__ == "__main__":
    os.nice(10)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", default="0:5", metavar="FROM:TO", help="of the searches")
    asked = parser.parse_args()
    print("| table | freeze-thaw | with LatentKroneckerGP | a decision, ms |\n|---|---|---|---|")
    for path in TABLES:
        found = table(path)
        if found.name not in CHOSEN:
            continue
        budget, target = TRAININGS * found.last, found.targets[0.05]
        own, theirs, decisions = [], [], []
        for seed in range(*map(int, asked.seeds.split(":"))):
            own.append(arrivals(policy_race(found, "freeze-thaw", seed, budget), found, 0.05, budget)[0])
            begun = time.perf_counter()
            race = replay(
                LatentKronecker(found, seed), found.losses.__getitem__, budget, snap=found.snap, target=target
            )
            decisions.append(1e3 * (time.perf_counter() - begun) / len(race.orders))
            theirs.append(arrivals(race, found, 0.05, budget)[0])
        medians = [f"{statistics.median(epochs):.0f}" for epochs in (own, theirs)]
        print(f"| {found.name} | {' | '.join(medians)} | {statistics.median(decisions):.0f} |", flush=True)
