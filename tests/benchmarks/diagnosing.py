"""How long the diagnosis of many curves takes, without start-up: part of `make bench`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from epochsearch.analysis.diagnosis import Reference, diagnose
from epochsearch.analysis.returns import curve_returns
from tests.benchmarks.measured import Row

CURVES, EPOCHS = 500, 50


def diagnosing(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """Diagnosis and returns of 500 curves of 50 epochs, each a fall with noise of its own size."""
    rng, epochs = np.random.default_rng(0), np.arange(1, EPOCHS + 1)
    curves = [
        (0.1 + 2 * np.exp(-epochs / rng.uniform(2, 60)))
        * np.exp(rng.normal(0, rng.uniform(0.001, 0.04), EPOCHS))
        for _ in range(CURVES)
    ]
    started = time.perf_counter()
    for losses in curves:
        diagnose((0.9 * losses).tolist(), losses.tolist(), reference=Reference(0.1, "trial 1", 2.3))
        curve_returns(losses.tolist(), [0.02] * EPOCHS)
    seconds = time.perf_counter() - started
    what = f"diagnosis of {CURVES} curves x {EPOCHS} epochs"
    yield Row(what, f"{seconds:.2f} s", "under 2 s", seconds < 2)
