"""What folds in lock-step cost over the same folds one after the other, and what metrics add to an epoch.

Both are a matter of computing, in one thread, so CPU time is compared: other programs do not blur it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from epochsearch.core.choice import Choice, resolve
from epochsearch.core.curve import CurveIdentity
from epochsearch.core.point import Configuration
from epochsearch.core.recipe import OPTIMISERS, Recipe
from tests.benchmarks.measured import Row

FOLDS, EPOCHS = 5, 30
METRICS = ("accuracy", "balanced_accuracy", "f1_macro", "precision_weighted", "roc_auc", "perplexity")


def folds(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """Five folds of one configuration of digits as one job, against five jobs of one fold each."""
    from epochsearch.engines.inline import limit_threads
    from epochsearch.tasks.loading import load_task

    limit_threads(1)
    for name in ("digits", "digits-cnn"):
        task = load_task(name)
        identities = [_identity(task.name, fold, FOLDS) for fold in range(FOLDS)]
        together, apart = _medians(
            partial(_seconds, name, [identities]), partial(_seconds, name, [[one] for one in identities])
        )
        share = together / apart - 1
        yield Row(f"{name}, {FOLDS} folds of {EPOCHS} epochs one by one, CPU", f"{apart:.2f} s")
        yield Row("  in lock-step", f"{together:.2f} s")
        yield Row("  over them", f"{share:+.1%}", "at most 5 %", share <= 0.05)


def metrics(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """An epoch of digits with its default metric, and with others beside it."""
    from epochsearch.engines.inline import limit_threads

    limit_threads(1)
    plain = median(_seconds("digits", [[_identity("digits", 0, 1)]]) for _ in range(3)) / EPOCHS
    yield Row("digits, an epoch with accuracy, CPU", f"{plain * 1e3:.2f} ms")
    for asked in (*((name,) for name in METRICS[1:]), METRICS):
        curves = [[_identity("digits", 0, 1, asked)]]
        more = median(_seconds("digits", curves) for _ in range(3)) / EPOCHS - plain
        yield Row(f"  and {', '.join(asked) if len(asked) == 1 else 'all of these'}", f"{more * 1e3:+.2f} ms")


def _identity(task: str, fold: int, count: int, names: tuple[str, ...] = ()) -> CurveIdentity:
    adam = resolve(Choice("adam"), OPTIMISERS, "optimiser")
    return CurveIdentity(
        task=task,
        fingerprint="",
        configuration=Configuration(1e-3, 32),
        recipe=Recipe(adam, Choice("constant")),
        seed=0,
        fold=fold,
        folds=count,
        device="cpu",
        torch="",
        threads=1,
        metrics=names,
    )


def _medians(*measured: Callable[[], float], runs: int = 5) -> list[float]:
    """Return the median of each, measured in turn, after once that warms caches."""
    for one in measured:
        one()
    rounds = [[one() for one in measured] for _ in range(runs)]
    return [median(times) for times in zip(*rounds, strict=True)]


def _seconds(name: str, jobs: Sequence[Sequence[CurveIdentity]]) -> float:
    """Return the CPU seconds of jobs on one task, checkpoints and all."""
    from epochsearch.engines.job import EpochTrained, Job, run_job
    from epochsearch.tasks.loading import load_task
    from epochsearch.tasks.prepared import prepare

    task = load_task(name)
    for curves in jobs:
        for one in curves:
            prepare(task, one.fold, one.folds)
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        for number, curves in enumerate(jobs):
            stream = run_job(task, Job(number, tuple(curves), EPOCHS), Path(folder))
            message = next(stream)
            while isinstance(message, EpochTrained):
                message = stream.send(True)
        return time.process_time() - started
