"""`epochsearch run`: options -> settings -> the search service -> the console."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from epochsearch.cli.commands.dry_run import foretell
from epochsearch.cli.commands.ending import Ending, ending
from epochsearch.cli.commands.extend import run_extension
from epochsearch.cli.commands.run_results import finish_run
from epochsearch.cli.options import JsonOption, StorageOption, parse_whole, settings_from, storage_url
from epochsearch.cli.search_options import (
    AccumulateOption,
    BatchSizeOption,
    DeviceOption,
    EpochsOption,
    FoldsOption,
    LearningRateOption,
    MetricsOption,
    MinDeltaOption,
    ObjectiveOption,
    OptimiseOption,
    OptimiserOption,
    ParamOption,
    PatienceOption,
    ResolutionOption,
    ScheduleOption,
    StrategyOption,
    ThreadsOption,
    TrainingOption,
    WeightsOption,
    WorkersOption,
    option,
)
from epochsearch.cli.watched import watched
from epochsearch.core.settings import Settings
from epochsearch.search.running.events import Event, SearchEnded

if TYPE_CHECKING:
    from epochsearch.search.extending.extended import Extension
    from epochsearch.search.running.progress import Stop

OWN = ("extend", "confirm", "dry_run")
"""Options that are no settings of the search."""


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
            "--sampler",
            "NAME",
            "grid, random, tpe, qmc, gp, cmaes or freeze-thaw, or NAME(option=value). [default: tpe]",
        ),
    ] = None,
    strategy: StrategyOption = None,
    pruner: Annotated[
        str | None,
        option(
            "--pruner",
            "NAME",
            "none, median, percentile, asha, hyperband, patient, threshold. [default: median]",
        ),
    ] = None,
    objective: ObjectiveOption = None,
    optimise: OptimiseOption = None,
    metrics: MetricsOption = None,
    epochs: EpochsOption = None,
    learning_rate: LearningRateOption = None,
    batch_size: BatchSizeOption = None,
    param: ParamOption = None,
    resolution: ResolutionOption = None,
    optimiser: OptimiserOption = None,
    schedule: ScheduleOption = None,
    training: TrainingOption = None,
    accumulate: AccumulateOption = None,
    weights: WeightsOption = None,
    patience: PatienceOption = None,
    min_delta: MinDeltaOption = None,
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
    extend: Annotated[
        bool, typer.Option("--extend", help="Carry on the best with more epochs afterwards, while it pays.")
    ] = False,
    confirm: Annotated[
        str | None,
        option("--confirm", "K", "Race the best K configurations on fresh training seeds afterwards."),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what it will take in epochs, time and disk, and end."),
    ] = False,
    storage: StorageOption = None,
    json: JsonOption = False,
) -> None:
    """Search for the best epochs, learning rate and batch size.

    The same command goes on where it stopped; a limit is a total over all runs of the study.
    """
    said = {name: value for name, value in locals().items() if value is not None and name not in OWN}
    settings, url = settings_from(said), storage_url(storage)
    if dry_run:
        foretell(settings, url, sys.argv, as_json=json)
        return
    count = None if confirm is None else parse_whole(confirm, "--confirm", 1, example=5)
    ended = _watched(settings, url, extend=extend)
    extended = _extended(ended, url, settings.workers) if extend else None
    endings = _endings(ended, extended, url, count, settings.workers)
    finish_run(ended, extended, endings, url, as_json=json)


def _watched(settings: Settings, storage: str, *, extend: bool) -> SearchEnded:
    from epochsearch.cli import console
    from epochsearch.engines.fork_server import warm_up

    if settings.needs_workers:
        with console.reserved_for_results():  # workers inherit the server's standard output
            warm_up()  # before all else: it takes longest

    def begin(stop: Stop) -> Iterator[Event]:
        from epochsearch.search.running.service import search  # takes a second: the view stands by then

        if not extend:
            return search(settings, storage, stop)
        from epochsearch.search.extending.extension import extendable

        return extendable(search(settings, storage, stop))

    return watched(begin)


def _extended(ended: SearchEnded, storage: str, workers: str | None) -> tuple[SearchEnded, Extension] | None:
    """Carry on the best of a search that a limit has ended; None if there is nothing to carry on."""
    if ended.why == "interrupted" or ended.summary.best is None:
        return None
    from epochsearch.core.extension import ExtensionSettings

    return run_extension(storage, ended.summary.study, ExtensionSettings(workers=workers))


def _endings(
    ended: SearchEnded,
    extended: tuple[SearchEnded, Extension] | None,
    storage: str,
    confirm: int | None,
    workers: str | None,
) -> list[Ending]:
    """Return what is recommended of the study and of its extension; the last of the two is raced for."""
    if extended is None:
        return [ending(ended, storage, confirm, workers)]
    return [ending(ended, storage, None, workers), ending(extended[0], storage, confirm, workers)]
