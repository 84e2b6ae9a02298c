"""`epochsearch run`: options -> settings -> the search service -> the console."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from epochsearch.cli.next_steps import go_on_command, next_commands
from epochsearch.cli.options import JsonOption, StorageOption, settings_from, storage_url
from epochsearch.cli.search_options import (
    AccumulateOption,
    BatchSizeOption,
    DeviceOption,
    EpochsOption,
    FoldsOption,
    LearningRateOption,
    ObjectiveOption,
    OptimiserOption,
    ParamOption,
    ResolutionOption,
    ScheduleOption,
    ThreadsOption,
    TrainingOption,
    WorkersOption,
    option,
)
from epochsearch.core.errors import SearchFailedError
from epochsearch.core.settings import Settings
from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import Outcome
from epochsearch.search.events import SearchEnded, TrialStarted


def run(
    task: Annotated[
        str | None,
        typer.Argument(
            metavar="TASK",
            help="A task's name, study.toml, your own file.py[:Name], or table:FILE. [default: digits]",
            show_default=False,
        ),
    ] = None,
    sampler: Annotated[
        str | None,
        option(
            "--sampler", "NAME", "grid, random, tpe, qmc, gp or cmaes, or NAME(option=value). [default: tpe]"
        ),
    ] = None,
    pruner: Annotated[
        str | None,
        option(
            "--pruner",
            "NAME",
            "none, median, percentile, asha, hyperband, patient, threshold. [default: median]",
        ),
    ] = None,
    objective: ObjectiveOption = None,
    epochs: EpochsOption = None,
    learning_rate: LearningRateOption = None,
    batch_size: BatchSizeOption = None,
    param: ParamOption = None,
    resolution: ResolutionOption = None,
    optimiser: OptimiserOption = None,
    schedule: ScheduleOption = None,
    training: TrainingOption = None,
    accumulate: AccumulateOption = None,
    trials: Annotated[str | None, option("--trials", "N", "End after N trials in total.")] = None,
    epoch_budget: Annotated[
        str | None, option("--epoch-budget", "N", "End after N charged epochs in total.")
    ] = None,
    time_limit: Annotated[
        str | None, option("--time-limit", "TIME", "End after 90s, 10m or 1h30m in total.")
    ] = None,
    workers: WorkersOption = None,
    device: DeviceOption = None,
    threads: ThreadsOption = None,
    seed: Annotated[
        str | None, option("--seed", "N", "Of the search and of each training. [default: 0]")
    ] = None,
    folds: FoldsOption = None,
    study: Annotated[
        str | None, option("--study", "NAME", "Its name; a study of that name goes on where it stopped.")
    ] = None,
    storage: StorageOption = None,
    json: JsonOption = False,
) -> None:
    """Search for the best epochs, learning rate and batch size.

    The same command goes on where it stopped; a limit is a total over all runs of the study.
    """
    said = {name: value for name, value in locals().items() if value is not None}
    settings = settings_from(said)
    ended = _watched(settings, storage_url(storage))
    _finish(ended, as_json=json)


def _watched(settings: Settings, storage: str) -> SearchEnded:
    from epochsearch.cli.live import watching
    from epochsearch.cli.signals import first_signal
    from epochsearch.engines.fork_server import warm_up

    ended: SearchEnded | None = None
    if settings.needs_workers:
        warm_up()  # before all else: it takes longest
    with watching() as watcher:
        from epochsearch.search.service import Stop, search  # takes a second: the view stands by then

        stop, begun = Stop(), False

        def ask() -> bool:
            watcher.stopping()
            stop.request()
            return not begun  # nothing is to be saved yet, and loading may take long

        with first_signal(ask):
            for event in search(settings, storage, stop):
                begun = begun or isinstance(event, TrialStarted)
                watcher.see(event)
                if isinstance(event, SearchEnded):
                    ended = event
    assert ended is not None, "a search ends with SearchEnded"
    return ended


def _finish(ended: SearchEnded, *, as_json: bool) -> None:
    from epochsearch.cli import console
    from epochsearch.cli.documents import error_document, search_document
    from epochsearch.cli.texts import search_facts

    summary, interrupted = ended.summary, ended.why == "interrupted"
    failure = _failure(summary, ended.last_reason)
    if as_json:
        document = search_document(summary, ended.why)
        if failure is not None:
            document |= error_document(failure.kind, failure.message, failure.exit_code)
        console.print_document(document)
        if interrupted:
            console.print_note(f"go on with: {go_on_command(sys.argv, summary.study)}")
    else:
        commands = next_commands(sys.argv, summary.study, interrupted=interrupted)
        console.print_facts([*search_facts(summary, ended.why), ("Next", "\n".join(commands))])
    if failure is not None:
        console.print_error(failure.message)
        raise typer.Exit(failure.exit_code)
    if interrupted:
        raise typer.Exit(130)


def _failure(summary: StudySummary, reason: str) -> SearchFailedError | None:
    failed = summary.counts.get(Outcome.FAILED, 0)
    if failed == 0 or failed < summary.finished:
        return None
    rule = "every trial failed" if failed > 1 else "the only trial failed"
    last = " ".join(reason.split()) or "not known"
    return SearchFailedError(summary.study, "", rule, f"The last reason: {last}")
