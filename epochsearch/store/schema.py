"""The ledger's tables, beside Optuna's in one database, under their own schema version.

Curves belong to no study: any study whose configuration, seed and task hash to the same key reads them.
"""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)


class FloatOrNan(Float[float]):
    """A float in whose column NULL means that there is none: SQLite has no NaN, so it is kept as a word."""

    def bind_processor(self, dialect: Dialect) -> Any:
        """Return what makes of a float what SQLite stores."""
        return lambda value: "nan" if value is not None and math.isnan(value) else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Return what makes the float of what SQLite has stored."""
        return lambda stored: None if stored is None else float(stored)


SCHEMA_VERSION = 3
PREFIX = "epochsearch_"
metadata = MetaData()

versions = Table(f"{PREFIX}schema", metadata, Column("version", Integer, primary_key=True))

studies = Table(
    f"{PREFIX}studies",
    metadata,
    Column("study_id", Integer, primary_key=True, autoincrement=False),  # Optuna's
    Column("spec", Text, nullable=False),  # StudySpec.canonical
    Column("conditions", Text, nullable=False),  # versions and machine at the start, JSON
    Column("created", DateTime, nullable=False),  # UTC
    Column("updated", DateTime, nullable=False),  # UTC
    Column("wall_seconds", Float, nullable=False, default=0.0),
)

trials = Table(
    f"{PREFIX}trials",
    metadata,
    Column("trial_id", Integer, primary_key=True, autoincrement=False),  # Optuna's
    Column("study_id", Integer, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("parameters", Text, nullable=False),  # JSON, as the point has them
    Column("seed", Integer, nullable=False),
    Column("outcome", String(16)),  # NULL while it runs
    Column("value", Float),
    Column("value_epoch", Integer),
    Column("metrics", Text, nullable=False, default="{}"),  # JSON
    Column("reason", Text, nullable=False, default=""),
    Column("epochs_done", Integer, nullable=False, default=0),
    Column("epochs_charged", Integer, nullable=False, default=0),
    Column("epochs_trained", Integer, nullable=False, default=0),
    Column("epochs_repeated", Integer, nullable=False, default=0),
    Column("seconds_charged", Float, nullable=False, default=0.0),
    Column("seconds_trained", Float, nullable=False, default=0.0),
)

curves = Table(
    f"{PREFIX}curves",
    metadata,
    Column("curve_id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("identity", Text, nullable=False),  # CurveIdentity.canonical
)

trial_curves = Table(
    f"{PREFIX}trial_curves",
    metadata,
    Column("trial_id", Integer, primary_key=True, autoincrement=False),
    Column("fold", Integer, primary_key=True, autoincrement=False),
    Column("curve_id", Integer, ForeignKey(curves.c.curve_id), nullable=False),
)

epochs = Table(
    f"{PREFIX}epochs",
    metadata,
    Column("curve_id", Integer, ForeignKey(curves.c.curve_id), primary_key=True, autoincrement=False),
    Column("epoch", Integer, primary_key=True, autoincrement=False),  # 1-based
    Column("train_loss", Float),  # NULL: not a number
    Column("val_loss", Float),
    Column("seconds", Float, nullable=False),
    Column("metrics", Text, nullable=False),  # JSON
    Column("average_loss", FloatOrNan),  # NULL: no averaged weights
    Column("gradient_norm", FloatOrNan),  # NULL: not measured
    Column("memory_bytes", Integer),  # NULL: not measured
    sqlite_with_rowid=False,
)

checkpoints = Table(
    f"{PREFIX}checkpoints",
    metadata,
    Column("curve_id", Integer, ForeignKey(curves.c.curve_id), primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("file", Text, nullable=False),  # name within the checkpoint folder
    Column("bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("seconds", Float, nullable=False),  # training time that it saves
)

states = Table(  # checkpoints that stay when their curve goes on: other curves begin there
    f"{PREFIX}states",
    metadata,
    Column("curve_id", Integer, ForeignKey(curves.c.curve_id), primary_key=True, autoincrement=False),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("file", Text, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("seconds", Float, nullable=False),
)

looks = Table(
    f"{PREFIX}looks",
    metadata,
    Column("look_id", Integer, primary_key=True),
    Column("study", String(512), nullable=False),  # its name: a look is remembered when the study is deleted
    Column("trial", Integer, nullable=False),  # number
    Column("epoch", Integer, nullable=False),
    Column("looked", DateTime, nullable=False),  # UTC
    Column("test_loss", Float),  # NULL: not a number
    Column("metrics", Text, nullable=False),  # JSON
    Column("curves", String(64), nullable=False, index=True),  # digest of the curves' keys, one a fold
)

look_intervals = Table(
    f"{PREFIX}look_intervals",
    metadata,
    Column("curves", String(64), primary_key=True),  # as in `looks`
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("intervals", Text, nullable=False),  # JSON: [name, low, high] each, 95 %, over the test rows
)

claims = Table(
    f"{PREFIX}claims",
    metadata,
    Column("study_id", Integer, primary_key=True, autoincrement=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", Float, nullable=False),  # of the process, seconds since 1970: tells a reused pid
    Column("token", String(32), nullable=False),
    Column("beat", Float, nullable=False),  # seconds since 1970
)
