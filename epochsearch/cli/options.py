"""Options that several commands share, and how the text of an option becomes a value."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

import typer

from epochsearch.core.choice import Scalar, parse_choice, parse_scalar
from epochsearch.core.duration import parse_duration
from epochsearch.core.errors import NotFoundError, UsageError, nearest
from epochsearch.core.settings import Settings
from epochsearch.core.stages import STAGED
from epochsearch.core.techniques import TECHNIQUES

DEFAULT_STORAGE = "sqlite:///studies/epochsearch.db"

StorageOption = Annotated[
    str | None,
    typer.Option(
        "--storage",
        metavar="URL",
        help=f"Database URL, or a SQLite file. [default: $EPOCHSEARCH_STORAGE, else {DEFAULT_STORAGE}]",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
StudyArgument = Annotated[str, typer.Argument(metavar="STUDY", help="Name of a study.", show_default=False)]

_WHOLE = {  # option -> its least value
    "trials": 1,
    "epoch_budget": 1,
    "threads": 1,
    "folds": 1,
    "seed": 0,
    "resolution": 0,
    "patience": 1,
}
_TIMES = ("time_limit", "time_budget")


def settings_from(said: dict[str, Any]) -> Settings:
    """Return the settings that options by parameter name say, over those of the study file if one is given.

    Raises:
        UsageError: An option's text is not of its form, or the study file is wrong.
        NotFoundError: There is no such study file.
    """
    axes: dict[str, str] = parse_parameters(said.get("param", []))
    training = parse_training(said.get("training", []))
    where = {name: f"--param {name}" for name in axes}
    where |= {f"training.{name}": f"--training {name}" for name in training}
    fields: dict[str, Any] = {}
    for name, value in said.items():
        option = "--" + name.replace("_", "-")
        if name in ("param", "training", "storage", "json"):
            continue
        if name in TECHNIQUES:
            training[name] = parse_scalar(value)
            where[f"training.{name}"] = option
            continue
        if name == "strategy":
            fields["sampler"], where["sampler"] = strategy_sampler(value, said), option
            continue
        where[name] = "TASK" if name == "task" else option
        if name in ("epochs", "learning_rate", "batch_size"):
            axes[name] = value
        elif name == "min_delta":
            fields[name] = parse_number(value, option)
        elif name in _WHOLE:
            fields[name] = parse_whole(value, option, _WHOLE[name])
        else:
            fields[name] = parse_duration(value, option) if name in _TIMES else value
    task = str(fields.get("task", ""))
    if not task.endswith(".toml"):
        return Settings(axes=axes, training=training, where=where, **fields)
    from epochsearch.search.settings.study_file import read_study_file

    del fields["task"], where["task"]
    return Settings(axes=axes, training=training, where=where, **fields).over(read_study_file(task))


def storage_url(given: str | None) -> str:
    """Return the storage URL: what was given, else $EPOCHSEARCH_STORAGE, else the default.

    A path without a scheme is a SQLite file.

    Raises:
        UsageError: The text is empty.
    """
    where, text = "--storage", given
    if text is None and "EPOCHSEARCH_STORAGE" in os.environ:
        where, text = "EPOCHSEARCH_STORAGE", os.environ["EPOCHSEARCH_STORAGE"]
    if text is None:
        return DEFAULT_STORAGE
    if not text.strip():
        raise UsageError(where, "''", "must be a database URL or a file", f"Example: {DEFAULT_STORAGE}")
    return text if "://" in text else _file_url(text)


def _file_url(path: str) -> str:
    """Return the URL of a SQLite file; characters that mean something in a URL are spelled out."""
    plain = str(Path(path).expanduser())
    return f"sqlite:///{plain.replace('%', '%25').replace('?', '%3F')}"


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite URL; None for a database that is no file."""
    match = re.fullmatch(r"sqlite(?:\+\w+)?:///([^?]*)(?:\?.*)?", url)
    if match is None or match.group(1) in ("", ":memory:"):
        return None
    return Path(unquote(match.group(1)))


def nothing_stored(url: str) -> bool:
    """Return whether a storage is a file that does not exist (opening it would make an empty one)."""
    file = sqlite_file(url)
    return file is not None and not file.exists()


