"""A plan and the search that follows: the same trials, and the same epochs where they can be known."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochsearch.core.settings import Settings
from epochsearch.search.costs.planning import BLIND, plan
from epochsearch.search.proposing.samplers import SAMPLERS
from epochsearch.search.running.events import SearchEnded
from epochsearch.search.running.service import search


def settings(table: Path, sampler: str, **more: object) -> Settings:
    axes = {"learning_rate": "1e-4:0.05"}  # above, a curve diverges: no plan knows of that
    asked = {"sampler": sampler, "pruner": "none", "study": "s", "trials": 12, "axes": axes, **more}
    return Settings(task=f"table:{table}", **asked)  # type: ignore[arg-type]


def searched(asked: Settings, storage: str) -> SearchEnded:
    *_, last = search(asked, storage)
    assert isinstance(last, SearchEnded)
    return last


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_plan_counts_what_the_search_does(sampler: str, table: Path, tmp_path: Path) -> None:
    """To the epoch where points do not hang on results; elsewhere trials exactly and epochs about."""
    storage, asked = f"sqlite:///{tmp_path / 'a.db'}", settings(table, sampler)

    said = plan(asked, storage)
    assert list(tmp_path.iterdir()) == []
    ended = searched(asked, storage)

    assert (said.trials, said.ended_by) == (ended.summary.finished, ended.why)
    assert said.exact == (sampler in BLIND)
    charged = ended.summary.cost.epochs_charged
    assert said.epochs_charged == charged if said.exact else charged / 2 <= said.epochs_charged <= 2 * charged


@pytest.mark.parametrize("sampler", sorted(BLIND))
def test_a_plan_of_a_study_that_goes_on_is_of_the_rest(sampler: str, table: Path, tmp_path: Path) -> None:
    """Made after five of twelve trials, and changing nothing of what is stored."""
    storage = f"sqlite:///{tmp_path / 'a.db'}"
    first = searched(settings(table, sampler, trials=5), storage)

    said = plan(settings(table, sampler), storage)
    ended = searched(settings(table, sampler), storage)

    assert (said.finished, said.trials) == (5, ended.summary.finished - 5)
    before, after = first.summary.cost.epochs_charged, ended.summary.cost.epochs_charged
    assert said.epochs_charged == after - before


def test_a_budget_of_epochs_is_planned_to_the_last_one(table: Path, tmp_path: Path) -> None:
    """The last trial is cut where the search cuts it."""
    storage = f"sqlite:///{tmp_path / 'a.db'}"
    asked = settings(table, "random", trials=None, epoch_budget=50)

    said = plan(asked, storage)
    ended = searched(asked, storage)

    assert (said.ended_by, ended.why) == ("epochs", "epochs")
    assert said.epochs_charged == 50
    assert said.trials == sum(ended.summary.counts.values())
