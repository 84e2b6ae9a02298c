"""How long the diagnosis of many curves and the page of a large study take: part of `make bench`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from epochsearch.analysis.diagnosis import diagnose
from epochsearch.analysis.findings import Reference
from epochsearch.analysis.returns import curve_returns
from tests.benchmarks.measured import Row, epochsearch

CURVES, EPOCHS = 500, 50


def diagnosing(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """Diagnosis and returns of 500 curves of 50 epochs, each a fall with noise of its own size."""
    rng, epochs = np.random.default_rng(0), np.arange(1, EPOCHS + 1)
    curves = [
        (0.1 + 2 * np.exp(-epochs / rng.uniform(2, 60)))
        * np.exp(rng.normal(0, rng.uniform(0.001, 0.04), EPOCHS))
        for _ in range(CURVES)
    ]
    diagnose(curves[0].tolist(), curves[0].tolist())  # loads scipy
    started = time.perf_counter()
    for losses in curves:
        diagnose((0.9 * losses).tolist(), losses.tolist(), reference=Reference(0.1, "trial 1", 2.3))
        curve_returns(losses.tolist(), [0.02] * EPOCHS)
    seconds = time.perf_counter() - started
    what = f"diagnosis of {CURVES} curves x {EPOCHS} epochs"
    yield Row(what, f"{seconds:.2f} s, without start-up", "under 2 s", seconds < 2)
    yield from _reporting(folder)


def _reporting(folder: Path) -> Iterator[Row]:
    """The page of 500 made-up trials of 50 epochs, start-up and the figures for the dashboard included."""
    from tests.benchmarks.make_database import make_database

    make_database(folder / "report.db", studies=1, trials=CURVES, epochs=EPOCHS)
    storage = ("--storage", f"sqlite:///{folder / 'report.db'}")
    ended = epochsearch("report", "study-0", *storage, "--html", "page.html", "--json", directory=folder)
    size = ended.document["bytes"] / 1e6
    what = f"report of {CURVES} trials x {EPOCHS} epochs"
    yield Row(what, f"{ended.seconds:.1f} s", "under 10 s", ended.seconds < 10)
    yield Row("  its page", f"{size:.1f} MB", "under 8 MB", size < 8)
