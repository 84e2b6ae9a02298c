"""`epochsearch studies`: what is in the storage."""

from __future__ import annotations

from epochsearch.cli.options import JsonOption, StorageOption, nothing_stored, storage_url


def studies(storage: StorageOption = None, json: JsonOption = False) -> None:
    """List the studies in the storage."""
    from epochsearch.cli import console
    from epochsearch.cli.words.documents import studies_document
    from epochsearch.cli.words.texts import STUDY_COLUMNS, study_row
    from epochsearch.core.summary import StudySummary

    url = storage_url(storage)
    summaries: list[StudySummary] = []
    if not nothing_stored(url):
        from epochsearch.store.archive import study_summaries

        summaries = study_summaries(url)
    if json:
        console.print_document(studies_document(summaries))
    elif summaries:
        rows = [study_row(summary) for summary in summaries]
        numbers = ("trials", "best", "charged", "trained")
        console.print_table(STUDY_COLUMNS, rows, right=numbers, spare=("trained", "pruner", "sampler"))
    else:
        console.print_lines([f"No study in {url} yet. Start one with: epochsearch run"])
