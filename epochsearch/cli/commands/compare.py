"""`epochsearch compare`: options -> searches under one budget -> evidence -> the console and the page."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epochsearch.cli.commands.compare_page import comparison_page
from epochsearch.cli.options import (
    JsonOption,
    StorageOption,
    parse_number,
    parse_whole,
    require_stored,
    settings_from,
    storage_url,
)
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
    ThreadsOption,
    TrainingOption,
    WeightsOption,
    WorkersOption,
    option,
)
from epochsearch.cli.watched import watched_events
from epochsearch.cli.words.next_steps import next_looks, same_command
from epochsearch.core.errors import UsageError
from epochsearch.core.spec import Limits
from epochsearch.search.comparing.comparison_events import ComparisonEnded, ComparisonEvent, ComparisonStarted

if TYPE_CHECKING:
    from epochsearch.analysis.results import Evidence
    from epochsearch.search.comparing.comparison import ComparisonRequest
    from epochsearch.search.running.progress import Stop

OWN = ("tasks", "samplers", "seeds", "training_seeds", "studies", "target", "html", "no_html", "no_test")
"""Options that are no settings of a search."""


def compare(
    tasks: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TASK]...",
            help="One task or several: names, file.py[:Name] or table:FILE. [default: digits]",
            show_default=False,
        ),
    ] = None,
    samplers: Annotated[
        str | None,
        option(
            "--samplers",
            "A,B,...",
            "What is compared: SAMPLER, SAMPLER(option=value) or SAMPLER+PRUNER. [default: grid,random,tpe]",
        ),
    ] = None,
    seeds: Annotated[
        str | None, option("--seeds", "N", "Searches of each, with seeds 0 to N-1. [default: 10]")
    ] = None,
    training_seeds: Annotated[
        str | None,
        option("--training-seeds", "N", "Repeat each search over N initialisations. [default: 1]"),
    ] = None,
    epoch_budget: Annotated[
        str | None,
        option("--epoch-budget", "N", "Charged epochs of each search. [default: 500, if no other budget]"),
    ] = None,
    time_budget: Annotated[
        str | None, option("--time-budget", "TIME", "Charged training time of each search: 90s, 10m, 1h30m.")
    ] = None,
    trials: Annotated[str | None, option("--trials", "N", "Trials of each search.")] = None,
    resolution: ResolutionOption = None,
    objective: ObjectiveOption = None,
    optimise: OptimiseOption = None,
    metrics: MetricsOption = None,
    epochs: EpochsOption = None,
    learning_rate: LearningRateOption = None,
    batch_size: BatchSizeOption = None,
    param: ParamOption = None,
    optimiser: OptimiserOption = None,
    schedule: ScheduleOption = None,
    training: TrainingOption = None,
    accumulate: AccumulateOption = None,
    weights: WeightsOption = None,
    patience: PatienceOption = None,
    min_delta: MinDeltaOption = None,
    workers: WorkersOption = None,
    device: DeviceOption = None,
    threads: ThreadsOption = None,
    folds: FoldsOption = None,
    studies: Annotated[
        list[str] | None,
        option("--studies", "A,B,...", "Compare these studies of the storage instead; may be repeated."),
    ] = None,
    target: Annotated[
        str | None,
        option("--target", "LOSS", "Also tell how many epochs it takes to reach this loss or metric."),
    ] = None,
    html: Annotated[
        str | None, option("--html", "FILE", "Where the page goes. [default: beside the database]")
    ] = None,
    no_html: Annotated[bool, typer.Option("--no-html", help="Make no page.")] = False,
    no_test: Annotated[
        bool, typer.Option("--no-test", help="Leave the test part sealed: no test loss of the chosen points.")
    ] = False,
    storage: StorageOption = None,
    json: JsonOption = False,
) -> None:
    """Compare samplers under one budget, over many seeds.

    Their searches share curves. Each is a study of its own; the same command goes on where it stopped.
    """
    said = {name: value for name, value in locals().items() if value is not None}
    goal = parse_number(target, "--target") if target is not None else None
    url, began = storage_url(storage), time.monotonic()
    if studies:
        evidence, wall = _of_studies(said, url, goal, test=not no_test), None
    else:
        evidence = _run(_request(said), url, goal, test=not no_test, as_json=json)
        wall = time.monotonic() - began
    _show(evidence, wall, comparison_page(evidence, url, html, wanted=not no_html), url, as_json=json)


def _request(said: dict[str, Any]) -> ComparisonRequest:
    settings = settings_from({name: value for name, value in said.items() if name not in OWN})
    from epochsearch.search.comparing.comparison import DEFAULT_ENTRIES, DEFAULT_SEEDS, ComparisonRequest
    from epochsearch.search.settings.resolve import DEFAULT_TASK

    return ComparisonRequest(
        tasks=tuple(said.get("tasks") or (DEFAULT_TASK,)),
        entries=said.get("samplers", DEFAULT_ENTRIES),
        seeds=parse_whole(said.get("seeds", str(DEFAULT_SEEDS)), "--seeds", 1),
        training_seeds=parse_whole(said.get("training_seeds", "1"), "--training-seeds", 1, example=3),
        settings=settings,
    )


def _of_studies(said: dict[str, Any], url: str, target: float | None, *, test: bool) -> Evidence:
    fitting = ("studies", "target", "html", "no_html", "no_test", "storage", "json")
    other = [name for name, value in said.items() if name not in fitting and value]
    if other:
        given = "TASK" if other[0] == "tasks" else "--" + other[0].replace("_", "-")
        rule = "stored searches are compared as they are"
        raise UsageError("--studies", f"with {given}", rule, f"Leave {given} out.")
    names = [name.strip() for text in said["studies"] for name in text.split(",") if name.strip()]
    require_stored(url, "")
    from epochsearch.search.comparing.evidence import gather_studies

    studies = list(dict.fromkeys(names))
    evidence = gather_studies(
        studies, url, target
    )  # refuses what cannot be compared before anything is scored
    return gather_studies(studies, url, target, _test_losses(url, studies, Limits())) if test else evidence


def _run(
    request: ComparisonRequest, url: str, target: float | None, *, test: bool, as_json: bool
) -> Evidence:
    started, ended = _watched(request, url)
    if ended.interrupted:
        _interrupted(started, ended, as_json=as_json)
    from epochsearch.search.comparing.evidence import gather

    studies = [search.study for search in started.searches]
    tests = _test_losses(url, studies, started.limits) if test else None
    return gather(started.searches, started.limits, url, target, tests)


def _test_losses(url: str, studies: list[str], limits: Limits) -> dict[str, float]:
    """Return the test loss of the point that each search chose; each look is put on record."""
    from epochsearch.cli import console
    from epochsearch.search.final.chosen import studies_test_losses

    console.print_note("scoring the chosen points on the sealed test part; each look is on record")
    with console.reserved_for_results():
        return studies_test_losses(url, studies, limits=limits)


def _watched(request: ComparisonRequest, url: str) -> tuple[ComparisonStarted, ComparisonEnded]:
    from epochsearch.cli.terminal.comparing import watching

    def begin(stop: Stop) -> Iterator[ComparisonEvent]:
        from epochsearch.search.comparing.comparison import compare as searches

        return searches(request, url, stop)

    seen = watched_events(watching(), begin, ComparisonStarted)
    started, ended = seen[ComparisonStarted], seen[ComparisonEnded]
    assert isinstance(started, ComparisonStarted)
    assert isinstance(ended, ComparisonEnded)
    return started, ended


def _interrupted(started: ComparisonStarted, ended: ComparisonEnded, *, as_json: bool) -> None:
    from epochsearch.cli import console
    from epochsearch.cli.words.compare_documents import budget

    command = same_command(sys.argv)
    if as_json:
        document = {"task": started.searches[0].task, "budget": budget(started.limits)}
        console.print_document(document | {"ended_by": "interrupted", "searches": len(started.searches)})
        console.print_note(f"go on with: {command}")
    else:
        said = f"{len(started.searches)} searches (interrupted; what is done is kept)"
        console.print_facts([("Compare", said), ("Next", command)])
    raise typer.Exit(130)


def _show(evidence: Evidence, wall: float | None, page: str, url: str, *, as_json: bool) -> None:
    from epochsearch.cli import console
    from epochsearch.cli.words import compare_texts as texts
    from epochsearch.cli.words.compare_documents import comparison_document

    if as_json:
        console.print_document(comparison_document(evidence, wall, page))
        return
    unicode = console.unicode_works("stdout")
    for task in evidence.tasks:
        console.print_lines([texts.task_title(task, evidence)])
        console.print_table(texts.ENTRY_COLUMNS, texts.entry_rows(task), right=texts.ENTRY_COLUMNS[1:])
        console.print_lines(["", *texts.anytime_lines(task, unicode=unicode), ""])
    console.print_lines([*texts.verdict_lines(evidence), ""])
    looks = next_looks(sys.argv, texts.best_study(evidence))
    console.print_facts(texts.end_facts(evidence, wall, page, looks))
