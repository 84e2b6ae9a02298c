"""What a search notes and writes, and how the archive, the next run and plain Optuna read it back."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import optuna
import pytest

from epochsearch.core.curve import EpochReport
from epochsearch.core.errors import NotFoundError, StorageError
from epochsearch.core.point import Configuration, Point
from epochsearch.core.trial import Cost, Outcome, TrialRecord
from epochsearch.store.archive import study_curves, study_summaries, study_summary, study_trials
from epochsearch.store.checkpoints import Checkpoint
from epochsearch.store.claims import Claim
from epochsearch.store.database import open_database
from epochsearch.store.journal import Journal
from epochsearch.store.ledger import Ledger
from epochsearch.store.studies import find_study, optuna_study_exists, stored_trials, study_attributes
from tests.unit.store.records import IDENTITY, POINT, SPEC, completed, opened, reports, study, url

PRUNED = TrialRecord(
    1, Outcome.PRUNED, POINT, 0.5, 7, Cost(3, 0, 2, 0.75, 0.5), 3, "", (("accuracy", math.nan),), 3
)
DIVERGED = TrialRecord(2, Outcome.DIVERGED, POINT, None, 7, Cost(2, 2), 2, "the loss was not finite")
FAILED = TrialRecord(3, Outcome.FAILED, POINT, None, 7, Cost(), 0, "ValueError: 'é' \x00 \U0001f4a5\n\"; --")
INTERRUPTED = TrialRecord(4, Outcome.INTERRUPTED, POINT, None, 7, Cost(4, 4, 0, 1.0, 1.0), 4)
ALL = [completed(), PRUNED, DIVERGED, FAILED, INTERRUPTED]


def written(folder: Path, records: list[TrialRecord], name: str = "s") -> None:
    with opened(folder) as database:
        new = study(database, name)
        for record in records:
            new.whole(record)


def test_records_are_read_back(tmp_path: Path) -> None:
    """Every outcome, with its value, cost, metrics and reason, whatever characters that has."""
    written(tmp_path, ALL)

    read = study_trials(url(tmp_path), "s")

    assert [str(record) for record in read] == [str(record) for record in ALL]  # as text: NaN equals NaN


def test_a_reason_with_undecodable_bytes_is_spelled_out(tmp_path: Path) -> None:
    """A file name that is no UTF-8 in an error's message does not end the search."""
    written(tmp_path, [replace(FAILED, number=0, reason="no file 'caf\udce9'")])

    assert study_trials(url(tmp_path), "s")[0].reason == r"no file 'caf\udce9'"


def test_a_point_keeps_its_types(tmp_path: Path) -> None:
    """Words, None and strings that look like numbers come back as what they were."""
    points = [Point(5, Configuration(1e-5, 32, (("act", act),))) for act in (None, "relu", "1")]
    written(tmp_path, [completed(number, 0.1, point) for number, point in enumerate(points)])

    assert [record.point for record in study_trials(url(tmp_path), "s")] == points


def test_curves_are_read_as_far_as_a_trial_used_them(tmp_path: Path) -> None:
    """Two trials share a curve; the shorter sees its own epochs only."""
    short = replace(completed(1), point=replace(POINT, epochs=2), epochs_done=2, value_epoch=2)
    written(tmp_path, [completed(), short])

    long, brief = study_curves(url(tmp_path), "s")

    assert long.reports == tuple(reports(5))
    assert brief.reports == tuple(reports(2))


def test_folds_are_averaged(tmp_path: Path) -> None:
    """A trial's curve is the mean over its folds, its seconds are those of all; each fold's is there."""
    folds = (replace(IDENTITY, folds=2), replace(IDENTITY, folds=2, fold=1))
    with opened(tmp_path) as database:
        new = study(database)
        trial = new.begin()
        trial.identities = folds
        new.train(0, [EpochReport(1, 1.0, 2.0, 0.5)], folds[0])
        new.journal.extend(folds[1], EpochReport(1, 3.0, 4.0, 0.5))
        new.journal.end(replace(completed(), epochs_done=1))
        new.journal.flush()

    (curve,) = study_curves(url(tmp_path), "s")

    assert curve.reports == (EpochReport(1, 2.0, 3.0, 1.0),)
    assert curve.folds == ((EpochReport(1, 1.0, 2.0, 0.5),), (EpochReport(1, 3.0, 4.0, 0.5),))


def test_some_trials_can_be_asked_for(tmp_path: Path) -> None:
    """Of the trials of a study those named come back, with the same curves as among all of them."""
    written(tmp_path, [completed(number) for number in range(3)])

    everything = study_curves(url(tmp_path), "s")

    assert study_curves(url(tmp_path), "s", only=(2, 0)) == [everything[0], everything[2]]
    assert study_curves(url(tmp_path), "s", only=()) == []


