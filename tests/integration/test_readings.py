"""Two ways to read a curve: the averaged weights, and only so far as patience goes."""

from __future__ import annotations

from pathlib import Path

from epochsearch.core.settings import Settings
from epochsearch.core.trial import Outcome
from epochsearch.search.final.chosen import Chosen, chosen_scores
from epochsearch.search.running.service import Stop, search
from epochsearch.store.archive import study_curves

HERE = "tests/contract/subjects.py"


def curves(tmp_path: Path, study: str, **said: object):
    settings = Settings(task=f"{HERE}:Noisy", workers="0", study=study, **said)  # type: ignore[arg-type]
    list(search(settings, f"sqlite:///{tmp_path / 'a.db'}", Stop()))
    return study_curves(f"sqlite:///{tmp_path / 'a.db'}", study)


def test_a_study_of_the_averaged_weights_reads_and_tests_them(tmp_path: Path) -> None:
    """Raw and averaged studies share their curves; what is tested is what was read, and remembered apart."""
    said = {"trials": 3, "axes": {"epochs": "4"}, "training": {"average": 2.0}}

    raw = curves(tmp_path, "raw", **said)
    averaged = curves(tmp_path, "averaged", weights="average", **said)
    storage = f"sqlite:///{tmp_path / 'a.db'}"
    scores = [chosen_scores(storage, [Chosen(study, 0)])[0] for study in ("raw", "averaged")]

    assert [one.trial.value for one in raw] == [one.reports[-1].val_loss for one in raw]
    assert averaged[0].trial.value == averaged[0].reports[-1].average_loss
    assert averaged[0].reports == raw[0].reports
    assert averaged[0].trial.cost.epochs_trained == 0
    assert scores[0] != scores[1]
    assert [chosen_scores(storage, [Chosen(study, 0)])[0] for study in ("raw", "averaged")] == scores


def test_a_trial_without_patience_left_completes_at_its_best_epoch(tmp_path: Path) -> None:
    """It reads no further; another study with more patience goes on with the same curve."""
    said = {"trials": 1, "axes": {"epochs": "40", "learning_rate": "0.5", "batch_size": "8"}}

    (hasty,) = curves(tmp_path, "hasty", patience=2, **said)
    (patient,) = curves(tmp_path, "patient", pruner="none", **said)

    best = min(hasty.reports, key=lambda report: report.val_loss)
    assert hasty.trial.outcome is Outcome.COMPLETED
    assert hasty.trial.epochs_done == best.epoch + 2 < 40
    assert (hasty.trial.value, hasty.trial.value_epoch) == (best.val_loss, best.epoch)
    assert patient.reports[: hasty.trial.epochs_done] == hasty.reports
    assert patient.trial.cost.epochs_trained == 40 - hasty.trial.epochs_done
