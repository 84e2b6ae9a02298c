"""The configurations that a study tried, each with its curves under every training seed that the ledger has.

A curve belongs to no study, so what other studies and confirmations trained under other seeds counts too: it
is found by its identity, the same in all but the seed.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from epochsearch.core.curve import CurveIdentity
from epochsearch.core.measure import THE_LOSS, Measure
from epochsearch.core.spec import StudySpec
from epochsearch.core.trial import TrialRecord
from epochsearch.store import optuna_tables, schema
from epochsearch.store.archive import study_summary, study_trials
from epochsearch.store.database import open_database
from epochsearch.store.ledger import report_of

_SEED = re.compile(r'"seed":(\d+)')
_FOLD = re.compile(r'"fold":(\d+)')
_AT_ONCE = 500  # curves in one query
_LOSSES = ("curve_id", "epoch", "train_loss", "val_loss", "seconds")
"""What is read of an epoch for the validation loss: the other columns take twice the time."""


@dataclass(frozen=True, slots=True)
class Replicate:
    """One curve of a configuration, as far as the ledger has it."""

    seed: int
    fold: int  # 0-based
    losses: tuple[float, ...]  # what the objective reads, epoch 1 on; infinite where it diverged
    seconds: tuple[float, ...]  # wall time of each epoch


@dataclass(frozen=True, slots=True)
class TriedConfiguration:
    """A configuration that a study tried (and its length, where the schedule depends on that)."""

    identity: CurveIdentity  # of its first fold under the study's own seed
    trials: tuple[TrialRecord, ...]  # read on its curve, rising
    replicates: tuple[Replicate, ...]  # by seed, then fold

    @property
    def seeds(self) -> tuple[int, ...]:
        """The training seeds of its curves, rising."""
        return tuple(sorted({one.seed for one in self.replicates}))


def tried_configurations(
    storage: str, study: str, measure: Measure | None = None, only: Collection[int] | None = None
) -> tuple[StudySpec, list[TriedConfiguration]]:
    """Return the spec of a study and the configurations it tried, in the order of their first trials.

    measure: what the replicates' losses are; None: what the study's objective reads. only: the numbers of the
    trials whose configurations are wanted, each with all its trials; None: of all.

    Raises:
        NotFoundError: There is no such database or study.
    """
    spec = study_summary(storage, study).spec
    trials = {trial.number: trial for trial in study_trials(storage, study)}
    with closing(open_database(storage, create=False)) as database, database.reading() as connection:
        first = _of_same_curves(_first_curves(connection, study), only)
        texts = _identities(connection)
        kin = _by_kind(texts)
        wanted = {curve: kin[_kind(texts[curve])] for curve in set(first.values()) if curve in texts}
        all_wanted = {one for curves in wanted.values() for one in curves}
        curves = _curves(connection, all_wanted, measure or spec.measure)
    users: dict[int, list[TrialRecord]] = defaultdict(list)
    for number, curve in first.items():
        if curve in wanted and number in trials:
            users[curve].append(trials[number])
    return spec, [
        TriedConfiguration(
            identity=CurveIdentity.from_canonical(texts[curve]),
            trials=tuple(records),
            replicates=tuple(_replicates(wanted[curve], texts, curves)),
        )
        for curve, records in users.items()
    ]


def _first_curves(connection: Connection, study: str) -> dict[int, int]:
    """Return by trial number, rising, the curve of its first fold."""
    used, trials, names = schema.trial_curves, schema.trials, optuna_tables.studies
    query = (
        select(trials.c.number, used.c.curve_id)
        .join(used, used.c.trial_id == trials.c.trial_id)
        .join(names, names.c.study_id == trials.c.study_id)
        .where(names.c.study_name == study, used.c.fold == 0)
        .order_by(trials.c.number)
    )
    return {row.number: row.curve_id for row in connection.execute(query)}


def _of_same_curves(first: dict[int, int], only: Collection[int] | None) -> dict[int, int]:
    """Return those trials that are read on a curve of one of `only`."""
    if only is None:
        return first
    wanted = {first[number] for number in only if number in first}
    return {number: curve for number, curve in first.items() if curve in wanted}


def _identities(connection: Connection) -> dict[int, str]:
    """Return the identity of every curve of the ledger, as text."""
    rows = connection.execute(select(schema.curves.c.curve_id, schema.curves.c.identity))
    return {row.curve_id: row.identity for row in rows}


def _kind(identity: str) -> str:
    """Return an identity without its seed and its fold."""
    return _FOLD.sub("", _SEED.sub("", identity))


def _by_kind(texts: dict[int, str]) -> dict[str, list[int]]:
    kinds: dict[str, list[int]] = defaultdict(list)
    for curve, text in texts.items():
        kinds[_kind(text)].append(curve)
    return kinds


def _curves(
    connection: Connection, wanted: Collection[int], measure: Measure
) -> dict[int, tuple[list[float], list[float]]]:
    """Return the losses and the seconds of each curve, up to its first gap."""
    table = schema.epochs
    wanted_columns = _LOSSES if measure == THE_LOSS else tuple(column.name for column in table.columns)
    columns = [table.c[name] for name in wanted_columns]
    found: dict[int, tuple[list[float], list[float]]] = {curve: ([], []) for curve in wanted}
    for some in _chunks(sorted(wanted)):
        query = select(*columns).where(table.c.curve_id.in_(some)).order_by(table.c.curve_id, table.c.epoch)
        for row in connection.execute(query):
            losses, seconds = found[row.curve_id]
            if row.epoch == len(losses) + 1:
                losses.append(_loss(row, measure))
                seconds.append(row.seconds)
    return found


def _loss(row: Any, measure: Measure) -> float:
    if row.train_loss is None or row.val_loss is None or not math.isfinite(row.train_loss + row.val_loss):
        return math.inf
    value = float(row.val_loss) if measure == THE_LOSS else measure.of(report_of(row))
    return value if math.isfinite(value) else math.inf


def _replicates(
    curves: Sequence[int], texts: dict[int, str], read: dict[int, tuple[list[float], list[float]]]
) -> Iterator[Replicate]:
    places = sorted((_number(_SEED, texts[curve]), _number(_FOLD, texts[curve]), curve) for curve in curves)
    for seed, fold, curve in places:
        losses, seconds = read[curve]
        yield Replicate(seed, fold, tuple(losses), tuple(seconds))


def _number(pattern: re.Pattern[str], identity: str) -> int:
    found = pattern.search(identity)
    assert found is not None, "every identity has a seed and a fold"
    return int(found[1])


def _chunks(curves: Sequence[int]) -> Iterator[Sequence[int]]:
    for i in range(0, len(curves), _AT_ONCE):
        yield curves[i : i + _AT_ONCE]
