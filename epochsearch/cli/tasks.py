"""`epochsearch tasks`: what can be searched without writing anything."""

from __future__ import annotations

from epochsearch.cli.options import JsonOption


def tasks(json: JsonOption = False) -> None:
    """List the tasks that are built in."""
    from epochsearch.cli import console
    from epochsearch.tasks.registry import ENTRIES

    entries = ENTRIES.items()
    if json:
        documents = [
            {"name": name, "title": entry.title, "description": entry.description} for name, entry in entries
        ]
        console.print_document(documents)
        return
    rows = [(name, entry.title, entry.description) for name, entry in entries]
    console.print_table(("task", "what it is", "data and model"), rows)
    console.print_lines(
        ["", "Your own: epochsearch run file.py[:Name]; recorded: epochsearch run table:FILE"]
    )
