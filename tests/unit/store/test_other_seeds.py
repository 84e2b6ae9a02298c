"""The same configuration under other seeds is found by its identity."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from epochsearch.core.curve import EpochReport
from epochsearch.store.other_seeds import losses_of_other_seeds
from tests.unit.store.records import IDENTITY, SPEC, completed, opened, reports, study, url


def test_curves_that_differ_in_the_seed_alone_are_found(tmp_path: Path) -> None:
    """Whichever study trained them; not those of another rate, recipe or fingerprint."""
    with opened(tmp_path) as database:
        mine, other = study(database, "mine"), study(database, "other")
        mine.whole(completed(0))
        for number, identity in enumerate(
            [
                replace(IDENTITY, seed=7),
                replace(IDENTITY, seed=3),
                replace(IDENTITY, seed=4, fingerprint="another"),
                replace(IDENTITY, seed=5, configuration=replace(IDENTITY.configuration, learning_rate=0.2)),
            ]
        ):
            other.begin(number, identity=identity, seed=identity.seed)
            other.train(number, reports(3 + number), identity)
        other.journal.flush()

    found = losses_of_other_seeds(url(tmp_path), "mine")

    assert [len(losses) for losses in found[0]] == [4, 3]  # seeds 3 and 7
    assert found[0][0] == pytest.approx([1.5, 0.75, 0.5, 0.375])


def test_folds_are_averaged_and_a_seed_that_lacks_one_is_left_out(tmp_path: Path) -> None:
    """As far as all folds go; a loss that is no number is infinite, whatever the other folds say."""
    first, second = replace(IDENTITY, folds=2), replace(IDENTITY, folds=2, fold=1)
    with opened(tmp_path) as database:
        mine = study(database, "mine", replace(SPEC, folds=2))
        opening = mine.begin(0, identity=first)
        mine.journal.begin(replace(opening, number=1, identities=(first, second)))
        other = study(database, "other")
        pair = (replace(first, seed=1), replace(second, seed=1))
        other.journal.begin(replace(opening, number=0, identities=pair))
        other.train(0, reports(2), pair[0])
        for report in (EpochReport(1, 1.0, 0.5, 0.1), EpochReport(2, 1.0, math.nan, 0.1)):
            other.journal.extend(pair[1], report)
        other.begin(1, identity=replace(first, seed=2))
        other.train(1, reports(2), replace(first, seed=2))
        other.journal.flush()
        mine.journal.flush()

    found = losses_of_other_seeds(url(tmp_path), "mine")

    assert found[1] == ((1.0, math.inf),)