def test_plain_optuna_sees_the_same_trials(tmp_path: Path) -> None:
    """States, parameters, values and intermediate values in Optuna's tables are those of the archive."""
    written(tmp_path, ALL)

    seen = optuna.load_study(study_name="s", storage=url(tmp_path))

    assert [trial.state.name for trial in seen.trials] == ["COMPLETE", "PRUNED", "PRUNED", "FAIL", "WAITING"]
    assert seen.best_trial.number == 0
    assert seen.direction == optuna.study.StudyDirection.MINIMIZE
    for trial, item in zip(seen.trials, study_curves(url(tmp_path), "s"), strict=True):
        assert trial.number == item.trial.number
        assert trial.params == item.trial.point.parameters
        assert trial.value == item.trial.value
        assert trial.intermediate_values == {report.epoch: report.val_loss for report in item.reports}
    assert seen.trials[0].user_attrs == {
        "outcome": "completed",
        "epochs_charged": 5,
        "epochs_trained": 5,
        "accuracy": 0.8,
    }
    assert seen.user_attrs["epochsearch:spec"] == SPEC.to_dict()


def test_plain_optuna_sees_losses_that_are_no_numbers(tmp_path: Path) -> None:
    """NaN and both infinities among the intermediate values, as Optuna spells them."""
    losses = [math.inf, -math.inf, math.nan, 5e-324]
    epochs = [EpochReport(epoch, 0.1, loss, 0.1) for epoch, loss in enumerate(losses, start=1)]
    with opened(tmp_path) as database:
        study(database).whole(replace(DIVERGED, number=0, epochs_done=4), epochs)

    (trial,) = optuna.load_study(study_name="s", storage=url(tmp_path)).trials

    assert [str(value) for value in trial.intermediate_values.values()] == [str(loss) for loss in losses]


def test_a_running_trial_is_seen_while_it_runs(tmp_path: Path) -> None:
    """Each flush brings what is new; a trial that no live process runs counts as interrupted."""
    with opened(tmp_path) as database:
        new = study(database)
        new.begin()
        new.train(0, reports(2))
        new.journal.flush()
        first = optuna.load_study(study_name="s", storage=url(tmp_path)).trials[0]
        new.train(0, reports(1, first=3))
        new.journal.flush()
        new.journal.flush()

        claim = Claim(database, new.study_id, "s")
        claim.take()
        live = study_summary(url(tmp_path), "s")
        claim.release()
        dead = study_summary(url(tmp_path), "s")

    assert first.state == optuna.trial.TrialState.RUNNING
    assert list(first.intermediate_values) == [1, 2]
    (curve,) = study_curves(url(tmp_path), "s")
    assert [report.epoch for report in curve.reports] == [1, 2, 3]
    assert (live.running, live.counts[Outcome.INTERRUPTED], bool(live.holder)) == (1, 0, True)
    assert (dead.running, dead.counts[Outcome.INTERRUPTED], bool(dead.holder)) == (0, 1, False)


def test_an_interrupted_trial_goes_on_in_its_own_rows(tmp_path: Path) -> None:
    """The next run finds it unfinished, writes only the epochs that are missing, and ends it."""
    written(tmp_path, [replace(INTERRUPTED, number=0)])
    with opened(tmp_path) as database:
        found = find_study(database, "s")
        (stored,) = stored_trials(database, found.study_id)
        again = study(database, "other")
        again.journal = Journal(database, again.ledger, found.study_id, found.wall_seconds)
        trial = again.begin()
        trial.trial_id, trial.written_steps = stored.trial_id, stored.written_steps
        again.train(0, reports(5))
        again.journal.end(completed())
        again.journal.flush()

    (seen,) = optuna.load_study(study_name="s", storage=url(tmp_path)).trials

    assert stored.unfinished
    assert (stored.written_steps, stored.epochs_trained, stored.parameters) == (4, 4, POINT.parameters)
    assert stored.frozen.params == POINT.parameters
    assert study_trials(url(tmp_path), "s") == [completed()]
    assert seen.state == optuna.trial.TrialState.COMPLETE
    assert list(seen.intermediate_values) == [1, 2, 3, 4, 5]


def test_a_study_is_found_with_its_spec_and_clock(tmp_path: Path) -> None:
    """What was made is found by name; another program's study of a name is known, but not ours."""
    optuna.create_study(storage=url(tmp_path), study_name="theirs")
    with open_and_fill(tmp_path) as database:
        found = find_study(database, "s")

        assert found is not None
        assert found.spec == SPEC
        assert found.wall_seconds >= 100.0
        assert find_study(database, "theirs") is None
        assert find_study(database, "nobody's") is None
        assert optuna_study_exists(database, "theirs")
        assert not optuna_study_exists(database, "nobody's")


def open_and_fill(folder: Path):
    database = open_database(url(folder), create=True)
    new = study(database)
    Journal(database, new.ledger, new.study_id, 100.0).flush()
    return closing(database)


