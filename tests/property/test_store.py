"""Whatever a search writes down is read back as it was: records, curves and Optuna's numbers."""

from __future__ import annotations

import math
import re
import string
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from epochsearch.core.curve import EpochReport
from epochsearch.core.point import Configuration, Point
from epochsearch.core.trial import Cost, Outcome, TrialRecord
from epochsearch.store.archive import study_trials
from epochsearch.store.ledger import Ledger
from epochsearch.store.optuna_tables import decoded, encoded
from tests.unit.store.records import IDENTITY, opened, study, url

NUMBERS = count()
FINITE = st.floats(allow_nan=False, allow_infinity=False)
SECONDS = st.floats(0, 1e9)
EPOCHS = st.integers(0, 10**6)
METRICS = st.dictionaries(st.text(string.printable, min_size=1), st.floats(), max_size=3)
POINTS = st.builds(
    Point,
    st.integers(1, 50),
    st.builds(
        Configuration,
        st.floats(1e-5, 1e-1),
        st.sampled_from([16, 32]),
        st.sampled_from([None, "relu", "1"]).map(lambda act: (("act", act),)),
    ),
)
RECORDS = st.builds(
    TrialRecord,
    number=st.just(0),
    outcome=st.sampled_from(Outcome),
    point=POINTS,
    value=st.none() | FINITE,
    seed=st.integers(0, 2**32 - 1),
    cost=st.builds(Cost, EPOCHS, EPOCHS, EPOCHS, SECONDS, SECONDS),
    epochs_done=EPOCHS,
    reason=st.text(),
    metrics=METRICS.map(lambda found: tuple(found.items())),
    value_epoch=st.none() | EPOCHS,
)
REPORTS = st.builds(
    EpochReport,
    epoch=st.just(0),
    train_loss=st.floats(),
    val_loss=st.floats(),
    seconds=SECONDS,
    metrics=METRICS.map(lambda found: tuple(found.items())),
    average_loss=st.none() | st.floats(),
    gradient_norm=st.none() | st.floats(0),
    memory_bytes=st.none() | st.integers(0, 2**50),
)


@pytest.fixture(scope="module")
def folder():
    with TemporaryDirectory() as made:
        yield Path(made)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(RECORDS, min_size=1, max_size=4))
def test_records_are_read_back(folder: Path, records: list[TrialRecord]) -> None:
    """Any outcome, value, cost, reason and metrics, to the last bit."""
    records = [replace(record, number=number) for number, record in enumerate(records)]
    name = f"study {next(NUMBERS)}"
    with opened(folder) as database:
        new = study(database, name)
        for record in records:
            new.begin(record.number, record.point, seed=record.seed)
            new.journal.end(record)
        new.journal.flush()

    read = study_trials(url(folder), name)

    assert [shown(record) for record in read] == [shown(record) for record in records]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(curve=[EpochReport(1, 0.0, math.nan, 0.0, average_loss=math.nan, gradient_norm=math.nan)])
@given(curve=st.lists(REPORTS, max_size=4))
def test_curves_are_read_back(folder: Path, curve: list[EpochReport]) -> None:
    """Any losses and metrics, NaN and infinities among them, to the last bit."""
    curve = [replace(report, epoch=epoch) for epoch, report in enumerate(curve, start=1)]
    identity = replace(IDENTITY, seed=next(NUMBERS))
    with opened(folder) as database:
        ledger = Ledger(database)
        with database.writing() as connection:
            curve_id = ledger.curve_id(connection, identity)
            ledger.extend(connection, [(curve_id, report) for report in curve])

        read = Ledger(database).read(identity.key).reports

    assert shown(list(read)) == shown(curve)


@given(st.floats())
def test_a_number_survives_optunas_columns(value: float) -> None:
    """Optuna keeps what SQL has no literal for as a word beside the number."""
    read = decoded(*encoded(value))

    assert read == value or (math.isnan(read) and math.isnan(value))


def shown(records: object) -> str:
    """Return records as text, in which NaN equals NaN and zeros have no sign: SQLite keeps none."""
    return re.sub(r"-0\.0\b", "0.0", repr(records))
