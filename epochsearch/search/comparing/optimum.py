"""What each configuration of a search can reach, where that is known: on a table, on a lattice trained whole.

The best of them is the optimum that regret is counted from.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from epochsearch.core.axis import Range
from epochsearch.core.choice import Scalar
from epochsearch.core.curve import EpochReport, mean_report
from epochsearch.core.point import Configuration, Point
from epochsearch.core.space import Space
from epochsearch.core.spec import StudySpec
from epochsearch.search.proposing.lattice import make_lattice
from epochsearch.search.running.curves import CurveReader
from epochsearch.store.database import open_database
from epochsearch.store.ledger import Ledger
from epochsearch.tasks.base import Task
from epochsearch.tasks.table import TableTask

MOST_CONFIGURATIONS = 10_000
"""A lattice of more is not looked up."""


def reachable_losses(
    task: Task, spec: StudySpec, seeds: Sequence[int], storage: str
) -> tuple[float | None, ...]:
    """Return the lowest objective of every configuration in the space, once for each seed of a training.

    None: it diverges before any epoch that counts. Empty: not all of them are known to their end.

    Raises:
        NotFoundError: There is no such storage.
    """
    if isinstance(task, TableTask):
        return recorded_losses(task, spec, seeds)
    configurations = list(itertools.islice(lattice_configurations(spec), MOST_CONFIGURATIONS + 1))
    if not configurations or len(configurations) > MOST_CONFIGURATIONS or spec.recipe.length_bound:
        return ()
    losses: list[float | None] = []
    with closing(open_database(storage, create=False)) as database:
        ledger = Ledger(database)
        for seed in seeds:
            reader = CurveReader(replace(spec, training_seed=seed), task, ledger)
            for configuration in configurations:
                curve = _whole_curve(reader, configuration, spec.space.max_epochs)
                if not curve:
                    return ()
                losses.append(_lowest(curve, spec))
    return tuple(losses)


def recorded_losses(task: TableTask, spec: StudySpec, seeds: Sequence[int]) -> tuple[float | None, ...]:
    """Return the same for the configurations of a table that lie in the space."""
    axes = {name: axis for name, axis in spec.space.axes.items() if name != "epochs"}
    losses: list[float | None] = []
    for configuration in task.configurations:
        parameters = Point(1, configuration).parameters
        if not all(axis.contains(parameters.get(name)) for name, axis in axes.items()):
            continue
        curves = (task.reports(configuration, seed)[: spec.space.max_epochs] for seed in seeds)
        losses += [_lowest(curve, spec) for curve in curves]
    return tuple(losses)


def first_read(spec: StudySpec) -> int:
    """Return the first epoch of a curve that a search's result may be read at."""
    if spec.freezes:
        return spec.space.lengths[0]
    return spec.space.min_epochs if spec.objective == "final" else 1


def lattice_configurations(spec: StudySpec) -> Iterator[Configuration]:
    """Yield every configuration that a search on this spec's lattice can propose; none if endless."""
    lattice = make_lattice(spec.space, spec.resolution)
    values = {name: _values(spec.space, lattice.get(name), name) for name in spec.space.axes}
    del values["epochs"]
    if not all(values.values()):
        return
    for combination in itertools.product(*values.values()):
        yield Point.from_parameters(
            {"epochs": 1, **dict(zip(values, combination, strict=True))}
        ).configuration


def _values(space: Space, on_lattice: tuple[float, ...] | None, name: str) -> Sequence[Scalar]:
    axis = space.axes[name]
    if not isinstance(axis, Range):
        return axis.values
    if on_lattice:
        return on_lattice
    return range(int(axis.low), int(axis.high) + 1) if axis.integer else ()


def _whole_curve(reader: CurveReader, configuration: Configuration, epochs: int) -> list[EpochReport]:
    """Return the curve (mean over folds) if it is stored to its end, or to where it diverged; else []."""
    stored, _ = reader.read(reader.identities(Point(epochs, configuration)))
    curve = [mean_report(reports) for reports in stored[:epochs]]
    ended = len(curve) == epochs or (curve and not curve[-1].finite)
    return curve if ended else []


def _lowest(curve: Sequence[EpochReport], spec: StudySpec) -> float | None:
    values = [spec.measure.of(report) for report in curve[first_read(spec) - 1 :] if report.finite]
    return min((value for value in values if math.isfinite(value)), default=None)
