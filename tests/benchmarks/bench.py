"""What the tool costs, against the script that one would write without it and against a bare training loop.

`make bench` runs all parts in one go on one machine and prints one table; a row names the limit it must keep.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.comparing import comparing
from tests.benchmarks.diagnosing import diagnosing
from tests.benchmarks.epochs import averaging, epochs
from tests.benchmarks.folds import folds, metrics
from tests.benchmarks.freezing import freezing
from tests.benchmarks.measured import Ended, Row, command, epochsearch, median_seconds, write_table
from tests.benchmarks.working import working

HERE = Path(__file__).parent
SAME_PRUNER = (
    "median(n_startup_trials=5,n_warmup_steps=0,interval_steps=1,n_min_trials=1)"  # Optuna's defaults
)


@dataclass(slots=True)
class Totals:
    """Searches over several seeds."""

    seconds: float = 0.0  # wall time of the whole processes
    epochs: int = 0  # trained
    best: float = math.inf

    @property
    def per_epoch(self) -> float:
        """Wall seconds per trained epoch."""
        return self.seconds / self.epochs

    def add(self, seconds: float, epochs: int, best: float) -> None:
        """Count one more search."""
        self.seconds, self.epochs, self.best = (
            self.seconds + seconds,
            self.epochs + epochs,
            min(self.best, best),
        )

    def __str__(self) -> str:
        return f"{self.epochs}, {self.per_epoch * 1e3:.1f}, {self.best:.4f}"


def main() -> None:
    """Run the parts that were asked for and print their rows as they come."""
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--trials", type=int, default=200, help="of the searches on digits (default: 200)")
    parser.add_argument("--seeds", type=int, default=1, help="that part textbook adds up (default: 1)")
    parser.add_argument("--runs", type=int, default=5, help="of each short command (default: 5)")
    parser.add_argument(
        "--tables", nargs="+", type=Path, metavar="FILE", help="that part freezing races on (default: ours)"
    )
    options = parser.parse_args()
    unknown = sorted(set(options.parts) - PARTS.keys())
    if unknown:
        parser.error(f"there is no part {unknown[0]!r}; known: {', '.join(PARTS)}")

    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    broken = 0
    with tempfile.TemporaryDirectory(prefix="epochsearch-bench-") as folder:
        for name in options.parts or PARTS:
            print(f"\n{name}")
            for row in PARTS[name](Path(folder), options):
                mark = {None: " ", True: "+", False: "!"}[row.kept]
                print(f"  {mark} {row.what:<58} {row.figure:>22}   {row.limit}", flush=True)
                broken += row.kept is False
    print(f"\n{broken} limits broken (marked !)" if broken else "\nno limit broken")
    sys.exit(1 if broken else 0)


def textbook(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """The same TPE trials by the textbook script and by the tool, on fresh databases.

    The limit is for equal options. How many epochs a pruner leaves is luck: time per epoch stands beside it.
    """
    script = Totals()
    for seed in range(options.seeds):
        database = str(folder / f"textbook-{seed}.db")
        arguments = [
            sys.executable,
            str(HERE / "textbook.py"),
            "tpe",
            str(options.trials),
            str(seed),
            database,
        ]
        ended = command(arguments, folder)
        found = re.search(r"epochs=(\d+) best=([\d.]+)", ended.output)
        assert found is not None, ended.output
        script.add(ended.seconds, int(found[1]), float(found[2]))
    yield Row("textbook script", f"{script.seconds:.1f} s")
    yield Row("  epochs, ms per epoch, best loss", str(script))
    for pruner, workers, times in (
        (SAME_PRUNER, 1, 3),
        (SAME_PRUNER, 2, 5),
        ("median", 1, 0),
        ("median", 2, 0),
    ):
        tool = Totals()
        for seed in range(options.seeds):
            search = _search(folder, options, workers, seed, pruner)
            document = search.document
            tool.add(search.seconds, document["epochs"]["trained"], document["best"]["value"])
        own = "its own pruner" if pruner == "median" else "the same pruner"
        ratio = script.seconds / tool.seconds
        yield Row(f"epochsearch, {own}, workers={workers}", f"{tool.seconds:.1f} s")
        yield Row("  epochs, ms per epoch, best loss", str(tool))
        limit = f"at least {times}" if times else ""
        yield Row("  times faster, wall time", f"{ratio:.1f}", limit, ratio >= times if times else None)
        yield Row("  times faster, per epoch", f"{script.per_epoch / tool.per_epoch:.1f}")


def overhead(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """The tool's wall time with one worker against a bare loop over the very curves of that study."""
    search = _search(folder, options, 1, 0, "median")
    shown = epochsearch("show", "s", *_storage(folder / "median-1-0.db"), "--json", directory=folder)
    script = command([sys.executable, str(HERE / "bare_loop.py")], folder, given=shown.output)
    bare = script.document["seconds"]
    inside = search.document["seconds"]["wall"]
    share = search.seconds / bare - 1
    yield Row("bare loop over the same curves, loops alone", f"{bare:.1f} s")
    yield Row("  and its whole process", f"{script.seconds:.1f} s")
    yield Row("epochsearch, 1 worker, whole process", f"{search.seconds:.1f} s")
    yield Row("  of it before and after the search", f"{search.seconds - inside:.1f} s")
    yield Row("  over the loops alone", f"{share:+.1%}", "at most 15 %", share <= 0.15)
    yield Row("  over the loops alone, start-up left out", f"{inside / bare - 1:+.1%}")
    yield Row("  process over process", f"{search.seconds / script.seconds - 1:+.1%}")


