"""`epochsearch run`: options -> settings -> the search service -> the console."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from epochsearch.cli.options import (
    JsonOption,
    StorageOption,
    parse_duration,
    parse_parameters,
    parse_whole,
    storage_url,
)
from epochsearch.core.errors import SearchFailedError
from epochsearch.core.settings import Settings
from epochsearch.core.summary import StudySummary
from epochsearch.core.trial import Outcome
from epochsearch.search.events import SearchEnded

_WHOLE = {"trials": 1, "epoch_budget": 1, "threads": 1, "folds": 1, "seed": 0}  # option -> its least value


def _option(name: str, metavar: str, said: str, *more: str) -> Any:
    return typer.Option(name, *more, metavar=metavar, help=said, show_default=False)


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
        _option(
            "--sampler", "NAME", "grid, random, tpe, qmc, gp or cmaes, or NAME(option=value). [default: tpe]"
        ),
    ] = None,
    pruner: Annotated[
        str | None,
        _option(
            "--pruner",
            "NAME",
            "none, median, percentile, asha, hyperband, patient, threshold. [default: median]",
        ),
    ] = None,
    objective: Annotated[
        str | None,
        _option(
            "--objective", "final|best", "Loss after the last epoch, or the lowest up to it. [default: final]"
        ),
    ] = None,
    epochs: Annotated[
        str | None,
        _option("--epochs", "RANGE", "LOW:HIGH, LOW:HIGH:STEPS or A,B,C. [default: the task's, as 5:50]"),
    ] = None,
    learning_rate: Annotated[
        str | None,
        _option(
            "--learning-rate", "RANGE", "The same; log-spaced. [default: the task's, as 1e-5:1e-1]", "--lr"
        ),
    ] = None,
    batch_size: Annotated[
        str | None, _option("--batch-size", "RANGE", "The same. [default: the task's, as 16,32,64,128,256]")
    ] = None,
    param: Annotated[
        list[str] | None,
        _option("--param", "NAME=RANGE", "A further hyperparameter, as dropout=0.0:0.5; may be repeated."),
    ] = None,
    optimiser: Annotated[
        str | None,
        _option(
            "--optimiser", "NAME", "adam, adamw, sgd or momentum, or NAME(option=value). [default: adam]"
        ),
    ] = None,
    schedule: Annotated[
        str | None,
        _option(
            "--schedule",
            "NAME",
            "constant, warmup, step, exponential, plateau or cosine. [default: constant]",
        ),
    ] = None,
    trials: Annotated[str | None, _option("--trials", "N", "End after N trials in total.")] = None,
    epoch_budget: Annotated[
        str | None, _option("--epoch-budget", "N", "End after N charged epochs in total.")
    ] = None,
    time_limit: Annotated[
        str | None, _option("--time-limit", "TIME", "End after 90s, 10m or 1h30m in total.")
    ] = None,
    workers: Annotated[
        str | None,
        _option(
            "--workers", "N|auto", "Worker processes; 0: train in this one. [default: auto, one per core]"
        ),
    ] = None,
    device: Annotated[
        str | None, _option("--device", "NAME", "auto, cpu, cuda or mps. [default: auto]")
    ] = None,
    threads: Annotated[str | None, _option("--threads", "N", "Threads per worker. [default: 1]")] = None,
    seed: Annotated[
        str | None, _option("--seed", "N", "Of the search and of each training. [default: 0]")
    ] = None,
    folds: Annotated[
        str | None, _option("--folds", "N", "Cross-validate over N folds. [default: 1, none]")
    ] = None,
    study: Annotated[
        str | None, _option("--study", "NAME", "Its name; a study of that name goes on where it stopped.")
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


def settings_from(said: dict[str, Any]) -> Settings:
    """Return the settings that options by parameter name say, over those of the study file if one is given.

    Raises:
        UsageError: An option's text is not of its form, or the study file is wrong.
        NotFoundError: There is no such study file.
    """
    axes: dict[str, str] = parse_parameters(said.get("param", []))
    where = {name: f"--param {name}" for name in axes}
    fields: dict[str, Any] = {}
    for name, value in said.items():
        option = "--" + name.replace("_", "-")
        if name in ("param", "storage", "json"):
            continue
        where[name] = "TASK" if name == "task" else option
        if name in ("epochs", "learning_rate", "batch_size"):
            axes[name] = value
        elif name in _WHOLE:
            fields[name] = parse_whole(value, option, _WHOLE[name])
        else:
            fields[name] = parse_duration(value, option) if name == "time_limit" else value
    task = str(fields.get("task", ""))
    if not task.endswith(".toml"):
        return Settings(axes=axes, where=where, **fields)
    from epochsearch.search.study_file import read_study_file

    del fields["task"], where["task"]
    return Settings(axes=axes, where=where, **fields).over(read_study_file(task))


def go_on_command(arguments: Sequence[str], study: str) -> str:
    """Return the command that goes on with `study`: the one that was typed, with its name if that was not."""
    program = Path(arguments[0]).name if arguments else "epochsearch"
    words = ["python", "-m", "epochsearch"] if program == "__main__.py" else [program]
    words += arguments[1:]
    if not any(word == "--study" or word.startswith("--study=") for word in words):
        words += ["--study", study]
    return shlex.join(words)


def next_commands(arguments: Sequence[str], study: str, *, interrupted: bool) -> list[str]:
    """Return what to type next; a storage that was named on the command line is named again."""
    storage: list[str] = []
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if word == "--storage":
            storage = [word, following]
        elif word.startswith("--storage="):
            storage = [word]
    looks = [
        shlex.join(["epochsearch", "show", study, *storage]),
        shlex.join(["epochsearch", "dashboard", *storage]),
    ]
    return [go_on_command(arguments, study), *looks] if interrupted else looks


def _watched(settings: Settings, storage: str) -> SearchEnded:
    from epochsearch.cli.live import watching
    from epochsearch.cli.signals import first_signal
    from epochsearch.search.service import Stop, search

    stop = Stop()
    ended: SearchEnded | None = None
    with watching() as watcher:

        def ask() -> None:
            stop.request()
            watcher.stopping()

        with first_signal(ask):
            for event in search(settings, storage, stop):
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
    return SearchFailedError(summary.study, "", rule, f"The last reason: {reason or 'not known'}")
