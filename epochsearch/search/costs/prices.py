"""What an epoch of a task takes at each batch size, and what its state takes on disk.

From the ledger where it has curves of the same task, recipe and machine; else from a short measurement with
as many workers as the search will have, in a folder that goes with it.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Literal

from epochsearch.analysis.resources import time_law
from epochsearch.core.axis import Range
from epochsearch.core.space import Space
from epochsearch.engines.device import arithmetic
from epochsearch.engines.job import Job
from epochsearch.search.costs.measuring import MOST_EPOCHS, Stopwatch, middle_point
from epochsearch.search.running.curves import curve_identities, torch_version
from epochsearch.search.running.retraining import fresh_engine, run_jobs
from epochsearch.search.settings.resolve import Resolved
from epochsearch.store.database import Database
from epochsearch.store.resources import CurveCost, curve_costs
from epochsearch.tasks.base import Task

ENOUGH_SECONDS = 0.4
"""Training time that is measured of a batch size: a rough price will do."""
SIZES = 3
"""So many batch sizes are measured; the law of `analysis.resources` gives the others."""
_LEAST_EPOCHS = 3  # of the ledger's, without which a batch size is taken for unknown

Source = Literal["ledger", "measured", "recorded"]


@dataclass(frozen=True, slots=True)
class Prices:
    """Seconds of an epoch of one fold by batch size, and bytes of a checkpoint."""

    source: Source
    seconds: Mapping[int, float]  # as measured; empty if the curves are recorded
    rows: int  # of the training part
    checkpoint_bytes: float  # of one fold

    def at(self, batch_size: int) -> float:
        """Return the seconds of an epoch at a batch size, measured or not."""
        if batch_size in self.seconds or not self.seconds:
            return self.seconds.get(batch_size, 0.0)
        law = time_law(self.rows, list(self.seconds), list(self.seconds.values()))
        return law.at(self.rows, batch_size)


def find_prices(resolved: Resolved, task: Task, rows: int, database: Database | None) -> Prices:
    """Return the prices of a search; trains a few epochs only if the ledger does not know them.

    rows: of the training part.

    Raises:
        EpochsearchError: The task fails.
    """
    if task.recorded:
        return Prices("recorded", {}, rows, 0.0)
    sizes = some_sizes(resolved.spec.space, SIZES)
    known = _known(resolved, task, database) if database else []
    seconds = _by_size(known)
    ranged = isinstance(resolved.spec.space.batch_size, Range) and len(seconds) >= SIZES
    if ranged or all(size in seconds for size in sizes):
        kept = [one.checkpoint_bytes for one in known if one.checkpoint_bytes is not None]
        return Prices("ledger", seconds, rows, median(kept) if kept else 0.0)
    return _measured(resolved, task, rows, sizes)


def some_sizes(space: Space, count: int) -> list[int]:
    """Return up to `count` batch sizes of the space, rising: both ends, and evenly spaced ones between.

    Of a range the powers of two stand between its ends.
    """
    axis = space.batch_size
    if isinstance(axis, Range):
        powers = [2**i for i in range(31) if axis.low < 2**i < axis.high]
        sizes = [int(axis.low), *powers, int(axis.high)]
    else:
        sizes = sorted(int(value) for value in axis.values if isinstance(value, (int, float)))
    if len(sizes) <= count:
        return sizes
    return [sizes[round(i * (len(sizes) - 1) / (count - 1))] for i in range(count)]


def _known(resolved: Resolved, task: Task, database: Database) -> list[CurveCost]:
    """Return the curves of the ledger that were trained as the search will train."""
    spec = resolved.spec
    here = (task.name, spec.recipe, arithmetic(spec.device), torch_version(), spec.threads, spec.metrics)
    return [
        cost
        for cost in curve_costs(database, spec.fingerprint)
        if here
        == (
            cost.identity.task,
            cost.identity.recipe,
            cost.identity.device,
            cost.identity.torch,
            cost.identity.threads,
            cost.identity.metrics,
        )
    ]


def _by_size(costs: Sequence[CurveCost]) -> dict[int, float]:
    """Return the median over curves of an epoch's seconds, by batch size."""
    groups: dict[int, list[CurveCost]] = defaultdict(list)
    for cost in costs:
        groups[cost.identity.configuration.batch_size].append(cost)
    return {
        size: median(cost.seconds for cost in some)
        for size, some in groups.items()
        if sum(cost.epochs for cost in some) >= _LEAST_EPOCHS
    }


def _measured(resolved: Resolved, task: Task, rows: int, sizes: Sequence[int]) -> Prices:
    spec = replace(resolved.spec, folds=1)
    repeated = -(-max(1, resolved.workers) // len(sizes))  # so that no worker is idle
    jobs = [
        Job(number, curve_identities(spec, task, middle_point(spec.space, size)), 1 + MOST_EPOCHS)
        for number, size in enumerate([*sizes] * repeated)
    ]
    watch, found, kept = Stopwatch(ENOUGH_SECONDS), defaultdict(list), []
    with (
        tempfile.TemporaryDirectory(prefix="epochsearch-") as folder,
        closing(fresh_engine(task, spec, max(1, resolved.workers), Path(folder))) as engine,
    ):
        for ended in run_jobs(engine, jobs, watch.judge):
            found[sizes[ended.number % len(sizes)]].append(watch.measured(ended.number).seconds)
            kept += [checkpoint.bytes for checkpoint in ended.checkpoints]
    seconds = {size: median(found[size]) for size in sizes}
    return Prices("measured", seconds, rows, median(kept) if kept else 0.0)
