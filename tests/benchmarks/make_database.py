"""A database of many studies with made-up curves, written through the store as a search would write it."""

from __future__ import annotations

import math
import random
from pathlib import Path

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from epochsearch.core.choice import Choice
from epochsearch.core.curve import CurveIdentity, EpochReport
from epochsearch.core.point import Configuration, Point
from epochsearch.core.recipe import Recipe
from epochsearch.core.space import parse_space
from epochsearch.core.spec import StudySpec
from epochsearch.core.trial import Cost, Outcome, TrialRecord
from epochsearch.store.database import open_database
from epochsearch.store.journal import Journal
from epochsearch.store.ledger import Ledger
from epochsearch.store.open_trial import OpenTrial
from epochsearch.store.studies import create_study

BATCH_SIZES = (16, 32, 64, 128, 256)
RECIPE = Recipe(Choice("adam"), Choice("constant"))
AXES = {"epochs": "5:50", "learning_rate": "1e-5:1e-1", "batch_size": "16,32,64,128,256"}
DISTRIBUTIONS: dict[str, BaseDistribution] = {
    "epochs": IntDistribution(5, 50),
    "learning_rate": FloatDistribution(1e-5, 1e-1, log=True),
    "batch_size": CategoricalDistribution(BATCH_SIZES),
}


def make_database(file: Path, studies: int, trials: int, epochs: int) -> None:
    """Write studies called study-0, study-1, ... of `trials` completed trials with `epochs` epochs each."""
    database = open_database(f"sqlite:///{file}", create=True)
    ledger = Ledger(database)
    for number in range(studies):
        stored = create_study(database, f"study-{number}", _spec(number), {"made by": "a benchmark"})
        journal = Journal(database, ledger, stored.study_id, 0.0)
        drawn = random.Random(number)
        for trial in range(trials):
            _add(journal, trial, number, epochs, drawn)
        journal.flush()
    database.close()


def _add(journal: Journal, number: int, seed: int, epochs: int, drawn: random.Random) -> None:
    configuration = Configuration(10 ** drawn.uniform(-5, -1), drawn.choice(BATCH_SIZES))
    point = Point(epochs, configuration)
    identity = CurveIdentity(
        "digits", "made-up", configuration, RECIPE, seed, 0, 1, "cpu-made-up", "0.0", 1
    )  # fmt: skip
    journal.begin(OpenTrial(number, point, DISTRIBUTIONS, seed, (identity,)))
    loss = math.nan
    for epoch in range(1, epochs + 1):
        loss = (
            0.1 + (math.log10(configuration.learning_rate) + 3) ** 2 / 4 + 2 / epoch + drawn.uniform(0, 0.01)
        )
        cost = Cost(epoch, epoch, 0, 0.02 * epoch, 0.02 * epoch)
        journal.extend(identity, EpochReport(epoch, loss * 0.9, loss, 0.02, (("accuracy", math.exp(-loss)),)))
        journal.report(number, epoch, loss, cost)
    journal.end(TrialRecord(number, Outcome.COMPLETED, point, loss, seed, cost, epochs, value_epoch=epochs))


def _spec(seed: int) -> StudySpec:
    return StudySpec(
        task="digits",
        fingerprint="made-up",
        space=parse_space(AXES),
        sampler=Choice("random"),
        pruner=Choice("none"),
        objective="final",
        recipe=RECIPE,
        seed=seed,
        training_seed=0,
        folds=1,
        device="cpu",
        threads=1,
    )
