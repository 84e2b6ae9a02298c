"""`run --dry-run`: what the search will take, told instead of searched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from epochsearch.cli.words.next_steps import same_command
from epochsearch.core.settings import Settings

if TYPE_CHECKING:
    from epochsearch.search.costs.planning import Plan


def foretell(settings: Settings, storage: str, arguments: Sequence[str], *, as_json: bool) -> None:
    """Print what the search that these settings ask for will take; exit with 130 if it was interrupted.

    arguments: the command line that was typed.
    """
    from epochsearch.cli import console
    from epochsearch.cli.signals import ending_on_signals
    from epochsearch.cli.words.plan_texts import plan_document, plan_facts
    from epochsearch.engines.fork_server import warm_up

    found: Plan | None = None
    with ending_on_signals(), console.reserved_for_results():
        if settings.needs_workers:
            warm_up()
        from epochsearch.search.costs.planning import plan

        found = plan(settings, storage)
    if found is None:
        raise typer.Exit(130)
    if as_json:
        console.print_document(plan_document(found))
    else:
        command = same_command([word for word in arguments if word != "--dry-run"])
        console.print_facts(plan_facts(found, command))
