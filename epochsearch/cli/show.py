"""`epochsearch show STUDY`: its spec, its best points, what became of its trials, and what it cost."""

from __future__ import annotations

from epochsearch.cli.options import JsonOption, StorageOption, StudyArgument, require_stored, storage_url
from epochsearch.core.extension import is_extension


def show(study: StudyArgument, storage: StorageOption = None, json: JsonOption = False) -> None:
    """Show one study: spec, best points, outcomes and cost."""
    from epochsearch.cli import console

    url = storage_url(storage)
    require_stored(url, study)
    from epochsearch.store.archive import study_curves, study_summary, study_trials

    summary = study_summary(url, study)
    if json:
        from epochsearch.cli.documents import study_document

        console.print_document(study_document(summary, study_curves(url, study)))
        return
    from epochsearch.cli.spreads import best_spread, spreads
    from epochsearch.cli.texts import best_rows, best_trials, study_facts, trial_columns
    from epochsearch.store.resources import trial_memory

    facts = study_facts(summary, best_spread(url, summary), trial_memory(url, study))
    if is_extension(summary.spec):
        from epochsearch.cli.extension_texts import extension_facts
        from epochsearch.search.extended import read_extension

        facts += extension_facts(read_extension(url, study), summary.spec.measure)
    console.print_facts(facts)
    trials, measure = study_trials(url, study), summary.spec.measure
    apart = spreads(url, study, best_trials(trials), measure) if summary.spec.folds > 1 else None
    rows = best_rows(trials, measure=measure, spreads=apart)
    if rows:
        extras = [name for name, _ in summary.spec.space.extras]
        console.print_lines(
            ["", f"The best {len(rows)} points" if len(rows) > 1 else "The one completed point"]
        )
        columns = trial_columns(measure, folds=apart is not None)
        console.print_table([*columns, *extras], rows, right=columns)
