"""How many worker processes a search gets."""

from __future__ import annotations

from epochsearch.core.errors import UsageError
from epochsearch.engines.cores import usable_cores

WORKERS_PER_CORE = 16


def worker_count(asked: str | None, recorded: bool, where: str = "--workers") -> int:
    """Return how many worker processes are meant by auto, a number or nothing; 0: this process.

    recorded: the curves are read from a table, which no worker is needed for.

    Raises:
        UsageError: It is neither, or more than this machine can make use of.
    """
    cores = usable_cores()
    if asked is None or asked == "auto":
        return 0 if recorded else cores
    if not asked.isdecimal():
        raise UsageError(
            where, asked, "must be auto or a whole number, 0 for this process", "Example: --workers 2"
        )
    if int(asked) > WORKERS_PER_CORE * cores:
        rule = f"more than {WORKERS_PER_CORE} a core only stand in each other's way; there are {cores} cores"
        raise UsageError(where, asked, rule, "Example: --workers auto")
    return 0 if recorded else int(asked)
