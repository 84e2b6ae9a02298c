"""Small real studies in real SQLite files, for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from epochsearch.core.choice import Choice
from epochsearch.core.curve import CurveIdentity, EpochReport
from epochsearch.core.point import Configuration, Point
from epochsearch.core.recipe import Recipe
from epochsearch.core.space import parse_space
from epochsearch.core.spec import StudySpec
from epochsearch.core.trial import Cost, Outcome, TrialRecord
from epochsearch.search.proposing.encoding import Encoding
from epochsearch.store.database import Database, open_database
from epochsearch.store.journal import Journal
from epochsearch.store.ledger import Ledger
from epochsearch.store.open_trial import OpenTrial
from epochsearch.store.studies import create_study

RECIPE = Recipe(Choice("adam", (("eps", 1e-8),)), Choice("constant"))
SPACE = parse_space(
    {"epochs": "1:50", "learning_rate": "1e-5:1e-1", "batch_size": "16,32", "act": "none,relu,'1'"}
)
SPEC = StudySpec(
    "digits", "f" * 64, SPACE, Choice("random"), Choice("none"), "final", RECIPE, 0, 0, 1, "cpu", 1
)
POINT = Point(5, Configuration(0.1, 16, (("act", "1"),)))
IDENTITY = CurveIdentity("digits", "f", POINT.configuration, RECIPE, 0, 0, 1, "cpu", "2.9.0", 1)


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'x.db'}"


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as folder:
        open_database(url(Path(folder)), create=True).close()
        return (Path(folder) / "x.db").read_bytes()


@contextmanager
def opened(folder: Path) -> Iterator[Database]:
    """Open the database in `folder`, at first a copy of an empty one: Optuna takes long to make one."""
    if not (folder / "x.db").exists():
        (folder / "x.db").write_bytes(_empty())
    with closing(open_database(url(folder), create=True)) as database:
        yield database


def reports(count: int, first: int = 1) -> list[EpochReport]:
    """Return `count` epochs of a curve that falls."""
    return [
        EpochReport(e, 1 / e, 1.5 / e, 0.25, (("accuracy", 1 - 1 / e),)) for e in range(first, first + count)
    ]


@dataclass
class Study:
    """A study with its writer."""

    database: Database
    ledger: Ledger
    journal: Journal
    study_id: int

    def begin(
        self, number: int = 0, point: Point = POINT, identity: CurveIdentity = IDENTITY, seed: int = 0
    ) -> OpenTrial:
        trial = OpenTrial(number, point, Encoding(SPACE, ordered=False).stored, seed, (identity,))
        self.journal.begin(trial)
        return trial

    def train(self, number: int, epochs: list[EpochReport], identity: CurveIdentity = IDENTITY) -> None:
        for report in epochs:
            self.journal.extend(identity, report)
            cost = Cost(report.epoch, report.epoch, 0, 0.25 * report.epoch, 0.25 * report.epoch)
            self.journal.report(number, report.epoch, report.val_loss, cost)

    def whole(self, record: TrialRecord, epochs: list[EpochReport] | None = None) -> None:
        """Begin, train and end a trial, and write it."""
        identity = replace(IDENTITY, configuration=record.point.configuration)
        self.begin(record.number, record.point, identity, record.seed)
        self.train(record.number, reports(record.epochs_done) if epochs is None else epochs, identity)
        self.journal.end(record)
        self.journal.flush()


def study(database: Database, name: str = "s", spec: StudySpec = SPEC) -> Study:
    """Make a study in an open database."""
    ledger = Ledger(database)
    stored = create_study(database, name, spec, {"python": "3.11"})
    return Study(database, ledger, Journal(database, ledger, stored.study_id, 0.0), stored.study_id)


def completed(number: int = 0, value: float = 0.3, point: Point = POINT) -> TrialRecord:
    """Return the record of a trial that went to its end."""
    cost = Cost(point.epochs, point.epochs, 0, 1.25, 1.25)
    metrics = (("accuracy", 0.8),)
    return TrialRecord(
        number, Outcome.COMPLETED, point, value, 0, cost, point.epochs, "", metrics, point.epochs
    )
