"""What to type after a recommendation: the commands that make it surer, or look beyond what was searched."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from epochsearch.cli.words.next_steps import storage_words
from epochsearch.core.axis import Choices, Range
from epochsearch.core.choice import scalar_text
from epochsearch.core.extension import is_extension
from epochsearch.core.measure import LOSS
from epochsearch.core.point import CORE_AXES
from epochsearch.core.settings import TABLE_PREFIX
from epochsearch.core.space import option_name
from epochsearch.core.spec import StudySpec
from epochsearch.core.stages import ROWS, SCHEDULE, STAGED
from epochsearch.core.trunk import can_be_longer

if TYPE_CHECKING:
    from epochsearch.analysis.edges import Edge

CONFIRM = 5
"""Configurations that a first race is suggested for."""


def recommend_command(arguments: Sequence[str], study: str, *, confirm: int | None = None) -> str:
    """Return the command that recommends a point of `study`; confirm: how many are raced first."""
    more = ["--confirm", str(confirm)] if confirm else []
    return shlex.join(["epochsearch", "recommend", study, *more, *storage_words(arguments)])


def train_command(arguments: Sequence[str], study: str) -> str:
    """Return the command that trains the recommended point for good."""
    return shlex.join(["epochsearch", "train", study, *storage_words(arguments)])


def longer_training(
    arguments: Sequence[str], study: str, spec: StudySpec, edges: Sequence[Edge]
) -> str | None:
    """Return the command that carries on the best where they end too early; None if they do not."""
    late = any(edge.axis == "epochs" and edge.end == "high" for edge in edges)
    if not late or is_extension(spec) or spec.task.startswith(TABLE_PREFIX) or not can_be_longer(spec.recipe):
        return None
    return shlex.join(["epochsearch", "extend", study, *storage_words(arguments)])


def wider_search(arguments: Sequence[str], spec: StudySpec, edges: Sequence[Edge]) -> str | None:
    """Return the command that searches beyond the ends at which the best point lies; None if there is none.

    It is another study: what the ledger has of its curves is not trained again.
    """
    if is_extension(spec):
        return None
    varied = (ROWS, SCHEDULE) if spec.sampler.name == STAGED else ()  # by the stages themselves
    axes = {name: text for name, text in spec.space.written().items() if name not in varied}
    wider = {edge.axis: text for edge in edges if (text := _wider(spec, edge))}
    if not wider:
        return None
    words = ["epochsearch", "run", spec.task]
    for name, text in (axes | wider).items():
        text = text.removesuffix(":log") if name == "learning_rate" else text  # it always is
        words += [option_name(name), text] if name in CORE_AXES else ["--param", f"{name}={text}"]
    said = {
        "--sampler": (spec.sampler.name, "tpe"),
        "--pruner": (spec.pruner.name, "median"),
        "--objective": (spec.objective, "final"),
        "--optimise": (spec.measure.name, LOSS),
        "--metrics": (",".join(spec.metrics), ""),
        "--weights": (spec.measure.weights, "raw"),
        "--patience": (str(spec.patience.epochs), "0"),
        "--min-delta": (scalar_text(spec.patience.min_delta), "0.0"),
        "--folds": (str(spec.folds), "1"),
        "--resolution": (str(spec.resolution), "0"),
        "--seed": (str(spec.seed), "0"),
        "--optimiser": (spec.recipe.optimiser.name, "adam"),
        "--schedule": (spec.recipe.schedule.name, "constant"),
    }
    for option, (value, default) in said.items():
        words += [option, value] if value != default else []
    for name, technique in spec.recipe.techniques.items():
        words += ["--training", f"{name}={scalar_text(technique)}"]
    return shlex.join([*words, *storage_words(arguments)])


def _wider(spec: StudySpec, edge: Edge) -> str | None:
    """Return the axis with twice the reach at this end, ten times for a rate; None if it has none."""
    if edge.curve or edge.axis not in CORE_AXES or spec.task.startswith(TABLE_PREFIX):
        return None
    if edge.axis == "epochs" and edge.end == "high" and can_be_longer(spec.recipe):
        return None  # that is what `extend` is for
    axis = spec.space.axes[edge.axis]
    factor = 10 if edge.axis == "learning_rate" else 2
    beyond: int | float = edge.limit * factor if edge.end == "high" else edge.limit / factor
    if edge.axis == "learning_rate":
        beyond = float(f"{beyond:.6g}")
    else:
        beyond = int(beyond)
        if beyond < 1:
            return None
    if isinstance(axis, Range):
        return str(replace(axis, high=beyond) if edge.end == "high" else replace(axis, low=beyond))
    values = (*axis.values, beyond) if edge.end == "high" else (beyond, *axis.values)
    return str(Choices(values))