def ledger(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """A finished random study repeated under another name: every epoch comes from the ledger."""
    same = ("run", "digits", "--sampler", "random", "--seed", "0", "--trials", str(options.trials), "--json")
    storage = _storage(folder / "random.db")
    epochsearch(*same, *storage, "--study", "first", "--workers", "1", directory=folder)
    for workers in ("0", "1"):
        runs = [
            epochsearch(
                *same, *storage, "--study", f"again-{workers}-{i}", "--workers", workers, directory=folder
            )
            for i in range(3)
        ]
        assert all(run.document["epochs"]["trained"] == 0 for run in runs), "something was trained again"
        inside = median(run.document["seconds"]["wall"] for run in runs)
        rate, whole = options.trials / inside, options.trials / median(run.seconds for run in runs)
        yield Row(
            f"repeated, workers={workers}, trials/s in the search", f"{rate:.0f}", "at least 300", rate >= 300
        )
        yield Row("  and start-up included", f"{whole:.0f}")
    again = [epochsearch(*same, *storage, "--study", "first", directory=folder).seconds for _ in range(3)]
    yield Row("the finished study, asked to go on", f"{median(again):.2f} s")


def start_up(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """Short commands, on a database of 50 studies x 100 trials x 30 epochs."""
    from tests.benchmarks.make_database import make_database

    make_database(folder / "large.db", studies=50, trials=100, epochs=30)
    storage = _storage(folder / "large.db")
    commands = (
        (("--help",), 0.4),
        (("studies", *storage), 1.2),
        (("show", "study-7", *storage), 1.2),
        (("show", "study-7", *storage, "--json"), 1.2),
        (("tasks",), math.inf),
    )
    for arguments, limit in commands:
        seconds = median_seconds(*arguments, directory=folder, runs=options.runs)
        words = " ".join(word for word in arguments if word not in storage)
        bounded = limit < math.inf
        said = f"under {limit} s" if bounded else ""
        yield Row(f"epochsearch {words}", f"{seconds:.2f} s", said, seconds < limit if bounded else None)


def memory(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """Peak memory of a driver that goes through 10,000 trials of 30 reports."""
    write_table(folder / "table.csv", epochs=30)
    search = epochsearch(
        "run", "table:table.csv", "--sampler", "random", "--pruner", "median", "--epochs", "30",
        "--trials", "10000", "--workers", "0", *_storage(folder / "memory.db"), "--json", directory=folder,
    )  # fmt: skip
    yield Row("driver's peak memory", f"{search.megabytes:.0f} MB", "under 400 MB", search.megabytes < 400)
    yield Row("  wall time, trials/s", f"{search.seconds:.1f} s, {10000 / search.seconds:.0f}")


def profile(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """The profile of a network of convolutions at its five batch sizes."""
    ended = epochsearch("profile", "digits-cnn", "--json", directory=folder)
    sizes = len({batch["batch_size"] for batch in ended.document["batches"]})
    yield Row(
        f"profile digits-cnn, {sizes} batch sizes", f"{ended.seconds:.1f} s", "under 60 s", ended.seconds < 60
    )


PARTS: dict[str, Callable[[Path, argparse.Namespace], Iterator[Row]]] = {
    "textbook": textbook,
    "overhead": overhead,
    "ledger": ledger,
    "start-up": start_up,
    "memory": memory,
    "compare": comparing,
    "profile": profile,
    "diagnosis": diagnosing,
    "folds": folds,
    "metrics": metrics,
    "epochs": epochs,
    "averaging": averaging,
    "freezing": freezing,
    "working": working,
}
_searches: dict[str, Ended] = {}


def _search(folder: Path, options: argparse.Namespace, workers: int, seed: int, pruner: str) -> Ended:
    """Return a TPE search on digits and a fresh database, run once."""
    name = f"{'median' if pruner == 'median' else 'same'}-{workers}-{seed}"
    if name not in _searches:
        arguments = ["run", "digits", "--sampler", "tpe", "--pruner", pruner, "--seed", str(seed)]
        arguments += ["--trials", str(options.trials), "--workers", str(workers)]
        storage = _storage(folder / f"{name}.db")
        _searches[name] = epochsearch(*arguments, "--study", "s", *storage, "--json", directory=folder)
    return _searches[name]


def _storage(file: Path) -> tuple[str, str]:
    return "--storage", f"sqlite:///{file}"


if __name__ == "__main__":
    main()
