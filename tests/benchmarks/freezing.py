"""freeze-thaw on recorded tables beside what it has to beat, and what a decision costs.

freeze_thaw.md keeps the result; what its constants matter, `sensitivity` says.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from epochsearch.core.point import Configuration
from epochsearch.core.space import parse_space
from epochsearch.search.freeze_thaw.curves import SeenCurve, Standing, levels
from epochsearch.search.freeze_thaw.model import FreezeThaw
from tests.benchmarks.measured import Row
from tests.benchmarks.recorded import (
    TABLES,
    Table,
    arrivals,
    forecasts,
    hyperband_race,
    policy_race,
    table,
)
from tests.replays import Replay

SEEDS = 20
TRAININGS = 40  # so many full trainings are the budget of a race
SOON = 20  # within so many the best 2 % are to be reached
OTHERS = ("one-epoch", "five-epoch", "promoting-asha")
HYPERBAND = "tpe+hyperband, read off"


def freezing(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """Epochs to the best 5 % on every table, 20 seeds each, the ratio to TPE + Hyperband, and decisions."""
    tables = options.tables or TABLES
    if not tables:
        yield Row("the recorded tables of ../shared/bench are not here", "")
        return
    races = {path: _races(table(path)) for path in tables}
    ratios = {}
    for path, race in races.items():
        found = table(path)
        medians = {name: _median(done, found, 0.05) for name, done in race.items()}
        ratios[path] = medians["freeze-thaw"][0] / medians[HYPERBAND][0]
        for name, (epochs, reached) in medians.items():
            yield Row(f"{found.name}, {name}", f"{epochs:.0f} ({reached} of {SEEDS})")
        yield Row("  freeze-thaw to TPE + Hyperband", f"{ratios[path]:.2f}", "at most 1", ratios[path] <= 1)
    whole = math.exp(statistics.fmean(map(math.log, ratios.values())))
    yield Row("geometric mean of the ratios", f"{whole:.3f}", "at most 0.333", whole <= 1 / 3)
    for family in sorted({table(path).family for path in tables}):
        some = [math.log(ratio) for path, ratio in ratios.items() if table(path).family == family]
        yield Row(f"  on {family}", f"{math.exp(statistics.fmean(some)):.3f}")
    yield from _soon(races)
    yield from _calibration(races)
    yield from decisions()


def _races(found: Table) -> dict[str, list[Replay]]:
    budget = TRAININGS * found.last
    race = {name: [policy_race(found, name, seed, budget) for seed in range(SEEDS)] for name in _policies()}
    race[HYPERBAND] = [hyperband_race(found, seed, budget) for seed in range(SEEDS)]
    return race


def _policies() -> tuple[str, ...]:
    return ("freeze-thaw", *OTHERS)


def _median(done: list[Replay], found: Table, share: float) -> tuple[float, int]:
    """Return the median of epochs (the budget for those that never arrived) and how many arrived."""
    seen = [arrivals(race, found, share, TRAININGS * found.last) for race in done]
    return statistics.median(epochs for epochs, _ in seen), sum(reached for _, reached in seen)


def _soon(races: dict[Path, dict[str, list[Replay]]]) -> Iterator[Row]:
    seen = [
        arrivals(done, table(path), 0.02, SOON * table(path).last)[1]
        for path, race in races.items()
        if table(path).family == "lcbench"
        for done in race["freeze-thaw"]
    ]
    if seen:
        share, limit = statistics.fmean(seen), "at least 0.95"
        yield Row(f"best 2 % of LCBench within {SOON} trainings", f"{share:.3f}", limit, share >= 0.95)


def _calibration(races: dict[Path, dict[str, list[Replay]]]) -> Iterator[Row]:
    inside: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for path, race in races.items():
        for done in race["freeze-thaw"]:
            for kind, hit in forecasts(done, table(path)):
                inside[kind, "all tables"].append(hit)
                inside[kind, table(path).family].append(hit)
    for (kind, where), hits in sorted(inside.items()):
        share, all_of_them = statistics.fmean(hits), where == "all tables"
        kept = 0.80 <= share <= 0.97 if all_of_them else None
        limit = "0.80 to 0.97" if all_of_them else ""
        what = "at the order's end" if kind == "next" else "at the last epoch"
        yield Row(f"90 % intervals {what}, {where}", f"{share:.3f} of {len(hits)}", limit, kept)


def decisions() -> Iterator[Row]:
    """What a decision costs with 100 and with 500 configurations: the median, and the slowest of ten."""
    for count, limit in ((100, 20), (500, 60)):
        seconds = _decision_seconds(count)
        middle, slowest = statistics.median(seconds) * 1e3, max(seconds) * 1e3
        yield Row(
            f"a decision at {count} configurations", f"{middle:.1f} ms", f"under {limit} ms", middle < limit
        )
        yield Row("  the slowest of ten", f"{slowest:.1f} ms")


def _decision_seconds(count: int) -> list[float]:
    space = parse_space({"epochs": "50", "learning_rate": "1e-5:1e-1", "batch_size": "16,32,64,128,256"})
    random, last, step, curves = np.random.default_rng(0), 50, 0, []
    for number in range(count):
        cell = Configuration(float(10 ** random.uniform(-5, -1)), int(2 ** random.integers(4, 9)))
        upto = int(random.choice(levels(last)[1:], p=[0.5, 0.25, 0.12, 0.07, 0.04, 0.02]))
        end = 0.1 + 0.2 * abs(math.log10(cell.learning_rate) + 3) + cell.batch_size / 2000
        losses = tuple(end + 2 / epoch for epoch in range(1, upto + 1))
        standing = Standing.ENDED if upto == last else Standing.FROZEN
        curves.append(SeenCurve(number, cell, standing, losses, upto, ((number, upto),)))
        step = number + 1
    policy = FreezeThaw(space, 0, lambda proposed: proposed)
    policy.next(curves, step, begin=True)  # replays the steps before, as at the start of a continued search
    seconds = []
    for again in range(1, 11):
        begun = time.perf_counter()
        policy.next(curves, step + again, begin=True)
        seconds.append(time.perf_counter() - begun)
    return seconds


if __name__ == "__main__":
    os.nice(10)
    for row in freezing(Path(), argparse.Namespace(tables=[])):
        print(f"{row.what:<58} {row.figure:>22}   {row.limit}", flush=True)
