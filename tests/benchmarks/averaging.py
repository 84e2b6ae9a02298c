"""What averaged weights add to freeze-thaw, by real training: `python -m tests.benchmarks.averaging`.

For each task and seed two searches of the same budget, which share their curves: one reads the last weights,
one the better of those and their average. freeze_thaw.md keeps the result.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import bootstrap

from epochsearch.analysis.targets import arrival
from epochsearch.core.settings import Settings
from epochsearch.search.comparing.tracing import study_trace
from epochsearch.search.final.final_test import final_test
from epochsearch.search.running.service import search
from epochsearch.store.archive import study_summary, study_trials

TASKS = ("digits", "tests/benchmarks/noisy_digits.py", "digits-cnn", "docstrings-lstm")
AVERAGE = 1.0  # epochs that it reaches back


@dataclass(frozen=True, slots=True)
class Found:
    """What one search came to."""

    study: str
    validation: float
    test: float


def searched(task: str, weights: str, seed: int, budget: int, storage: str) -> Found:
    """Return what a search found, its best point scored on the test part."""
    asked = Settings(
        task=task,
        sampler="freeze-thaw",
        axes={"epochs": "50"},
        training={"average": AVERAGE},
        weights=weights,
        epoch_budget=budget,
        seed=seed,
        workers="0",
        study=f"{Path(task).stem}-{weights}-{seed}",
    )
    for _ in search(asked, storage):
        pass
    study = asked.study or ""
    best = study_summary(storage, study).best
    assert best is not None, "a curve has a finite loss"
    seen = final_test(storage, study, best.number, workers=0)
    assert best.value is not None, "it was completed"
    assert seen.test.loss is not None, "the task has a test part"
    return Found(study, best.value, seen.test.loss)


def row(task: str, seeds: range, budget: int, storage: str) -> str:
    """Return the line of a task: means of both, mean differences with 95 % intervals, and epochs spared."""
    pairs = [
        tuple(searched(task, weights, seed, budget, storage) for weights in ("raw", "better"))
        for seed in seeds
    ]
    parts = [Path(task).stem.replace("_", "-")]
    for part in ("validation", "test"):
        raw, better = (np.array([getattr(found[i], part) for found in pairs]) for i in (0, 1))
        low, high = bootstrap((better - raw,), np.mean, rng=np.random.default_rng(0)).confidence_interval
        parts += [f"{raw.mean():.4f}", f"{better.mean():.4f}"]
        parts.append(f"{(better - raw).mean():+.4f} ({low:+.4f} to {high:+.4f}), {(better < raw).sum()} won")
    parts.append(_sooner([(raw.study, better.study) for raw, better in pairs], storage))
    return f"| {' | '.join(parts)} |"


def _sooner(studies: list[tuple[str, str]], storage: str) -> str:
    """Return the median of the epochs after which each found the best of the other's last weights."""
    traces = [
        [study_trace(storage, s, study_summary(storage, s).spec, study_trials(storage, s)) for s in pair]
        for pair in studies
    ]
    targets = [study_summary(storage, raw).best for raw, _ in studies]
    losses = [best.value for best in targets if best is not None and best.value is not None]
    epochs = [
        statistics.median(arrival(pair[i], loss).cost for pair, loss in zip(traces, losses, strict=True))
        for i in (0, 1)
    ]
    return f"{epochs[0]:.0f}, {epochs[1]:.0f}"


if __name__ == "__main__":
    os.nice(10)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", default="0:10", metavar="FROM:TO", help="of search and training")
    parser.add_argument("--budget", type=int, default=300, help="charged epochs of each search")
    parser.add_argument("--tasks", default=",".join(TASKS), help="names or files")
    asked = parser.parse_args()
    losses = "raw | better | difference"
    print(f"| task | validation {losses} | test {losses} | epochs to raw's best |\n|{'---|' * 8}")
    with tempfile.TemporaryDirectory() as folder:
        for task in asked.tasks.split(","):
            url = f"sqlite:///{folder}/averaging.db"
            print(row(task, range(*map(int, asked.seeds.split(":"))), asked.budget, url), flush=True)
