"""`epochsearch tasks`: what can be searched without writing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from epochsearch.cli.options import JsonOption

if TYPE_CHECKING:
    from epochsearch.tasks.entry import Entry

_COLUMNS = ("task", "data", "rows", "inputs", "classes", "weights", "s/epoch", "model", "licence", "source")
_NUMBERS = ("rows", "inputs", "classes", "weights", "s/epoch")
_SPARE = ("source", "licence", "model")


def tasks(json: JsonOption = False) -> None:
    """List the tasks that are built in."""
    from epochsearch.cli import console
    from epochsearch.tasks.registry import ENTRIES

    if json:
        console.print_document([_document(name, entry) for name, entry in ENTRIES.items()])
        return
    rows = [_row(name, entry) for name, entry in ENTRIES.items()]
    console.print_table(_COLUMNS, rows, right=_NUMBERS, spare=_SPARE)
    console.print_lines(
        [
            "",
            "s/epoch: at batch size 64 on one core of a small server. Sources and licences: --json",
            "data: none here yet; EPOCHSEARCH_DATA may name a folder, else a run fetches them",
            "Your own: epochsearch run file.py[:Name]; recorded: epochsearch run table:FILE",
        ]
    )


def _row(name: str, entry: Entry) -> tuple[str, ...]:
    classes = str(entry.classes) if entry.classes else "real"
    return (
        name,
        "here" if _held_by(entry) else "none",
        f"{entry.rows:,}",
        entry.shape,
        classes,
        f"{entry.weights:,}",
        f"{entry.seconds:g}",
        entry.network,
        entry.origin.licence,
        entry.origin.source,
    )


def _document(name: str, entry: Entry) -> dict[str, Any]:
    return {
        "name": name,
        "title": entry.title,
        "description": entry.description,
        "data": _held_by(entry),
        "rows": entry.rows,
        "inputs": list(entry.inputs),
        "classes": entry.classes,
        "weights": entry.weights,
        "model": entry.network,
        "source": entry.origin.source,
        "licence": entry.origin.licence,
        "seconds_per_epoch": entry.seconds,
    }


def _held_by(entry: Entry) -> str | None:
    """Return how the data are on this machine, None if they are not; nothing of them is read."""
    from epochsearch.tasks.datasets.places import find

    if not entry.origin.data_set:
        return "installed"
    place = find(entry.origin.data_set)
    return place.way if place else None