def parse_whole(text: str, where: str, least: int, example: int = 10) -> int:
    """Return the whole number that `text` says.

    Raises:
        UsageError: It is not a whole number, or below `least`.
    """
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise UsageError(
            where, text or "''", f"must be a whole number, at least {least}", f"Example: {where} {example}"
        )
    return value


def parse_number(text: str, where: str, example: float = 0.1) -> float:
    """Return the number that `text` says.

    Raises:
        UsageError: It is not a finite number.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(where, text or "''", "must be a finite number", f"Example: {where} {example}")
    return value


def strategy_sampler(text: str, said: Mapping[str, Any]) -> str:
    """Return the sampler that a strategy is.

    Raises:
        UsageError: There is no such strategy, or a sampler is asked for besides.
    """
    name = parse_choice(text, "--strategy").name
    if name != STAGED:
        raise UsageError("--strategy", name, "there is no such strategy", nearest(name, (STAGED,)))
    if "sampler" in said:
        rule = "a strategy is in the sampler's place"
        raise UsageError("--strategy", name, rule, "Give either --strategy or --sampler.")
    return text


def parse_share(text: str, where: str, example: str = "5%") -> float:
    """Return the share that `text` says, as 0.005 or 0.5%.

    Raises:
        UsageError: It is not a number, or not between 0 and 1.
    """
    plain = text.strip()
    try:
        share = float(plain.removesuffix("%")) / (100 if plain.endswith("%") else 1)
    except ValueError:
        share = math.nan
    if not 0 < share < 1:
        rule = "must be a share between 0 and 1, as 0.005 or 0.5%"
        raise UsageError(where, text or "''", rule, f"Example: {where} {example}")
    return share


_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}


def parse_bytes(text: str, where: str) -> int:
    """Return the bytes that `text` says, as 500MB, 2GB or 1.5GiB.

    Raises:
        UsageError: It is not of that form, or no byte at all.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-zA-Z]*)", text.strip())
    size = float(match[1]) * _UNITS.get(match[2].upper(), 0) if match else 0
    if size < 1:
        raise UsageError(where, text or "''", "must be a size as 500MB or 2GB", f"Example: {where} 2GB")
    return int(size)


def parse_parameters(given: list[str], where: str = "--param") -> dict[str, str]:
    """Return the axes that NAME=RANGE texts name.

    Raises:
        UsageError: One is not NAME=RANGE, or names an axis twice or one that has its own option.
    """
    axes: dict[str, str] = {}
    for text in given:
        name, equals, written = (part.strip() for part in text.partition("="))
        if not equals or not re.fullmatch(r"[A-Za-z_]\w*", name) or not written:
            raise UsageError(where, text or "''", "must be NAME=RANGE", f"Example: {where} dropout=0.0:0.5")
        if name in ("epochs", "learning_rate", "batch_size"):
            option = "--" + name.replace("_", "-")
            raise UsageError(where, text, "this axis has its own option", f"Type: {option} {written}")
        if name in axes:
            raise UsageError(where, text, f"'{name}' is given twice", "Keep one of the two.")
        axes[name] = written
    return axes


def parse_training(given: list[str], where: str = "--training") -> dict[str, Scalar]:
    """Return the techniques that NAME=VALUE texts say; what each may be is checked with the settings.

    Raises:
        UsageError: One is not NAME=VALUE, names no technique, or one twice.
    """
    techniques: dict[str, Scalar] = {}
    for text in given:
        name, equals, written = (part.strip() for part in text.partition("="))
        if not equals or not written:
            raise UsageError(where, text or "''", "must be NAME=VALUE", f"Example: {where} clip_norm=1.0")
        if name in ("optimiser", "schedule"):
            raise UsageError(where, text, "this has its own option", f"Type: --{name} {written}")
        if name not in TECHNIQUES:
            raise UsageError(where, name, "there is no such technique of training", nearest(name, TECHNIQUES))
        if name in techniques:
            raise UsageError(where, text, f"'{name}' is given twice", "Keep one of the two.")
        techniques[name] = parse_scalar(written)
    return techniques


def require_stored(url: str, study: str) -> None:
    """Make sure that the storage's file exists: to look at it must not create it.

    Raises:
        NotFoundError: It does not.
    """
    if nothing_stored(url):
        given = f"study {study}" if study else ""
        raise NotFoundError(
            url, given, "there is no such database file", "Start a study with: epochsearch run"
        )
