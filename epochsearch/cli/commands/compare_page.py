"""Where the page of a comparison goes; the dashboard gets its figure too."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from epochsearch.cli import console
from epochsearch.cli.options import sqlite_file
from epochsearch.cli.words.formats import file_stem
from epochsearch.core.errors import StorageError

if TYPE_CHECKING:
    from epochsearch.analysis.results import Evidence


def comparison_page(evidence: Evidence, url: str, html: str | None, *, wanted: bool) -> str:
    """Write the page and put the figure into the dashboard; return where the page is, "" for none.

    A database that cannot be written is no reason to fail.
    """
    from epochsearch.report.notes import attach_to_studies
    from epochsearch.report.page import write_page

    try:
        attach_to_studies(evidence, url)
    except StorageError as error:
        console.print_note(f"nothing was put into the dashboard: {error.message}")
    if not wanted:
        return ""
    file = Path(html) if html else _beside_database(evidence, url)
    write_page(evidence, file)
    return str(file)


def _beside_database(evidence: Evidence, url: str) -> Path:
    """Return a file beside the database, another one for another comparison."""
    studies = sorted(search.study for e in evidence.tasks for entry in e.entries for search in entry.searches)
    digest = hashlib.sha256("\n".join(studies).encode()).hexdigest()[:6]
    database = sqlite_file(url)
    name = f"compare-{file_stem(evidence.tasks[0].name)}-{digest}.html"
    return database.with_name(name) if database else Path(name)
