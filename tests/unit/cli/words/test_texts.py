"""What a person reads at the end of a search and of a study."""

from __future__ import annotations

from dataclasses import replace

from epochsearch.cli.words.texts import (
    STUDY_COLUMNS,
    best_rows,
    cost_text,
    search_facts,
    study_facts,
    study_row,
    task_text,
)
from epochsearch.core.trial import Cost, Outcome
from tests.unit.cli.fakes import summary, trial


def test_a_search_ends_with_the_best_triple_its_loss_and_its_cost() -> None:
    """The answer to the question that was asked comes first."""
    facts = dict(search_facts(summary(trial(7), completed=9, pruned=3), "trials"))

    assert facts["Best"] == "epochs         34\nlearning rate  1.2e-3\nbatch size     64"
    assert facts["Loss"] == "0.0831 validation loss (trial 7)"
    assert facts["Metrics"] == "accuracy 0.9815 (validation)"
    assert facts["Trials"] == "12: 9 completed, 3 pruned"
    assert facts["Epochs"] == "340 charged, 200 trained, 140 read back"


def test_a_value_of_an_earlier_epoch_says_so() -> None:
    """With the objective `best` the value is not of the last epoch."""
    best = replace(trial(7), value_epoch=21)

    facts = dict(search_facts(summary(best, completed=1), "trials"))

    assert facts["Loss"] == "0.0831 validation loss (trial 7, reached after epoch 21)"


def test_a_search_without_a_completed_trial_says_so() -> None:
    """There is no best point to show."""
    assert dict(search_facts(summary(None, failed=2), "time"))["Best"] == "none: no trial was completed"


def test_a_search_in_which_every_trial_ran_away_says_what_may_help() -> None:
    """Lower learning rates, or a look at the task; a trial that ended otherwise shows that it need not be."""
    away = dict(search_facts(summary(None, diverged=3), "trials"))["Best"]
    other = dict(search_facts(summary(None, diverged=3, pruned=1), "trials"))["Best"]

    assert away == (
        "none: every trial diverged\n"
        "search lower learning rates, or look at the task:\nepochsearch check digits"
    )
    assert other == "none: no trial was completed"


def test_repeated_epochs_are_named_only_if_there_are_any() -> None:
    """They come of a death or a dropped checkpoint."""
    assert cost_text(Cost(5, 5)) == "5 charged, 5 trained"
    assert cost_text(Cost(5, 5, 2)) == "5 charged, 5 trained, 2 repeated"


def test_the_best_points_are_the_lowest_completed_ones() -> None:
    """Ties go to fewer epochs; a pruned trial is never among them."""
    trials = [trial(0, 0.3), trial(1, 0.1), trial(2, None, Outcome.PRUNED), trial(3, 0.1, epochs_done=20)]

    assert [row[0] for row in best_rows(trials, 2)] == ["3", "1"]


def test_a_study_says_under_which_spec_it_runs() -> None:
    """Space, sampler, pruner, objective, training and seed."""
    facts = dict(study_facts(summary(trial(), completed=1)))

    assert facts["Sampler"] == "tpe(multivariate=true)"
    assert facts["Space"].splitlines()[0] == "epochs 5:50"
    assert facts["Objective"] == "final validation loss"


def test_a_study_row_has_a_cell_for_every_column() -> None:
    """The table stays straight."""
    assert len(study_row(summary(None))) == len(STUDY_COLUMNS)


def test_a_task_in_a_file_is_shown_without_its_folders() -> None:
    """A row of a table has no room for a path."""
    assert task_text("digits") == "digits"
    assert task_text("table:/data/bench/a.csv.xz") == "table:a.csv.xz"
    assert task_text("work/mine.py:Name") == "mine.py:Name"
