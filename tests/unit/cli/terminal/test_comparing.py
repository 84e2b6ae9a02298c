"""Watching a comparison: what the events add up to, the frame, one line for a finished search."""

from __future__ import annotations

import pytest

from epochsearch.cli.terminal.comparing import PlainLines, frame, search_line
from epochsearch.cli.terminal.standing import Comparison
from epochsearch.core.spec import Limits
from epochsearch.core.trial import Cost, Outcome
from epochsearch.search.comparing.comparison_events import (
    ComparedSearch,
    ComparisonStarted,
    SearchEvent,
    SearchOver,
)
from epochsearch.search.running.events import EpochDone, Notice, TrialEnded
from tests.unit.cli.fakes import report, trial

SEARCHES = tuple(
    ComparedSearch("digits", entry, seed, 0, f"digits-{entry}-s{seed}-abc123")
    for seed in range(2)
    for entry in ("grid", "tpe(multivariate=false)+hyperband")
)


def test_epochs_of_ended_and_open_trials_are_summed_by_entry() -> None:
    """An epoch counts when it is judged, and no second time when its trial ends."""
    standing = after_some_events()

    assert (standing.charged("grid"), standing.trained("grid")) == (36, 21)
    assert standing.charged() == 36


def test_the_best_is_the_median_over_seeds() -> None:
    """Of two searches with 0.3 and 0.1 it is 0.2; an entry without a result has none."""
    standing = after_some_events()
    standing.add(SearchEvent(SEARCHES[2], TrialEnded(trial(0, 0.1), Cost(34, 20), True)), 6.0)

    assert standing.median_best("grid") == pytest.approx(0.2)
    assert standing.median_best("tpe(multivariate=false)+hyperband") is None


def test_the_time_left_follows_from_the_share_of_all_budgets() -> None:
    """One of four searches over after 10 s: 30 s are left."""
    standing = Comparison()
    standing.add(ComparisonStarted(SEARCHES, Limits(trials=5), "sqlite:///a.db", 2), 0.0)
    standing.add(SearchEvent(SEARCHES[0], TrialEnded(trial(0, 0.3), Cost(34, 20), True)), 5.0)
    standing.add(SearchOver(SEARCHES[0], "trials", Cost(100, 60)), 10.0)

    assert standing.seconds_left(10.0) == pytest.approx(30.0)


def test_searches_that_were_over_before_say_nothing_about_the_time() -> None:
    """They came from the storage in no time."""
    standing = Comparison()
    standing.add(ComparisonStarted(SEARCHES, Limits(trials=5), "sqlite:///a.db", 2), 0.0)
    standing.add(SearchOver(SEARCHES[0], "trials", Cost(100, 60)), 1.0)

    assert standing.seconds_left(10.0) is None


@pytest.mark.parametrize("height", [4, 24])
def test_the_frame_fits_the_terminal(height: int) -> None:
    """No line is wider than 80 columns, none lower than the screen."""
    lines = text(after_some_events(), height)

    assert len(lines) <= height - 1
    assert max(map(len, lines)) <= 80


def test_the_frame_names_task_entries_and_epochs() -> None:
    """What a reader wants to know meanwhile."""
    lines = text(after_some_events(), 24)

    assert lines[0] == "compare  digits  1 of 4 searches done  2 workers"
    assert lines[2].split() == ["grid", "1/2", "0.3000", "36", "21"]
    assert lines[3].startswith("tpe(multivariate=false)~")
    assert "36 of at most 2000 charged, 21 trained" in lines[4]


def test_a_finished_search_is_one_plain_line() -> None:
    """With what it found, what it cost and why it ended."""
    standing = after_some_events()

    line = search_line(standing, SearchOver(SEARCHES[0], "epochs", Cost(34, 20)))

    assert line == (
        "search 1 of 4  digits-grid-s0-abc123  best 0.3000  charged 34 trained 20  the epoch budget is spent"
    )


def test_notices_are_told_and_trials_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    """A comparison has thousands of trials."""
    lines = PlainLines()

    lines.see(ComparisonStarted(SEARCHES, Limits(trials=5), "sqlite:///a.db", 2))
    lines.see(Notice("the grid is sized to the budget"))
    lines.see(SearchEvent(SEARCHES[0], TrialEnded(trial(0, 0.3), Cost(34, 20), True)))

    assert capsys.readouterr().err == "note: the grid is sized to the budget\n"


def after_some_events() -> Comparison:
    """One trial ended, two epochs of the next, an interrupted one; the first search is over."""
    standing = Comparison()
    standing.add(ComparisonStarted(SEARCHES, Limits(epochs=500), "sqlite:///a.db", 2), 0.0)
    for epoch in range(34):
        standing.add(SearchEvent(SEARCHES[0], EpochDone(0, report(epoch + 1), trained=epoch >= 14)), 1.0)
    standing.add(SearchEvent(SEARCHES[0], TrialEnded(trial(0, 0.3), Cost(34, 20), True)), 2.0)
    standing.add(SearchEvent(SEARCHES[0], EpochDone(1, report(1), trained=False)), 3.0)
    standing.add(SearchEvent(SEARCHES[0], EpochDone(1, report(2), trained=True)), 3.0)
    cut = trial(1, None, Outcome.INTERRUPTED, 2)
    standing.add(SearchEvent(SEARCHES[0], TrialEnded(cut, Cost(34, 20), False)), 4.0)
    standing.add(SearchOver(SEARCHES[0], "epochs", Cost(34, 20)), 5.0)
    return standing


def text(standing: Comparison, height: int) -> list[str]:
    return [line.plain for line in frame(standing, 10.0, height).renderables]  # type: ignore[union-attr]
