"""What each constant of freeze-thaw matters on recorded tables: `python -m tests.benchmarks.sensitivity`.

One constant is changed at a time. freeze_thaw.md keeps the result.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from epochsearch.search.freeze_thaw.model import Constants, FreezeThaw
from epochsearch.search.freeze_thaw.process import PRIOR
from tests.benchmarks.recorded import TABLES, Table, arrivals, constants_race, table
from tests.replays import replay

TRAININGS = 20  # so many full trainings are the budget of a race
BEGUN = 30  # configurations that a search which ends by itself may begin
VALUES = {
    "first": (3, 6, 8, 12),
    "least": (1, 4),
    "fresh": (30, 240),
    "near": (1, 6),
    "frozen": (20,),
    "burn": (10, 100),
    "moves": (1, 6),
    "sample": (60,),
    "points": (100,),
}
PRIORS = {
    "noise": (0.01, 0.1),
    "even": (0.0, 0.25, 0.75),
    "level": (1.0, 4.0),
    "course": (0.25, 1.0),
    "surface": (0.2, 0.8),
    "change": (0.4, 2.0),
    "own": (0.1, 0.4),
    "decay": (0.25, 1.0),
}
GAINS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1)


def variants() -> Iterator[tuple[str, Constants]]:
    """Yield each variant's name and constants, first those that are in force."""
    yield "as it is", Constants()
    for name, values in VALUES.items():
        for value in values:
            yield f"{name} {value}", replace(Constants(), **{name: value})
    for name, shares in PRIORS.items():
        for share in shares:
            yield f"prior {name} {share}", Constants(prior=replace(PRIOR, **{name: share}))


def arrival_row(name: str, constants: Constants, seeds: range) -> str:
    """Return geometric means over tables of the median epochs to the best 5 %, and how many never came."""
    logs: dict[str, list[float]] = defaultdict(list)
    missed = 0
    for path in TABLES:
        found = table(path)
        budget = TRAININGS * found.last
        races = [constants_race(found, seed, budget, constants, share=0.05) for seed in seeds]
        seen = [arrivals(race, found, 0.05, budget) for race in races]
        logs[found.family].append(math.log(statistics.median(epochs for epochs, _ in seen)))
        missed += sum(not reached for _, reached in seen)
    parts = [[*itertools.chain(*logs.values())], *(part for _, part in sorted(logs.items()))]
    means = [f"{math.exp(statistics.fmean(part)):.0f}" for part in parts]
    return f"| {name} | {' | '.join(means)} | {missed} |"


def ending_row(gain: float, seeds: range) -> str:
    """Return what a threshold costs and spares where no more than so many configurations may be begun.

    The share of all their epochs that was trained before the search ended by itself, and how often it had
    found a loss within 1 % of the lowest of all curves that it began.
    """
    shares, found_it = [], []
    for path in TABLES:
        found = table(path)
        for seed in seeds:
            charged, close = _ended(found, seed, gain)
            shares.append(charged)
            found_it.append(close)
    return f"| {gain} | {statistics.fmean(shares):.3f} | {statistics.fmean(found_it):.2f} |"


def _ended(found: Table, seed: int, gain: float) -> tuple[float, bool]:
    policy = FreezeThaw(found.space, seed, found.snap, Constants(gain=gain))
    done = replay(policy, found.losses.__getitem__, BEGUN * found.last, snap=found.snap, trials=BEGUN)
    whole = [[loss for loss in found.losses[c.configuration] if math.isfinite(loss)] for c in done.curves]
    lowest = min(min(losses, default=math.inf) for losses in whole)
    return done.charged / sum(map(len, whole)), done.bests[-1] <= 1.01 * lowest


if __name__ == "__main__":
    os.nice(10)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", default="100:110", metavar="FROM:TO", help="of the searches")
    parser.add_argument("--only", default="", metavar="NAME", help="constants whose names begin so")
    parser.add_argument("--gains", action="store_true", help="the threshold at which a search ends instead")
    asked = parser.parse_args()
    seeds = range(*map(int, asked.seeds.split(":")))
    if asked.gains:
        print("| gain | epochs trained | best found |\n|---|---|---|")
        for gain in GAINS:
            print(ending_row(gain, seeds), flush=True)
    else:
        print("| variant | all | deepobs | lcbench | not reached |\n|---|---|---|---|---|")
        for name, constants in variants():
            if name.startswith(asked.only):
                print(arrival_row(name, constants, seeds), flush=True)
