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

from tests.benchmarks.measured import Ended, command, epochsearch, median_seconds

HERE = Path(__file__).parent
SEARCH = ("run", "digits", "--sampler", "tpe", "--pruner", "median", "--seed", "0")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    figure: str
    limit: str = ""
    kept: bool | None = None  # None: there is no limit


def main() -> None:
    """Run the parts that were asked for and print their rows as they come."""
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--trials", type=int, default=200, help="of the searches on digits (default: 200)")
    parser.add_argument(
        "--runs", type=int, default=5, help="of which a short command's median is taken (default: 5)"
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
    """The same TPE trials by the textbook script and by the tool, on fresh databases."""
    script = command(
        [
            sys.executable,
            str(HERE / "textbook.py"),
            "tpe",
            str(options.trials),
            "0",
            str(folder / "textbook.db"),
        ],
        folder,
    )
    found = re.search(r"epochs=(\d+) best=([\d.]+)", script.output)
    assert found is not None, script.output
    epochs = int(found[1])
    per_epoch = script.seconds / epochs
    yield Row("textbook script", f"{script.seconds:.1f} s")
    yield Row("  epochs, ms per epoch, best loss", f"{epochs}, {per_epoch * 1e3:.1f}, {found[2]}")
    for workers, share in ((1, 3), (2, 5)):
        search = _search(folder, options, workers)
        document = search.document
        trained = document["epochs"]["trained"]
        ratio, epoch_ratio = script.seconds / search.seconds, per_epoch / (search.seconds / trained)
        label = f"epochsearch, {workers} worker{'s' if workers > 1 else ''}"
        yield Row(label, f"{search.seconds:.1f} s")
        figures = f"{trained}, {search.seconds / trained * 1e3:.1f}, {document['best']['value']:.4f}"
        yield Row("  epochs, ms per epoch, best loss", figures)
        yield Row("  times faster, wall time", f"{ratio:.1f}", f"at least {share}", ratio >= share)
        yield Row("  times faster, per epoch", f"{epoch_ratio:.1f}")


def overhead(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """The tool's wall time with one worker against a bare loop over the very curves of that study."""
    search = _search(folder, options, workers=1)
    shown = epochsearch("show", "w1", *_storage(folder / "w1.db"), "--json", directory=folder)
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
    epochsearch(*same, *storage, "--study", "first", "--workers", "2", directory=folder)
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
    _write_table(folder / "table.csv", epochs=30)
    search = epochsearch(
        "run", "table:table.csv", "--sampler", "random", "--pruner", "median", "--epochs", "30",
        "--trials", "10000", "--workers", "0", *_storage(folder / "memory.db"), "--json", directory=folder,
    )  # fmt: skip
    yield Row("driver's peak memory", f"{search.megabytes:.0f} MB", "under 400 MB", search.megabytes < 400)
    yield Row("  wall time, trials/s", f"{search.seconds:.1f} s, {10000 / search.seconds:.0f}")


PARTS: dict[str, Callable[[Path, argparse.Namespace], Iterator[Row]]] = {
    "textbook": textbook,
    "overhead": overhead,
    "ledger": ledger,
    "start-up": start_up,
    "memory": memory,
}
_searches: dict[int, Ended] = {}


def _search(folder: Path, options: argparse.Namespace, workers: int) -> Ended:
    """Return the search on a fresh database, run once per number of workers."""
    if workers not in _searches:
        study = ("--study", f"w{workers}", *_storage(folder / f"w{workers}.db"))
        arguments = (*SEARCH, "--trials", str(options.trials), "--workers", str(workers), *study, "--json")
        _searches[workers] = epochsearch(*arguments, directory=folder)
    return _searches[workers]


def _storage(file: Path) -> tuple[str, str]:
    return "--storage", f"sqlite:///{file}"


def _write_table(file: Path, epochs: int) -> None:
    """Write made-up curves of 20 learning rates x 5 batch sizes as a recorded table."""
    lines = ["learning_rate,batch_size,seed,epoch,val_loss"]
    for i in range(20):
        rate = 10 ** (-5 + 4 * i / 19)
        for size in (16, 32, 64, 128, 256):
            end = 0.1 + (math.log10(rate) + 3) ** 2 / 4 + size / 1000
            lines += [f"{rate:.6g},{size},0,{epoch},{end + 2 / epoch:.6g}" for epoch in range(1, epochs + 1)]
    file.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
