"""The orders of studies whose samplers freeze and thaw: kept on their trials, among the system attributes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from sqlalchemy import select

from epochsearch.core.orders import TrialOrder
from epochsearch.store import optuna_tables
from epochsearch.store.database import open_database

_KEY = "epochsearch:order:"  # the step follows


def order_attributes(orders: Mapping[int, TrialOrder]) -> dict[str, Any]:
    """Return the attributes that keep a trial's orders, given by their steps."""
    return {f"{_KEY}{step}": order.to_dict() for step, order in orders.items()}


def kept_orders(trial: int, attributes: Mapping[str, Any]) -> dict[int, TrialOrder]:
    """Return the orders that are kept among a trial's system attributes, by step."""
    found = {int(key.removeprefix(_KEY)): kept for key, kept in attributes.items() if key.startswith(_KEY)}
    return {step: TrialOrder.from_dict(step, trial, found[step]) for step in sorted(found)}


def study_orders(storage: str, study: str) -> tuple[TrialOrder, ...]:
    """Return all orders of a study in the order in which they were given; none if its sampler gives none.

    Raises:
        NotFoundError: There is no such database.
    """
    attributes, trials = optuna_tables.trial_system_attributes, optuna_tables.trials
    studies = optuna_tables.studies
    query = (
        select(trials.c.number, attributes.c.key, attributes.c.value_json)
        .join(trials, trials.c.trial_id == attributes.c.trial_id)
        .join(studies, studies.c.study_id == trials.c.study_id)
        .where(studies.c.study_name == study, attributes.c.key.startswith(_KEY))
    )
    with closing(open_database(storage, create=False)) as database, database.reading() as connection:
        rows = connection.execute(query).all()
    found = [
        TrialOrder.from_dict(int(row.key.removeprefix(_KEY)), row.number, json.loads(row.value_json))
        for row in rows
    ]
    return tuple(sorted(found, key=lambda order: order.step))
