"""`epochsearch dashboard`: optuna-dashboard on this machine's own address."""

from __future__ import annotations

from typing import Annotated

import typer

from epochsearch.cli.options import JsonOption, StorageOption, parse_whole, require_stored, storage_url

LISTED = 10


def dashboard(
    port: Annotated[str, typer.Option("--port", metavar="N", help="The first port to try.")] = "8080",
    storage: StorageOption = None,
    json: JsonOption = False,
) -> None:
    """Show all studies of the storage in a browser, until Ctrl-C."""
    from epochsearch.cli import console
    from epochsearch.cli.signals import ending_on_signals

    first = parse_whole(port, "--port", 1, example=8080)
    url = storage_url(storage)
    require_stored(url, "")
    from epochsearch.report.dashboard import open_dashboard
    from epochsearch.store.archive import study_summaries

    names = [summary.study for summary in study_summaries(url)]
    with ending_on_signals():
        server = open_dashboard(url, first)
        if json:
            console.print_document({"address": server.address, "storage": url, "studies": names})
        else:
            facts = [("Address", server.address), ("Studies", _listed(names))]
            if len(names) > 1:
                facts.append(("Together", server.comparison))
            console.print_facts([*facts, ("End", "Ctrl-C")])
        server.serve()


def _listed(names: list[str]) -> str:
    """Return the names, if many only the last updated ones: the address above must stay in sight."""
    more = [f"and {len(names) - LISTED} more: epochsearch studies"] if len(names) > LISTED else []
    return "\n".join([*names[:LISTED], *more]) or "none yet; start one with: epochsearch run"
