"""What a comparison costs: real training on a shared ledger, replay of a recorded table, and the page."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.measured import Ended, Row, command, epochsearch, write_table

TEXTBOOK = Path(__file__).with_name("textbook.py")


def comparing(folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """Grid, random and tpe x 10 seeds x 40 trials on digits; x 30 seeds x 50 trials on a table; its page."""
    yield from _trained(folder)
    yield from _replayed(folder)


def _trained(folder: Path) -> Iterator[Row]:
    script = command(
        [sys.executable, str(TEXTBOOK), "random", "40", "0", str(folder / "textbook.db")], folder
    )
    found = re.search(r"epochs=(\d+)", script.output)
    assert found is not None, script.output
    per_epoch = script.seconds / int(found[1])
    ended = _compare(folder, "digits", "--seeds", "10", "--trials", "40", "--workers", "2", "--no-html")
    charged, trained = (ended.document["epochs"][name] for name in ("charged", "trained"))
    times, share = charged * per_epoch / ended.seconds, trained / charged
    yield Row("textbook script, ms per epoch in this run", f"{per_epoch * 1e3:.1f}")
    yield Row("compare, 3 samplers x 10 seeds x 40 trials, digits", f"{ended.seconds:.1f} s")
    yield Row(
        "  times faster than textbook for the charged epochs", f"{times:.1f}", "at least 20", times >= 20
    )
    yield Row("  epochs charged, trained", f"{charged}, {trained}")
    yield Row("  trained of charged", f"{share:.3f}", "at most 0.25", share <= 0.25)


def _replayed(folder: Path) -> Iterator[Row]:
    write_table(folder / "recorded.csv", epochs=50)
    same = ("table:recorded.csv", "--seeds", "30", "--trials", "50")
    first = _compare(folder, *same, "--no-html")
    again = _compare(folder, *same, "--no-html")
    page = folder / "page.html"
    drawn = _compare(folder, *same, "--html", str(page))
    built, size = max(0.0, drawn.seconds - again.seconds), page.stat().st_size / 1e6
    yield Row(
        "compare, 3 samplers x 30 seeds x 50 trials, table",
        f"{first.seconds:.1f} s",
        "under 60 s",
        first.seconds < 60,
    )
    yield Row("  the same again, nothing to do", f"{again.seconds:.1f} s")
    yield Row("  the page on top of that", f"{built:.1f} s", "under 10 s", built < 10)
    yield Row("  the page's size", f"{size:.1f} MB", "under 8 MB", size < 8)


def _compare(folder: Path, *arguments: Any) -> Ended:
    samplers = ("--samplers", "grid,random,tpe")
    return epochsearch(
        "compare",
        *arguments,
        *samplers,
        "--storage",
        f"sqlite:///{folder / 'compare.db'}",
        "--no-test",
        "--json",
        directory=folder,
    )
