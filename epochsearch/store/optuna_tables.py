"""Optuna's own tables, as much of them as is read and written here, and the spelling of numbers in them.

Written in bulk for speed; made and versioned by Optuna itself. Checked against the schema version below on
opening.
"""

from __future__ import annotations

import math
from datetime import datetime

from sqlalchemy import Column, DateTime, Float, Integer, MetaData, String, Table, Text

OPTUNA_SCHEMA_VERSION = 12
metadata = MetaData()

version_info = Table(
    "version_info",
    metadata,
    Column("version_info_id", Integer, primary_key=True),
    Column("schema_version", Integer),
)
studies = Table(
    "studies", metadata, Column("study_id", Integer, primary_key=True), Column("study_name", String(512))
)
study_directions = Table(
    "study_directions",
    metadata,
    Column("study_direction_id", Integer, primary_key=True),
    Column("direction", String(8)),
    Column("study_id", Integer),
    Column("objective", Integer),
)
trials = Table(
    "trials",
    metadata,
    Column("trial_id", Integer, primary_key=True),
    Column("number", Integer),
    Column("study_id", Integer),
    Column("state", String(8)),
    Column("datetime_start", DateTime),
    Column("datetime_complete", DateTime),
)
trial_params = Table(
    "trial_params",
    metadata,
    Column("param_id", Integer, primary_key=True),
    Column("trial_id", Integer),
    Column("param_name", String(512)),
    Column("param_value", Float),
    Column("distribution_json", Text),
)
trial_values = Table(
    "trial_values",
    metadata,
    Column("trial_value_id", Integer, primary_key=True),
    Column("trial_id", Integer),
    Column("objective", Integer),
    Column("value", Float),
    Column("value_type", String(7)),
)
trial_intermediate_values = Table(
    "trial_intermediate_values",
    metadata,
    Column("trial_intermediate_value_id", Integer, primary_key=True),
    Column("trial_id", Integer),
    Column("step", Integer),
    Column("intermediate_value", Float),
    Column("intermediate_value_type", String(7)),
)


def _attributes(name: str, owner: str) -> Table:
    return Table(
        f"{name}_attributes",
        metadata,
        Column(f"{name}_attribute_id", Integer, primary_key=True),
        Column(owner, Integer),
        Column("key", String(512)),
        Column("value_json", Text),
    )


study_user_attributes = _attributes("study_user", "study_id")
study_system_attributes = _attributes("study_system", "study_id")
trial_user_attributes = _attributes("trial_user", "trial_id")
trial_system_attributes = _attributes("trial_system", "trial_id")


def encoded(value: float) -> tuple[float | None, str]:
    """Return a number as Optuna's pair of columns (value, type) has it."""
    if math.isnan(value):
        return None, "NAN"
    if math.isinf(value):
        return None, "INF_POS" if value > 0 else "INF_NEG"
    return value, "FINITE"


def decoded(value: float | None, kind: str) -> float:
    """Return the number that `encoded` wrote."""
    special = {"NAN": math.nan, "INF_POS": math.inf, "INF_NEG": -math.inf}
    return special[kind] if kind in special else float(value or 0.0)


def now() -> datetime:
    """Return the time as Optuna writes it: local and naive."""
    return datetime.now()
