"""`epochsearch extend STUDY`: options -> the extension service -> the console."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epochsearch.cli.options import (
    JsonOption,
    StorageOption,
    StudyArgument,
    parse_share,
    parse_whole,
    require_stored,
    storage_url,
)
from epochsearch.cli.search_options import WorkersOption, option
from epochsearch.cli.watched import watched
from epochsearch.cli.words.next_steps import next_looks, same_command, storage_words
from epochsearch.core.duration import parse_duration
from epochsearch.core.errors import SearchFailedError
from epochsearch.search.running.events import Event, SearchEnded

if TYPE_CHECKING:
    from epochsearch.cli.console import Fact
    from epochsearch.core.extension import ExtensionSettings
    from epochsearch.search.extending.extended import Extension
    from epochsearch.search.running.progress import Stop


def extend(
    study: StudyArgument,
    top: Annotated[
        str | None, option("--top", "K", "Carry on the best K configurations. [default: 3]")
    ] = None,
    gain: Annotated[
        str | None,
        option(
            "--gain",
            "SHARE",
            "Go on while the next epoch is predicted to take more than this off the loss. [default: 0.5%]",
        ),
    ] = None,
    max_epochs: Annotated[
        str | None,
        option("--max-epochs", "N", "Most epochs of a curve. [default: 4 times the most of the study]"),
    ] = None,
    time_limit: Annotated[
        str | None, option("--time-limit", "TIME", "End after 90s, 10m or 1h30m in total.")
    ] = None,
    workers: WorkersOption = None,
    name: Annotated[
        str | None, option("--study", "NAME", "Name of the extension. [default: STUDY-extended]")
    ] = None,
    storage: StorageOption = None,
    json: JsonOption = False,
) -> None:
    """Carry on a study's best with more epochs, as long as it pays.

    They go on from their checkpoints, beyond the range that was searched too, in a study of their own.
    Each stops by itself and says why; the same command goes on where it was interrupted.
    """
    from epochsearch.cli import console
    from epochsearch.core.extension import ExtensionSettings

    settings = ExtensionSettings(
        top=None if top is None else parse_whole(top, "--top", 1, example=3),
        gain=None if gain is None else parse_share(gain, "--gain", example="0.5%"),
        max_epochs=None if max_epochs is None else parse_whole(max_epochs, "--max-epochs", 1, example=200),
        time_limit=None if time_limit is None else parse_duration(time_limit, "--time-limit"),
        workers=workers,
        study=name,
    )
    url = storage_url(storage)
    require_stored(url, study)
    ended, extension = run_extension(url, study, settings)
    if json:
        console.print_document(extended_document(ended, extension))
    else:
        console.print_facts(extended_facts(ended, extension, sys.argv))
    if all(one.ending == "failed" for one in extension.configurations):
        last = " ".join(ended.last_reason.split()) or "not known"
        raise SearchFailedError(extension.study, "", "every configuration failed", f"The last reason: {last}")
    if ended.why == "interrupted":
        raise typer.Exit(130)


def run_extension(url: str, study: str, settings: ExtensionSettings) -> tuple[SearchEnded, Extension]:
    """Carry on the study's best configurations under watch; return how it ended and where they stand."""
    from epochsearch.search.extending.extended import read_extension

    def begin(stop: Stop) -> Iterator[Event]:
        from epochsearch.search.extending.extension import extend as extended  # takes a second, as in `run`

        return extended(url, study, settings, stop)

    ended = watched(begin)
    return ended, read_extension(url, ended.summary.study)


def extended_document(ended: SearchEnded, extension: Extension) -> dict[str, Any]:
    """Return what `--json` prints of an extension."""
    from epochsearch.cli.words.documents import search_document
    from epochsearch.cli.words.extension_texts import extension_document

    return search_document(ended.summary, ended.why) | {"extension": extension_document(extension)}


def extended_facts(ended: SearchEnded, extension: Extension, arguments: Sequence[str]) -> list[Fact]:
    """Return what a person reads of an extension, with what to type next."""
    from epochsearch.cli.words.extension_texts import extension_facts, further_epochs
    from epochsearch.cli.words.texts import search_facts

    commands = next_looks(arguments, extension.study)
    further = further_epochs(extension)
    if ended.why == "interrupted":
        commands.insert(0, same_command(arguments))
    elif further is not None:
        words = ["epochsearch", "extend", extension.source, "--max-epochs", str(further)]
        words += ["--study", f"{extension.source}-extended-{further}", *storage_words(arguments)]
        commands.insert(0, shlex.join(words))
    carried = extension_facts(extension, ended.summary.spec.measure)
    return [*search_facts(ended.summary, ended.why), *carried, ("Next", "\n".join(commands))]
