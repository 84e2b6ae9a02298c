"""`test` as a service: one evaluation, its intervals, and every look counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochsearch.cli.commands.test import look_notes
from epochsearch.core.errors import NotFoundError, SearchFailedError, SpecDiffersError, UsageError
from epochsearch.core.settings import Settings
from epochsearch.search.final.chosen import Chosen, chosen_scores
from epochsearch.search.final.final_test import final_test
from epochsearch.search.running.service import search
from epochsearch.store.archive import study_summary

TASKS = "tests/integration/final_tasks.py"


def searched(folder: Path, task: str, **more: object) -> str:
    url = f"sqlite:///{folder / 'a.db'}"
    axes = {"epochs": "3", "learning_rate": "0.05", "batch_size": "16"}
    given = {"trials": 1, "axes": axes, "workers": "0", "pruner": "none", "study": "s"} | more
    for _ in search(Settings(task=task, **given), url):  # type: ignore[arg-type]
        pass
    return url


@pytest.mark.parametrize("kind", ["Named", "Values", "Lazy", "Estimator", "Own"])
def test_a_look_is_evaluated_once_and_counted_always(kind: str, tmp_path: Path) -> None:
    """The score is that of the chosen state, within its intervals; a second look reads the record."""
    storage = searched(tmp_path, f"{TASKS}:{kind}", folds=1 if kind == "Lazy" else 2)

    best = study_summary(storage, "s").best
    assert best is not None
    first, second = final_test(storage, "s", best.number), final_test(storage, "s", best.number)

    (score,) = chosen_scores(storage, [Chosen("s", best.number)], workers=1)
    assert score is not None
    assert (first.test.loss, first.test.metrics) == (score.loss, score.metrics)
    assert (second.test, second.intervals) == (first.test, first.intervals)
    assert (first.from_record, first.looks, second.from_record, second.looks) == (False, 1, True, 2)
    values = {"loss": score.loss, **dict(score.metrics)}
    assert {name for name, _, _ in first.intervals} == values.keys()
    assert all(low <= values[name] <= high for name, low, high in first.intervals)


def test_the_optimism_is_that_of_what_was_optimised(tmp_path: Path) -> None:
    """A point chosen by its accuracy flatters in accuracy; above 0 the test part is worse, as of a loss."""
    storage = searched(tmp_path, f"{TASKS}:Named", optimise="accuracy")

    found = final_test(storage, "s")

    accuracy = [dict(score.metrics)["accuracy"] for score in (found.validation, found.test)]
    assert found.optimism == pytest.approx(accuracy[0] - accuracy[1])
    assert look_notes(found)[0].startswith(
        f"Optimism of the choice: the test accuracy is {abs(found.optimism):.4f}"
    )


def test_an_unknown_trial_is_not_looked_at(tmp_path: Path) -> None:
    """No look is counted for it."""
    storage = searched(tmp_path, f"{TASKS}:Named")

    with pytest.raises(NotFoundError, match="study s has no such trial"):
        final_test(storage, "s", trial=9)

    assert final_test(storage, "s").looks == 1


def test_a_task_that_changed_is_not_scored(tmp_path: Path) -> None:
    """Its test part may be another; once it is back, that is the first look."""
    mine = tmp_path / "mine.py"
    mine.write_text(Path(TASKS).read_text())
    storage = searched(tmp_path, f"{mine}:Named")
    whole = mine.read_text()

    mine.write_text(whole.replace("nn.ReLU()", "nn.Tanh()"))
    with pytest.raises(SpecDiffersError, match=r"the task's code or data was \w+ and is \w+ now"):
        final_test(storage, "s")
    mine.write_text(whole)

    assert final_test(storage, "s").looks == 1


def test_a_task_without_test_rows_has_nothing_to_be_scored_on(tmp_path: Path) -> None:
    """A split with no third share."""
    mine = tmp_path / "mine.py"
    mine.write_text(Path(TASKS).read_text() + "\nclass Rest(Named):\n    split = (0.8, 0.2, 0.0)\n")
    storage = searched(tmp_path, f"{mine}:Rest")

    with pytest.raises(UsageError, match=r"its task leaves no rows for the test\. Give the third share"):
        final_test(storage, "s")


def test_recorded_curves_are_scored_by_the_test_losses_that_were_recorded(tmp_path: Path) -> None:
    """Without intervals, for no row of the test part is known; without a test loss there is no score."""
    columns, row = "learning_rate,batch_size,seed,epoch,val_loss", "0.05,16,0"
    epochs = [f"{row},{epoch},{1 / epoch}" for epoch in (1, 2, 3)]
    (tmp_path / "bare.csv").write_text("\n".join([columns, *epochs]))
    scored = [f"{line},{float(line.split(',')[-1]) + 0.1}" for line in epochs]
    (tmp_path / "scored.csv").write_text("\n".join([f"{columns},test_loss", *scored]))
    axes = {"epochs": "3"}
    bare = searched(tmp_path, f"table:{tmp_path / 'bare.csv'}", axes=axes)
    searched(tmp_path, f"table:{tmp_path / 'scored.csv'}", axes=axes, study="t")

    with pytest.raises(UsageError, match="its table has no test losses"):
        final_test(bare, "s")
    found = final_test(bare, "t")

    assert found.optimism == pytest.approx(0.1)
    assert found.intervals == ()


def test_a_study_in_which_nothing_worked_has_no_point_to_score(tmp_path: Path) -> None:
    """Neither one to recommend nor that of a trial which diverged."""
    axes = {"epochs": "3", "learning_rate": "1e30", "batch_size": "16"}
    storage = searched(tmp_path, f"{TASKS}:Values", axes=axes, optimiser="sgd")

    with pytest.raises(SearchFailedError, match=r"Go on with it.*: epochsearch run \S+:Values --study s$"):
        final_test(storage, "s")
    with pytest.raises(UsageError, match="this trial is diverged and has no value"):
        final_test(storage, "s", trial=0)
