"""The configurations of a study under other training seeds: curves of the ledger, found by their identity."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import closing
from typing import TypeAlias

import numpy as np
from sqlalchemy import Connection, select

from epochsearch.store import optuna_tables, schema
from epochsearch.store.database import open_database

Losses: TypeAlias = tuple[float, ...]
_SEED_OR_FOLD = re.compile(r'"(seed|fold)":(\d+)')
_AT_ONCE = 500  # curves in one query


def losses_of_other_seeds(
    storage: str, study: str, only: Collection[int] | None = None
) -> dict[int, tuple[Losses, ...]]:
    """Return by trial number the validation losses of its configuration under each other seed of the ledger.

    Means over folds, as far as all of them go; a seed that lacks a fold is left out. only: the numbers of the
    trials that are wanted; None: all.

    Raises:
        NotFoundError: There is no such database.
    """
    with closing(open_database(storage, create=False)) as database, database.reading() as connection:
        own = _own_curves(connection, study, only)
        rows = connection.execute(select(schema.curves.c.curve_id, schema.curves.c.identity)).all()
        kinds = {row.curve_id: _SEED_OR_FOLD.sub("", row.identity) for row in rows}
        seeds = {row.curve_id: _seed(row.identity) for row in rows}
        kin: dict[str, list[int]] = defaultdict(list)
        for curve, kind in kinds.items():
            kin[kind].append(curve)
        wanted = {
            number: _by_seed(
                (one for one in kin[kinds[curves[0]]] if seeds[one] != seeds[curves[0]]), seeds, len(curves)
            )
            for number, curves in own.items()
        }
        losses = _losses(connection, {one for groups in wanted.values() for group in groups for one in group})
    return {
        number: tuple(_mean([losses[one] for one in group]) for group in groups)
        for number, groups in wanted.items()
    }


def _own_curves(connection: Connection, study: str, only: Collection[int] | None) -> dict[int, list[int]]:
    """Return by trial number the curves it was read on, one a fold."""
    used, trials, names = schema.trial_curves, schema.trials, optuna_tables.studies
    query = (
        select(trials.c.number, used.c.curve_id)
        .join(used, used.c.trial_id == trials.c.trial_id)
        .join(names, names.c.study_id == trials.c.study_id)
        .where(names.c.study_name == study)
        .order_by(trials.c.number, used.c.fold)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for row in connection.execute(query if only is None else query.where(trials.c.number.in_(only))):
        found[row.number].append(row.curve_id)
    return found


def _seed(identity: str) -> int:
    return int(dict(_SEED_OR_FOLD.findall(identity))["seed"])


def _by_seed(curves: Iterable[int], seeds: dict[int, int], folds: int) -> list[list[int]]:
    """Return the curves seed by seed, the seeds rising; those with all folds only."""
    found: dict[int, list[int]] = defaultdict(list)
    for curve in curves:
        found[seeds[curve]].append(curve)
    return [group for _, group in sorted(found.items()) if len(group) == folds]


def _losses(connection: Connection, wanted: Collection[int]) -> dict[int, list[float]]:
    table, curves = schema.epochs, sorted(wanted)
    found: dict[int, list[float]] = {curve: [] for curve in curves}
    for some in (curves[i : i + _AT_ONCE] for i in range(0, len(curves), _AT_ONCE)):
        query = select(table.c.curve_id, table.c.val_loss).where(table.c.curve_id.in_(some))
        for row in connection.execute(query.order_by(table.c.curve_id, table.c.epoch)):
            found[row.curve_id].append(np.nan if row.val_loss is None else row.val_loss)
    return found


def _mean(folds: list[list[float]]) -> Losses:
    reach = min(map(len, folds))
    return tuple(np.mean([losses[:reach] for losses in folds], axis=0).tolist())