def test_what_samplers_keep_on_a_study_is_read_back(tmp_path: Path) -> None:
    """The last value of each key, whatever the number of flushes."""
    with opened(tmp_path) as database:
        new = study(database)
        for attributes in ({"a": 1}, {"a": 1}, {"a": [2], "b": None}):
            new.journal.study_attributes(attributes)
            new.journal.flush()

        assert study_attributes(database, new.study_id) == {"a": [2], "b": None}


def test_what_samplers_keep_on_a_trial_is_read_back(tmp_path: Path) -> None:
    """Noted at its beginning and at its end, in one flush or in two."""
    with opened(tmp_path) as database:
        new = study(database)
        new.begin().system_attributes = {"early": 1}
        new.train(0, reports(5))
        new.journal.flush()
        new.journal.end(completed(), {"early": 1, "late": [0.5]})
        new.journal.flush()

        (stored,) = stored_trials(database, new.study_id)

    assert stored.frozen.system_attrs == {"early": 1, "late": [0.5]}


def test_a_summary_adds_up(tmp_path: Path) -> None:
    """Counts by outcome, the cost of all trials, the best completed one: of equals, the fewest epochs."""
    shorter = replace(completed(5), epochs_done=3)
    written(tmp_path, [*ALL, shorter, completed(6, 0.9)])

    summary = study_summary(url(tmp_path), "s")

    assert summary.counts == {
        Outcome.COMPLETED: 3,
        Outcome.PRUNED: 1,
        Outcome.DIVERGED: 1,
        Outcome.FAILED: 1,
        Outcome.INTERRUPTED: 1,
    }
    assert summary.finished == 6
    assert summary.cost == sum((record.cost for record in (*ALL, shorter, completed(6))), Cost())
    assert summary.best == shorter
    assert summary.spec == SPEC
    assert summary.updated.tzinfo is not None


def test_studies_are_listed_with_the_last_updated_first(tmp_path: Path) -> None:
    """Each with its own counts, also one that has no trial yet."""
    written(tmp_path, [completed()], "old")
    written(tmp_path, [], "empty")
    written(tmp_path, [completed(), PRUNED], "new")

    listed = study_summaries(url(tmp_path))

    assert [summary.study for summary in listed] == ["new", "empty", "old"]
    assert [summary.finished for summary in listed] == [2, 0, 1]
    assert listed[1].best is None


def test_an_unknown_study_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    """In an empty storage there is no name to offer."""
    written(tmp_path, [], "digits-tpe")

    with pytest.raises(NotFoundError, match=r"^study digits-tpo: .* Did you mean 'digits-tpe'\?"):
        study_trials(url(tmp_path), "digits-tpo")
    with pytest.raises(NotFoundError, match="there is no such study"):
        study_curves(url(tmp_path), "zzz")


def test_a_flush_that_fails_loses_nothing(tmp_path: Path) -> None:
    """While another program holds the database nothing is written; the next flush writes all of it once."""
    checkpoint = Checkpoint(IDENTITY.key, 5, "x-5.checkpoint", 10, "0" * 64, 1.0)
    with opened(tmp_path) as database:
        study_id = study(database).study_id
    with closing(open_database(url(tmp_path), create=True, busy_seconds=0.05)) as database:
        ours = study(database, "other")
        ours.journal = Journal(database, ours.ledger, study_id, 0.0)
        ours.begin()
        ours.train(0, reports(5))
        ours.journal.checkpoint(IDENTITY, checkpoint)
        ours.journal.end(completed())
        with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="locked"):
                ours.journal.flush()
            holder.execute("ROLLBACK")
        ours.journal.flush()

        assert Ledger(database).read(IDENTITY.key).checkpoint == checkpoint

    assert study_trials(url(tmp_path), "s") == [completed()]
    assert study_curves(url(tmp_path), "s")[0].reports == tuple(reports(5))


FAIL = """
CREATE TRIGGER fail BEFORE UPDATE ON epochsearch_studies BEGIN SELECT RAISE(FAIL, 'disk is full'); END
"""
OTHERS = """
DROP TRIGGER fail;
INSERT INTO trials (number, study_id, state) VALUES (0, 99, 'RUNNING');
INSERT INTO epochsearch_curves (key, identity) VALUES ('k', '{}');
"""


def test_a_flush_that_fails_midway_can_be_repeated(tmp_path: Path) -> None:
    """Rows given in a transaction that was taken back may be another program's by the next flush."""
    with opened(tmp_path) as database:
        ours = study(database)
        ours.begin()
        ours.train(0, reports(5))
        ours.journal.end(completed())
        with closing(sqlite3.connect(tmp_path / "x.db")) as other:
            other.executescript(FAIL)
            with pytest.raises(StorageError, match="the disk is full"):
                ours.journal.flush()
            other.executescript(OTHERS)
        ours.journal.flush()

        assert Ledger(database).read(IDENTITY.key).reports == tuple(reports(5))

    (seen,) = optuna.load_study(study_name="s", storage=url(tmp_path)).trials
    assert seen.params == POINT.parameters
    assert study_trials(url(tmp_path), "s") == [completed()]
