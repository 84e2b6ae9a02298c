"""Law 7: the test part is scored for chosen trials, once per curve and epoch; each look is recorded."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from torch import nn

from epochsearch.core.settings import Settings
from epochsearch.core.trial import Outcome
from epochsearch.search.final.chosen import Chosen, chosen_scores, studies_test_losses
from epochsearch.search.running.service import search
from epochsearch.store.checkpoints import remove_files
from epochsearch.store.database import open_database
from epochsearch.store.looks import looks_at
from epochsearch.store.used_curves import used_curves
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.prepared import sealed_test
from epochsearch.training.learner import make_learner
from tests.contract.subjects import HERE

AXES = {"epochs": "2:6", "batch_size": "8"}


def searched(folder: Path, task: str = f"{HERE}:Noisy", **more: object) -> str:
    url = f"sqlite:///{folder / 'a.db'}"
    given = {"trials": 4, "axes": AXES, "workers": "0", "pruner": "none", "study": "s"} | more
    for _ in search(Settings(task=task, **given), url):  # type: ignore[arg-type]
        pass
    return url


def chosen_test_losses(storage: str, chosen: list[Chosen], workers: int = 0) -> list[float | None]:
    return [score.loss if score else None for score in chosen_scores(storage, chosen, workers)]


def looks(storage: str, study: str = "s") -> list[tuple[int, int]]:
    with closing(open_database(storage, create=False)) as database:
        return [(trial, epoch) for trial, epoch, _ in looks_at(database, study)]


def test_the_test_loss_is_that_of_the_state_the_value_was_read_at(tmp_path: Path) -> None:
    """With objective `best` in the middle of a curve: retrained to that epoch, the mean over folds."""
    storage = searched(tmp_path, folds=2, objective="best")
    task = load_task(f"{HERE}:Noisy")
    trials = used_curves(storage, "s")

    scores = chosen_scores(storage, [Chosen("s", one.trial.number) for one in trials], workers=1)

    for one, score in zip(trials, scores, strict=True):
        learners = [make_learner(task, curve.identity) for curve in one.curves]
        for learner in learners:
            for _ in range(one.trial.value_epoch or 0):
                learner.run_epoch()
        found = [learner.test() for learner in learners]
        assert score is not None
        assert score.loss == sum(each.loss for each in found if each) / 2
    assert looks(storage) == [(one.trial.number, one.trial.value_epoch) for one in trials]


def test_the_score_is_the_loss_on_the_sealed_rows(tmp_path: Path) -> None:
    """By hand: the model in eval mode on the test part."""
    import torch

    task = load_task(f"{HERE}:Plain")
    storage = searched(tmp_path, f"{HERE}:Plain", trials=1)
    (one,) = used_curves(storage, "s")
    learner = make_learner(task, one.curves[0].identity)
    for _ in range(one.trial.epochs_done):
        learner.run_epoch()
    part, model = sealed_test(task), learner._model  # type: ignore[attr-defined]

    (loss,) = chosen_test_losses(storage, [Chosen("s", 0)], workers=1)

    outputs = model.eval()(torch.as_tensor(part.x))
    expected = nn.functional.cross_entropy(outputs, torch.as_tensor(part.y)).item()
    assert loss == pytest.approx(expected, rel=1e-6)


def test_a_state_is_evaluated_once_and_every_look_counts(tmp_path: Path) -> None:
    """Two studies chose the same curve and epoch; a second call reads what the first one saw."""
    storage = searched(tmp_path, trials=1, axes=AXES | {"epochs": "3", "learning_rate": "0.01"})
    searched(tmp_path, trials=1, axes=AXES | {"epochs": "3", "learning_rate": "0.01"}, study="t")
    wanted = [Chosen("s", 0), Chosen("t", 0)]

    first = chosen_test_losses(storage, wanted, workers=1)
    again = chosen_test_losses(storage, wanted, workers=1)

    assert first[0] is not None
    assert first == again == [first[0]] * 2
    assert looks(storage, "s") == looks(storage, "t") == [(0, 3), (0, 3)]


def test_a_lost_checkpoint_changes_nothing(tmp_path: Path) -> None:
    """It costs training, never a value."""
    kept, lost = tmp_path / "kept", tmp_path / "lost"
    kept.mkdir()
    lost.mkdir()
    with_it, without = searched(kept, trials=2), searched(lost, trials=2)
    (folder,) = lost.glob("*.checkpoints")
    remove_files(folder, [file.name for file in folder.iterdir()])
    wanted = [Chosen("s", 0), Chosen("s", 1)]

    assert chosen_test_losses(with_it, wanted, workers=1) == chosen_test_losses(without, wanted, workers=1)


def test_recorded_curves_have_the_recorded_test_losses(tmp_path: Path) -> None:
    """At the epoch of the value; none where a trial diverged or nothing was recorded."""
    rows = [f"0.1,16,0,{epoch},{1 / epoch},{2 / epoch}" for epoch in range(1, 5)]
    rows += ["0.2,16,0,1,nan,nan", "0.2,16,0,2,nan,nan"]
    header = "learning_rate,batch_size,seed,epoch,val_loss"
    table, bare = tmp_path / "with.csv", tmp_path / "bare.csv"
    table.write_text("\n".join([header + ",test_loss", *rows]))
    bare.write_text("\n".join([header, *(row.rpartition(",")[0] for row in rows)]))
    axes = {"epochs": "2,4", "learning_rate": "0.1,0.2"}
    storage = searched(tmp_path, f"table:{table}", sampler="grid", axes=axes)
    searched(tmp_path, f"table:{bare}", sampler="grid", axes=axes, study="bare")
    trials = [one.trial for one in used_curves(storage, "s")]

    losses = chosen_test_losses(storage, [Chosen("s", trial.number) for trial in trials])

    for trial, loss in zip(trials, losses, strict=True):
        expected = 2 / trial.epochs_done if trial.outcome is Outcome.COMPLETED else None
        assert loss == expected
    assert chosen_test_losses(storage, [Chosen("bare", trial.number) for trial in trials]) == [None] * 4


def test_what_can_no_longer_be_trained_has_no_test_loss(tmp_path: Path) -> None:
    """The task's file changed since: nothing is shown rather than another model's score."""
    mine = tmp_path / "mine.py"
    mine.write_text(Path(HERE).read_text())
    storage = searched(tmp_path, f"{mine}:Plain", trials=1)
    mine.write_text(mine.read_text().replace("nn.Linear(COLUMNS, 16), nn.ReLU()", "nn.Linear(COLUMNS, 16)"))

    assert chosen_test_losses(storage, [Chosen("s", 0)], workers=1) == [None]
    assert looks(storage) == []


def test_each_study_gets_the_test_loss_of_the_point_it_chose(tmp_path: Path) -> None:
    """By name; the trial with the lowest value is looked at, and no other."""
    storage = searched(tmp_path)
    best = min(
        (one.trial for one in used_curves(storage, "s")), key=lambda trial: (trial.value, trial.epochs_done)
    )

    losses = studies_test_losses(storage, ["s"], workers=1)

    assert losses.keys() == {"s"}
    assert looks(storage) == [(best.number, best.value_epoch)]
