"""Studies that optuna-dashboard has deleted: SQLite gives their numbers to the next ones."""

from __future__ import annotations

from pathlib import Path

import optuna
import pytest

from epochsearch.core.errors import StorageError
from epochsearch.store.archive import study_curves, study_summaries, study_trials
from epochsearch.store.studies import create_study, find_study
from tests.unit.store.records import SPEC, completed, opened, reports, study, url


def delete(name: str, folder: Path) -> None:
    optuna.delete_study(study_name=name, storage=url(folder))


def test_a_study_can_be_made_in_the_place_of_a_deleted_one(tmp_path: Path) -> None:
    """Under its name or another; nothing of the deleted one shows."""
    with opened(tmp_path) as database:
        old = study(database, "old")
        for number in range(3):
            old.whole(completed(number))
        delete("old", tmp_path)

        new = study(database, "new")
        new.whole(completed(0, 0.2))

        assert new.study_id == old.study_id
        assert [summary.study for summary in study_summaries(url(tmp_path))] == ["new"]
        assert study_summaries(url(tmp_path))[0].finished == 1
        assert study_trials(url(tmp_path), "new") == [completed(0, 0.2)]
        assert study_curves(url(tmp_path), "new")[0].reports == tuple(reports(5))


def test_a_study_goes_on_where_trials_of_a_deleted_one_were(tmp_path: Path) -> None:
    """Its new trials get the numbers that those had in the database."""
    with opened(tmp_path) as database:
        kept, gone = study(database, "kept"), study(database, "gone")
        kept.whole(completed(0))
        gone.whole(completed(0))
        delete("gone", tmp_path)

        kept.whole(completed(1))

        assert study_trials(url(tmp_path), "kept") == [completed(0), completed(1)]


@pytest.mark.parametrize("another", [False, True])
def test_a_study_deleted_while_it_runs_takes_nothing_more(another: bool, tmp_path: Path) -> None:
    """Nor does another that has its number by now."""
    with opened(tmp_path) as database:
        running = study(database, "s")
        running.whole(completed(0))
        delete("s", tmp_path)
        if another:
            create_study(database, "t", SPEC, {})

        with pytest.raises(StorageError, match="deleted while it was running"):
            running.whole(completed(1))

        assert study_trials(url(tmp_path), "t") == [] if another else study_summaries(url(tmp_path)) == []


def test_of_two_programs_that_make_a_study_at_once_both_get_the_same(tmp_path: Path) -> None:
    """The slower one finds what the faster one made."""
    with opened(tmp_path) as database:
        first = create_study(database, "s", SPEC, {})

        assert create_study(database, "s", SPEC, {}) == first == find_study(database, "s")
