"""The studies of a storage: made, found, and read back as Optuna's trials so that a search can go on."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from epochsearch.core.spec import StudySpec
from epochsearch.store import optuna_tables, schema
from epochsearch.store.database import Database

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """A study as it stands in the database."""

    study_id: int
    name: str
    spec: StudySpec
    wall_seconds: float


@dataclass(frozen=True, slots=True)
class StoredTrial:
    """A trial as Optuna has it, with what the ledger needs to go on with an unfinished one."""

    trial_id: int
    frozen: FrozenTrial
    parameters: dict[str, Any]
    unfinished: bool  # it is to go on
    epochs_trained: int
    epochs_repeated: int
    seconds_trained: float
    written_steps: int
    ended: bool  # its end is on disk
    seconds_charged: float = 0.0


def find_study(database: Database, name: str) -> StoredStudy | None:
    """Return the study called `name`, None if there is none."""
    with database.reading() as connection:
        return _found(connection, name)


def _found(connection: Connection, name: str) -> StoredStudy | None:
    optuna_studies = optuna_tables.studies
    joined = select(schema.studies, optuna_studies.c.study_name).join(
        optuna_studies, optuna_studies.c.study_id == schema.studies.c.study_id
    )
    row = connection.execute(joined.where(optuna_studies.c.study_name == name)).first()
    if row is None:
        return None
    return StoredStudy(
        row.study_id, row.study_name, StudySpec.from_dict(json.loads(row.spec)), row.wall_seconds
    )


def optuna_study_exists(database: Database, name: str) -> bool:
    """Return whether Optuna's tables hold a study of that name, ours or another program's."""
    table = optuna_tables.studies
    with database.reading() as connection:
        return (
            connection.execute(select(table.c.study_id).where(table.c.study_name == name)).first() is not None
        )


def create_study(
    database: Database, name: str, spec: StudySpec, conditions: Mapping[str, Any]
) -> StoredStudy:
    """Make a study, visible to Optuna as one that minimises; return the one there is if another was faster.

    conditions: versions and machine, plain JSON values.
    """
    with database.writing() as connection:
        made = _found(connection, name)
        if made is not None:
            return made
        key = connection.execute(optuna_tables.studies.insert(), {"study_name": name}).inserted_primary_key
        assert key is not None
        study_id = int(key[0])
        direction = {"study_id": study_id, "direction": "MINIMIZE", "objective": 0}
        connection.execute(optuna_tables.study_directions.insert(), direction)
        shown = {"epochsearch:spec": spec.to_dict(), "epochsearch:conditions": dict(conditions)}
        rows = [{"study_id": study_id, "key": k, "value_json": json.dumps(v)} for k, v in shown.items()]
        connection.execute(optuna_tables.study_user_attributes.insert(), rows)
        for table in (schema.studies, schema.trials):  # of a deleted study that had this number
            connection.execute(table.delete().where(table.c.study_id == study_id))
        connection.execute(
            schema.studies.insert(),
            {
                "study_id": study_id,
                "spec": spec.canonical,
                "conditions": json.dumps(dict(conditions)),
                "created": utc_now(),
                "updated": utc_now(),
                "wall_seconds": 0.0,
            },
        )
    return StoredStudy(study_id, name, spec, 0.0)


def study_attributes(database: Database, study_id: int) -> dict[str, Any]:
    """Return the attributes that Optuna's samplers keep on a study; a dashboard's own are not theirs."""
    table = optuna_tables.study_system_attributes
    with database.reading() as connection:
        rows = connection.execute(select(table).where(table.c.study_id == study_id)).all()
    return {row.key: json.loads(row.value_json) for row in rows if not row.key.startswith("dashboard:")}


def stored_trials(database: Database, study_id: int) -> list[StoredTrial]:
    """Return all trials of a study in the order of their numbers."""
    from optuna.trial import FrozenTrial, TrialState

    table, own = optuna_tables.trials, schema.trials
    joined = select(table, own).join(own, own.c.trial_id == table.c.trial_id)
    with database.reading() as connection:
        rows = connection.execute(joined.where(table.c.study_id == study_id).order_by(table.c.number)).all()
        parameters = _parameters(connection, study_id)
        steps = _steps(connection, study_id)
        values = _values(connection, study_id)
        attributes = _attributes(connection, study_id)
    found = []
    for row in rows:
        params, distributions = parameters[row.trial_id]
        frozen = FrozenTrial(
            number=row.number,
            trial_id=row.trial_id,
            state=TrialState[row.state],
            value=values.get(row.trial_id),
            datetime_start=row.datetime_start,
            datetime_complete=row.datetime_complete,
            params=params,
            distributions=distributions,
            user_attrs={},
            system_attrs=attributes.get(row.trial_id, {}),
            intermediate_values=steps.get(row.trial_id, {}),
        )
        found.append(_stored(row, frozen))
    return found


def _stored(row: Any, frozen: FrozenTrial) -> StoredTrial:
    """Return the trial of a row of both tables."""
    unfinished = row.outcome in (None, "interrupted")
    return StoredTrial(
        trial_id=row.trial_id,
        frozen=frozen,
        parameters=json.loads(row.parameters),
        unfinished=unfinished,
        epochs_trained=row.epochs_trained,
        epochs_repeated=row.epochs_repeated,
        seconds_trained=row.seconds_trained,
        written_steps=max(frozen.intermediate_values, default=0),
        seconds_charged=row.seconds_charged,
        ended=not unfinished,
    )


def utc_now() -> datetime:
    """Return the time in UTC, naive, as the ledger's tables keep it."""
    return datetime.now(UTC).replace(tzinfo=None)


def _parameters(connection: Connection, study_id: int) -> dict[int, tuple[dict[str, Any], dict[str, Any]]]:
    from optuna.distributions import json_to_distribution

    known: dict[str, Any] = {}
    found: dict[int, tuple[dict[str, Any], dict[str, Any]]] = defaultdict(lambda: ({}, {}))
    for row in connection.execute(_of_study(optuna_tables.trial_params, study_id)):
        if row.distribution_json not in known:
            known[row.distribution_json] = json_to_distribution(row.distribution_json)
        distribution = known[row.distribution_json]
        params, distributions = found[row.trial_id]
        params[row.param_name] = distribution.to_external_repr(row.param_value)
        distributions[row.param_name] = distribution
    return found


def _steps(connection: Connection, study_id: int) -> dict[int, dict[int, float]]:
    table = optuna_tables.trial_intermediate_values
    found: dict[int, dict[int, float]] = defaultdict(dict)
    for row in connection.execute(_of_study(table, study_id).order_by(table.c.trial_id, table.c.step)):
        found[row.trial_id][row.step] = optuna_tables.decoded(
            row.intermediate_value, row.intermediate_value_type
        )
    return found


def _values(connection: Connection, study_id: int) -> dict[int, float]:
    rows = connection.execute(_of_study(optuna_tables.trial_values, study_id))
    return {row.trial_id: optuna_tables.decoded(row.value, row.value_type) for row in rows}


def _attributes(connection: Connection, study_id: int) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in connection.execute(_of_study(optuna_tables.trial_system_attributes, study_id)):
        found[row.trial_id][row.key] = json.loads(row.value_json)
    return found


def _of_study(table: Any, study_id: int) -> Any:
    trials = optuna_tables.trials
    return (
        select(table).join(trials, trials.c.trial_id == table.c.trial_id).where(trials.c.study_id == study_id)
    )
