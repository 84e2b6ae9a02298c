"""How much of the time two workers train while freeze-thaw decides what they train."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from epochsearch.core.settings import Settings
from epochsearch.search.running.events import EpochDone
from epochsearch.search.running.service import search
from tests.benchmarks.measured import Row

WORKERS = 2
EPOCHS = 600


def working(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """Epochs of a tenth of a second, from the first that was reported to the last."""
    task = Path(__file__).with_name("spinning.py")
    for sampler in ("freeze-thaw", "random"):
        share, each = _busy(str(task), sampler, f"sqlite:///{folder / 'working.db'}")
        limit = "at least 95 %" if sampler == "freeze-thaw" else ""
        yield Row(
            f"{WORKERS} workers train, {sampler}", f"{share:.1%}", limit, share >= 0.95 if limit else None
        )
        yield Row("  an epoch", f"{each * 1e3:.0f} ms")


def _busy(task: str, sampler: str, storage: str) -> tuple[float, float]:
    """Return the share of the workers' time in which they trained, and the seconds of an epoch."""
    asked = Settings(
        task=task, sampler=sampler, workers=str(WORKERS), epoch_budget=EPOCHS, study=sampler, pruner="none"
    )
    first, last, seconds = 0.0, 0.0, []
    for event in search(asked, storage):
        if isinstance(event, EpochDone):
            last = time.perf_counter()
            first = first or last
            seconds.append(event.report.seconds)
    spent = sum(seconds[WORKERS:])  # the first ones were over, or nearly, when the clock began
    return spent / (WORKERS * (last - first)), spent / len(seconds[WORKERS:])
