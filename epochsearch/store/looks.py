"""Every look at the sealed test part: whose point, after which epoch, when, and what was seen (law 7)."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import inspect, select

from epochsearch.core.curve import SealedScore
from epochsearch.core.model import Intervals
from epochsearch.store import schema
from epochsearch.store.database import Database
from epochsearch.store.studies import utc_now


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the test score of one trial."""

    study: str
    trial: int  # number
    epoch: int
    score: SealedScore  # mean over folds
    keys: tuple[str, ...]  # of its curves, one a fold
    looked: datetime | None = None  # UTC, naive; None: now


def record_looks(database: Database, looks: Sequence[Look]) -> None:
    """Write looks down before anybody is shown them."""
    rows = [
        {
            "study": look.study,
            "trial": look.trial,
            "epoch": look.epoch,
            "looked": look.looked or utc_now(),
            "test_loss": None if math.isnan(look.score.loss) else look.score.loss,
            "metrics": json.dumps(dict(look.score.metrics)),
            "curves": _digest(look.keys),
        }
        for look in looks
    ]
    with database.writing() as connection:
        schema.looks.create(connection, checkfirst=True)  # a database made before there were looks
        if rows:
            connection.execute(schema.looks.insert(), rows)


def seen_score(database: Database, keys: Sequence[str], epoch: int) -> SealedScore | None:
    """Return what an earlier look saw of these curves after this epoch, None if there was none."""
    table = schema.looks
    with database.reading() as connection:
        if not inspect(connection).has_table(table.name):
            return None
        wanted = select(table).where(table.c.curves == _digest(keys), table.c.epoch == epoch)
        row = connection.execute(wanted.order_by(table.c.look_id)).first()
    if row is None:
        return None
    loss = math.nan if row.test_loss is None else row.test_loss
    return SealedScore(loss, tuple(json.loads(row.metrics).items()))


def record_intervals(database: Database, keys: Sequence[str], epoch: int, intervals: Intervals) -> None:
    """Write down how sure the score of these curves after this epoch is; there may be nothing to say."""
    table = schema.look_intervals
    row = {"curves": _digest(keys), "epoch": epoch, "intervals": json.dumps(intervals)}
    with database.writing() as connection:
        table.create(connection, checkfirst=True)  # a database made before there were intervals
        connection.execute(database.insert_new(table), row)


def seen_intervals(database: Database, keys: Sequence[str], epoch: int) -> Intervals | None:
    """Return what `record_intervals` wrote, None if it did not."""
    table = schema.look_intervals
    with database.reading() as connection:
        if not inspect(connection).has_table(table.name):
            return None
        wanted = select(table.c.intervals).where(table.c.curves == _digest(keys), table.c.epoch == epoch)
        found = connection.execute(wanted).scalar()
    if found is None:
        return None
    return tuple((name, low, high) for name, low, high in json.loads(found))


def looks_at(database: Database, study: str) -> list[tuple[int, int, datetime]]:
    """Return the looks at a study's trials as (trial, epoch, when), in the order in which they happened."""
    table = schema.looks
    with database.reading() as connection:
        if not inspect(connection).has_table(table.name):
            return []
        rows = connection.execute(select(table).where(table.c.study == study).order_by(table.c.look_id)).all()
    return [(row.trial, row.epoch, row.looked) for row in rows]


@dataclass(frozen=True, slots=True)
class SeenLook:
    """One look at a study's test score, as it is remembered."""

    trial: int  # number
    epoch: int
    looked: datetime  # UTC, naive
    score: SealedScore


def seen_looks(database: Database, study: str) -> list[SeenLook]:
    """Return the looks at a study's trials with what was seen, in the order in which they happened."""
    table = schema.looks
    with database.reading() as connection:
        if not inspect(connection).has_table(table.name):
            return []
        rows = connection.execute(select(table).where(table.c.study == study).order_by(table.c.look_id)).all()
    return [
        SeenLook(
            row.trial,
            row.epoch,
            row.looked,
            SealedScore(
                math.nan if row.test_loss is None else row.test_loss, tuple(json.loads(row.metrics).items())
            ),
        )
        for row in rows
    ]


def _digest(keys: Sequence[str]) -> str:
    return hashlib.sha256("".join(keys).encode()).hexdigest()
