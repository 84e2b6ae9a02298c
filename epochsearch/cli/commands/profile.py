"""`epochsearch profile TASK`: what each batch size takes in time and memory, and the largest that fits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from epochsearch.cli.options import JsonOption, parse_bytes, parse_whole, settings_from
from epochsearch.cli.search_options import (
    DeviceOption,
    OptimiserOption,
    ThreadsOption,
    TrainingOption,
    option,
)

if TYPE_CHECKING:
    from epochsearch.core.settings import Settings
    from epochsearch.search.costs.profiling import Profile

OWN = ("batch_sizes", "accumulate", "memory")
"""Options that are no settings of a search."""


def profile(
    task: Annotated[
        str | None,
        typer.Argument(
            metavar="TASK",
            help="A task's name, study.toml or your own file.py[:Name]. [default: digits]",
            show_default=False,
        ),
    ] = None,
    batch_sizes: Annotated[
        str | None,
        option("--batch-sizes", "A,B,...", "Or LOW:HIGH. [default: the task's, as 16,32,64,128,256]"),
    ] = None,
    accumulate: Annotated[
        str | None,
        option("--accumulate", "N", "Each batch in N parts as well. [default: the largest one in 4]"),
    ] = None,
    optimiser: OptimiserOption = None,
    training: TrainingOption = None,
    memory: Annotated[
        str | None,
        option("--memory", "SIZE", "That a worker may have, as 2GB. [default: what is free, shared]"),
    ] = None,
    workers: Annotated[
        str | None, option("--workers", "N|auto", "That share the memory. [default: auto, one per core]")
    ] = None,
    device: DeviceOption = None,
    threads: ThreadsOption = None,
    json: JsonOption = False,
) -> None:
    """Measure what each batch size takes in time and memory.

    Each is trained for a few epochs in a process of its own; nothing is stored. The memory is the peak of the
    process, what torch takes by itself included; on CUDA, what is allocated.
    """
    said = {name: value for name, value in locals().items() if value is not None and name not in OWN}
    if batch_sizes is not None:
        said["batch_size"] = batch_sizes
    settings = settings_from(said)
    settings = replace(settings, where={**settings.where, "batch_size": "--batch-sizes"})
    parts = None if accumulate is None else parse_whole(accumulate, "--accumulate", 2, example=4)
    limit = None if memory is None else parse_bytes(memory, "--memory")
    found = _measured(settings, parts, limit)
    if json:
        from epochsearch.cli import console
        from epochsearch.cli.words.profile_texts import profile_document

        console.print_document(profile_document(found))
    else:
        _print(found)


def _measured(settings: Settings, parts: int | None, limit: int | None) -> Profile:
    """Return what was measured; a signal ends the command."""
    from epochsearch.cli import console
    from epochsearch.cli.signals import ending_on_signals
    from epochsearch.cli.words.profile_texts import progress_line
    from epochsearch.search.costs.profiling import Profile
    from epochsearch.search.costs.profiling import profile as profiled

    with ending_on_signals(), console.reserved_for_results():
        for event in profiled(settings, parts, limit):
            if isinstance(event, Profile):
                return event
            console.print_progress(progress_line(event))
    raise typer.Exit(130)


def _print(found: Profile) -> None:
    from epochsearch.cli import console
    from epochsearch.cli.words.profile_texts import COST_COLUMNS, cost_row, profile_facts, title

    console.print_lines([title(found), ""])
    console.print_table(COST_COLUMNS, [cost_row(cost) for cost in found.costs], right=COST_COLUMNS)
    console.print_lines([""])
    console.print_facts(profile_facts(found))
