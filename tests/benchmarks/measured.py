"""One command in another process: its wall time, its peak memory and what it printed."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

COMMAND = str(Path(sys.executable).with_name("epochsearch"))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    figure: str
    limit: str = ""
    kept: bool | None = None  # None: there is no limit


@dataclass(frozen=True, slots=True)
class Ended:
    """How one run of a command ended."""

    seconds: float  # wall time of the whole process, interpreter start-up included
    megabytes: float  # peak resident memory of that process alone, workers not counted
    output: str

    @property
    def document(self) -> Any:
        """The JSON document that was printed."""
        return json.loads(self.output)


def command(arguments: Sequence[str], directory: Path, given: str = "") -> Ended:
    """Return how the command ended, run in `directory` with `given` on its standard input.

    Raises:
        RuntimeError: It did not exit with 0.
    """
    with (
        tempfile.TemporaryFile("w+") as put,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
    ):
        put.write(given)
        put.seek(0)
        started = time.perf_counter()
        process = subprocess.Popen(list(arguments), cwd=directory, stdin=put, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)}: exit {process.returncode}\n{err.read()[-2000:]}")
        unit = 1024 if sys.platform == "linux" else 1024 * 1024  # ru_maxrss: kilobytes, on macOS bytes
        return Ended(seconds, usage.ru_maxrss / unit, out.read())


def epochsearch(*arguments: str, directory: Path) -> Ended:
    """Return how `epochsearch ARGUMENTS` ended."""
    return command([COMMAND, *arguments], directory)


def median_seconds(*arguments: str, directory: Path, runs: int) -> float:
    """Return the median wall time of several runs of `epochsearch ARGUMENTS`, after one that warms caches."""
    epochsearch(*arguments, directory=directory)
    return median(epochsearch(*arguments, directory=directory).seconds for _ in range(runs))


def write_table(file: Path, epochs: int) -> None:
    """Write made-up curves of 20 learning rates x 5 batch sizes as a recorded table."""
    lines = ["learning_rate,batch_size,seed,epoch,val_loss"]
    for i in range(20):
        rate = 10 ** (-5 + 4 * i / 19)
        for size in (16, 32, 64, 128, 256):
            end = 0.1 + (math.log10(rate) + 3) ** 2 / 4 + size / 1000
            lines += [f"{rate:.6g},{size},0,{epoch},{end + 2 / epoch:.6g}" for epoch in range(1, epochs + 1)]
    file.write_text("\n".join(lines) + "\n")
