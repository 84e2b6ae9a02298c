"""A study file: TOML in, settings out; a wrong key is named with the nearest right one.

task = "digits"
sampler = "tpe(n_startup_trials=20)"

[space]
epochs = "5:50"

[budget]
trials = 100

[training]
schedule = "step(every=10)"
clip_norm = 1.0

[strategy]
name = "staged"
explore = 40
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from epochsearch.core.choice import Choice
from epochsearch.core.duration import parse_duration
from epochsearch.core.errors import NotFoundError, UsageError, nearest
from epochsearch.core.settings import Settings
from epochsearch.core.stages import NAMES as STAGES
from epochsearch.core.stages import STAGED
from epochsearch.core.techniques import TECHNIQUES
from epochsearch.tasks.near_files import nearest_file

_TOP = {
    "task": str,
    "sampler": str,
    "pruner": str,
    "objective": str,
    "optimise": str,
    "metrics": (str, list),
    "seed": int,
    "folds": int,
    "resolution": int,
    "device": str,
    "threads": int,
    "workers": (str, int),
    "study": str,
}
_BUDGET = {"trials": int, "epochs": int, "time": (str, int, float)}
_TRAINING = {
    "optimiser": str,
    "schedule": str,
    "weights": str,
    "patience": int,
    "min_delta": (int, float),
}
_FIELDS = {"epochs": "epoch_budget", "time": "time_limit"}
_STRATEGY = {"name": str, "tried": str}
_STAGES = tuple(f"{stage}{part}" for stage in STAGES for part in ("", "_rows", "_epochs"))
_TABLES = ("space", "budget", "training", "strategy")


def read_study_file(path: str) -> Settings:
    """Return what the TOML file at `path` asks for.

    Raises:
        NotFoundError: There is no such file.
        UsageError: It is not TOML, or has an unknown key or a value of a wrong type.
    """
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        near = nearest_file(Path(path))
        action = f"Did you mean '{near}'?" if near else "Check the path; ready ones lie in studies/"
        raise NotFoundError("study file", path, "there is no such file", action) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "study file", path, f"it cannot be read ({error})", "Check that it is a readable text file."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(path, "", f"it is not valid TOML: {error}", "Correct that line.") from error
    tables = {name: _table(path, values, name) for name in _TABLES}
    top = {key: value for key, value in values.items() if key not in _TABLES}
    fields = _checked(path, "", top, _TOP, also=_TABLES)
    budget = _checked(path, "[budget]", tables["budget"], _BUDGET)
    fields |= {_FIELDS.get(key, key): value for key, value in budget.items()}
    named = {name: value for name, value in tables["training"].items() if name not in TECHNIQUES}
    fields |= _checked(path, "[training]", named, _TRAINING, also=tuple(TECHNIQUES))
    training = {name: tables["training"][name] for name in TECHNIQUES if name in tables["training"]}
    if tables["strategy"]:
        fields["sampler"] = _strategy(path, tables["strategy"], top)
    if "time_limit" in fields:
        fields["time_limit"] = parse_duration(fields["time_limit"], f"{path} [budget] time")
    if "workers" in fields:
        fields["workers"] = str(fields["workers"])
    if "metrics" in fields:
        fields["metrics"] = _names(path, fields["metrics"])
    axes = {name: _axis(path, name, value) for name, value in tables["space"].items()}
    where = _places(path, fields, axes, strategy=bool(tables["strategy"])) | {
        f"training.{name}": f"{path} [training] {name} =" for name in training
    }
    return Settings(**fields, axes=axes, training=training, where=where)


def _table(path: str, values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = values.get(name, {})
    if not isinstance(table, Mapping):
        raise UsageError(f"{path}:", name, "must be a table", f"Write [{name}] on a line of its own.")
    return table


def _checked(
    path: str, table: str, values: Mapping[str, Any], known: Mapping[str, Any], also: tuple[str, ...] = ()
) -> dict[str, Any]:
    place = f"{path} {table}".strip()
    for key, value in values.items():
        if key not in known:
            raise UsageError(place, "", f"unknown key '{key}'", nearest(key, (*known, *also)))
        if not isinstance(value, known[key]) or isinstance(value, bool):
            kinds = known[key] if isinstance(known[key], tuple) else (known[key],)
            names = " or ".join(
                {str: "text in quotes", int: "a whole number", float: "a number", list: "a list"}[kind]
                for kind in kinds
            )
            raise UsageError(f"{place} {key} =", repr(value), f"must be {names}", "Correct the value.")
    return dict(values)


def _strategy(path: str, table: Mapping[str, Any], top: Mapping[str, Any]) -> str:
    """Return the sampler that the strategy is."""
    kinds = {**_STRATEGY, **dict.fromkeys(_STAGES, (int, float))}
    options = _checked(path, "[strategy]", table, kinds)
    if "sampler" in top:
        rule = "a strategy is in the sampler's place"
        raise UsageError(f"{path} sampler =", repr(top["sampler"]), rule, "Keep one of the two.")
    name = options.pop("name", STAGED)
    if name != STAGED:
        rule = "there is no such strategy"
        raise UsageError(f"{path} [strategy] name =", repr(name), rule, nearest(name, (STAGED,)))
    return str(Choice(name, tuple(options.items())))


def _names(path: str, value: str | list[Any]) -> str:
    """Return a list of names, or text, as the command line has it."""
    if isinstance(value, list) and not all(isinstance(name, str) for name in value):
        raise UsageError(f"{path} metrics =", repr(value), "must be names in quotes", "Correct the value.")
    return value if isinstance(value, str) else ",".join(value)


def _axis(path: str, name: str, value: Any) -> Any:
    plain = isinstance(value, (str, int, float)) and not isinstance(value, bool)
    if plain or (
        isinstance(value, list) and all(isinstance(item, (str, int, float, bool)) for item in value)
    ):
        return value
    raise UsageError(
        f"{path} [space] {name} =", repr(value), "must be a range, a number or a list", 'Example: "5:50"'
    )


def _places(
    path: str, fields: Mapping[str, Any], axes: Mapping[str, Any], *, strategy: bool
) -> dict[str, str]:
    places = {field: f"{path} {field}" for field in fields}
    names = {"trials": "[budget] trials", "epoch_budget": "[budget] epochs", "time_limit": "[budget] time"}
    names |= {key: f"[training] {key}" for key in _TRAINING}
    names |= {"sampler": "[strategy]"} if strategy else {}
    places |= {field: f"{path} {name}" for field, name in names.items() if field in fields}
    return places | {name: f"{path} [space] {name} =" for name in axes}
