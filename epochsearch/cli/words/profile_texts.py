"""What is told of a profile: a row for each batch size, the largest one that fits, and what to type next."""

from __future__ import annotations

import textwrap
from typing import Any

from epochsearch.analysis.resources import BatchCost
from epochsearch.cli.console import Fact
from epochsearch.cli.words.documents import number
from epochsearch.cli.words.formats import bytes_text, count_text
from epochsearch.search.costs.profiling import Largest, Profile, Refused

COST_COLUMNS = ("batch size", "steps", "s per epoch", "samples/s", "peak memory")
_WIDTH = 70  # beside the labels, on 80 columns


def title(profile: Profile) -> str:
    """Return the line above the table."""
    spec = profile.spec
    threads = count_text(spec.threads, "thread")
    how = f"{spec.recipe.optimiser.name}, {spec.device}, {threads}"
    return f"{profile.task}: {profile.rows:,} training rows, {how}"


def cost_row(cost: BatchCost) -> tuple[str, ...]:
    """Return the cells of a batch size under COST_COLUMNS."""
    return (
        size_text(cost.batch_size, cost.accumulate),
        f"{cost.steps:,}",
        f"{cost.seconds:.3g}" if cost.seconds < 100 else f"{cost.seconds:,.0f}",
        f"{cost.samples_per_second:,.0f}",
        "-" if cost.memory_bytes is None else bytes_text(cost.memory_bytes),
    )


def size_text(batch_size: int, accumulate: int) -> str:
    """Return 256, or 256 in 4 parts."""
    return f"{batch_size:,}" if accumulate == 1 else f"{batch_size:,} in {accumulate} parts"


def progress_line(event: BatchCost | Refused) -> str:
    """Return the line that is told while more is measured."""
    said = f"{event.seconds:.3g} s per epoch" if isinstance(event, BatchCost) else "does not fit"
    return f"batch size {size_text(event.batch_size, event.accumulate)}  {said}"


def profile_facts(profile: Profile) -> list[Fact]:
    """Return what follows from the table."""
    facts = [("Refused", _refused_text(one)) for one in profile.refused]
    largest = "none of them fits" if profile.largest is None else _largest_text(profile.largest)
    limit = "" if profile.limit_bytes is None else f"{bytes_text(profile.limit_bytes)} for each worker"
    facts.append(("Largest", largest))
    if limit:
        facts.append(("Memory", f"{limit}, {count_text(profile.workers, 'worker')}"))
    return [*facts, ("Next", f"epochsearch run {profile.task} --dry-run")]


def profile_document(profile: Profile) -> dict[str, Any]:
    """Return what `--json` prints."""
    largest = profile.largest
    return {
        "task": profile.task,
        "device": profile.spec.device,
        "threads": profile.spec.threads,
        "train_rows": profile.rows,
        "batches": [_cost(cost) for cost in profile.costs],
        "refused": [
            {"batch_size": one.batch_size, "accumulate": one.accumulate, "reason": one.reason}
            for one in profile.refused
        ],
        "largest": _cost(largest.cost) | {"bounded_by": largest.bounded_by} if largest else None,
        "limit_bytes": profile.limit_bytes,
        "workers": profile.workers,
    }


def _refused_text(one: Refused) -> str:
    text = f"{size_text(one.batch_size, one.accumulate)}: {one.reason}"
    return "\n".join(textwrap.wrap(text, _WIDTH))


def _largest_text(largest: Largest) -> str:
    cost = largest.cost
    size = f"{cost.batch_size:,}"
    if largest.bounded_by == "rows":
        size += ", all training rows at once"
    peak = "" if cost.memory_bytes is None else f": {bytes_text(cost.memory_bytes)}"
    return f"{size}{peak}, {cost.seconds:.3g} s per epoch"


def _cost(cost: BatchCost) -> dict[str, Any]:
    return {
        "batch_size": cost.batch_size,
        "accumulate": cost.accumulate,
        "steps": cost.steps,
        "epoch_seconds": number(cost.seconds),
        "samples_per_second": number(cost.samples_per_second),
        "memory_bytes": cost.memory_bytes,
        "epochs_measured": cost.epochs,
    }
