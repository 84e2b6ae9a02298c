"""An extension keeps the laws of every search: prefix, resume, independence, replay, honest cost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from epochsearch.analysis.extension import Ending
from epochsearch.core.errors import SpecDiffersError, UsageError
from epochsearch.core.extension import ExtensionSettings
from epochsearch.core.patience import ENDLESS
from epochsearch.core.settings import Settings
from epochsearch.core.trial import Outcome
from epochsearch.search.checks.verification import Verification, verify
from epochsearch.search.extending.extended import Extension, read_extension
from epochsearch.search.extending.extension import extend
from epochsearch.search.running.events import SearchEnded
from epochsearch.search.running.service import search
from epochsearch.store.archive import study_curves, study_summary
from tests.contract.subjects import HERE

NOISY = f"{HERE}:Noisy"
FAR = ExtensionSettings(gain=1e-6, max_epochs=13, workers="0")


@pytest.fixture
def storage(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'studies.db'}"


def searched(storage: str, task: str = NOISY, **more: object) -> None:
    axes = {"epochs": "2:4"}
    if task == NOISY:
        axes |= {"batch_size": "8,32", "learning_rate": "1e-3:2e-2"}
    asked = {"study": "s", "workers": "0", "trials": 6, "axes": axes, **more}
    *_, last = search(Settings(task=task, **asked), storage)  # type: ignore[arg-type]
    assert isinstance(last, SearchEnded)


def extended(storage: str, settings: ExtensionSettings = FAR) -> Extension:
    *_, last = extend(storage, "s", settings)
    assert isinstance(last, SearchEnded)
    return read_extension(storage, last.summary.study)


def remembered(storage: str, study: str) -> list[tuple[object, ...]]:
    """Everything of a study but the times and what was repeated after a kill."""
    rows = []
    for one in study_curves(storage, study):
        trial = one.trial
        curve = [(report.epoch, repr(report.train_loss), repr(report.val_loss)) for report in one.reports]
        rows.append((trial.number, trial.outcome, trial.point, trial.value, trial.epochs_done, curve))
    return rows


@pytest.mark.parametrize("folds", [1, 3])
def test_an_extended_curve_is_the_one_trained_in_one_go(folds: int, storage: str, tmp_path: Path) -> None:
    """Law 2: up to 4 epochs in a search, the rest in steps from checkpoints, and all of them from nothing."""
    searched(storage, folds=folds)
    found = extended(storage)

    assert sum(one.epochs_trained for one in found.configurations) >= 10
    for one in found.configurations:
        assert one.longest is not None
        whole, epochs = f"sqlite:///{tmp_path / 'whole.db'}", str(one.longest.epochs_done)
        point = {"learning_rate": repr(one.start.learning_rate), "batch_size": str(one.start.batch_size)}
        name = f"rate {one.start.learning_rate}"
        searched(whole, folds=folds, study=name, trials=1, axes={"epochs": epochs, **point})
        assert longest_curve(storage, "s-extended", one.start.learning_rate) == longest_curve(whole, name)


def test_only_the_further_epochs_are_trained(storage: str) -> None:
    """Law 5: each trial is charged whole; trained are those that no curve had."""
    searched(storage)
    found = extended(storage)

    known = {one.trial.point.configuration: 0 for one in study_curves(storage, "s")}
    for one in study_curves(storage, "s"):
        known[one.trial.point.configuration] = max(known[one.trial.point.configuration], len(one.reports))
    for one in found.configurations:
        assert one.longest is not None
        assert one.epochs_trained == one.longest.epochs_done - known[one.start.configuration]
        assert all(trial.cost.epochs_charged == trial.point.epochs for trial in one.trials)
        assert all(trial.cost.epochs_repeated == 0 for trial in one.trials)


def test_the_extended_study_is_left_as_it_is(storage: str) -> None:
    """Its spec, its records, its cost and when it was last touched."""
    searched(storage)
    before = study_summary(storage, "s"), study_curves(storage, "s")

    extended(storage)

    assert (study_summary(storage, "s"), study_curves(storage, "s")) == before


def test_an_extension_verifies(storage: str) -> None:
    """All of its curves, trained again from nothing."""
    searched(storage)
    extended(storage)

    *_, result = verify(storage, "s-extended", sample=0, workers=1)

    assert isinstance(result, Verification)
    assert result.passed


def test_an_extension_killed_again_and_again_ends_with_the_same_records(storage: str, tmp_path: Path) -> None:
    """Law 4: cut off at random moments, with all that was not flushed lost."""
    searched(storage)
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    searched(whole)
    extended(whole)

    cuts = random.Random(0)
    for _ in range(6):
        events = extend(storage, "s", FAR)
        for _, event in zip(range(cuts.randrange(2, 60)), events, strict=False):
            if isinstance(event, SearchEnded):
                break
        events.close()  # type: ignore[attr-defined]
    extended(storage)

    assert remembered(storage, "s-extended") == remembered(whole, "s-extended")


def test_two_workers_carry_every_configuration_as_far_as_one(storage: str, tmp_path: Path) -> None:
    """Law 3: the order of the trials may differ, the curves and their ends do not."""
    searched(storage)
    whole = f"sqlite:///{tmp_path / 'whole.db'}"
    searched(whole)

    two, one = (
        extended(storage, ExtensionSettings(gain=0.02, max_epochs=40, workers="2")),
        extended(whole, ExtensionSettings(gain=0.02, max_epochs=40, workers="0")),
    )

    assert ends(two) == ends(one)
    for start in (item.start.learning_rate for item in one.configurations):
        assert longest_curve(storage, "s-extended", start) == longest_curve(whole, "s-extended", start)


def test_each_configuration_stops_once_its_next_epoch_is_predicted_to_gain_too_little(storage: str) -> None:
    """On recorded or trained curves alike: the end is where the rule says so, not before."""
    searched(storage, trials=8)

    found = extended(storage, ExtensionSettings(gain=0.05, max_epochs=500, workers="0"))

    assert {one.ending for one in found.configurations} == {Ending.GAIN}
    assert all(one.gain and one.gain.estimate <= 0.05 for one in found.configurations)
    assert all(one.longest and one.longest.point.epochs < 500 for one in found.configurations)


def test_a_recorded_curve_is_carried_to_the_end_of_its_record(table: Path, storage: str) -> None:
    """The table has 12 epochs; one of its learning rates diverges and is no best one."""
    searched(storage, task=f"table:{table}", trials=10)

    found = extended(storage, ExtensionSettings(gain=1e-6, max_epochs=400))

    assert [one.longest.point.epochs for one in found.configurations if one.longest] == [12, 12, 12]
    assert sum(one.epochs_trained for one in found.configurations) == 0


def test_the_same_options_or_none_go_on_and_others_are_refused(storage: str) -> None:
    """With the difference, and a way out."""
    searched(storage)
    extended(storage)

    again = extended(storage, ExtensionSettings(workers="0"))
    with pytest.raises(SpecDiffersError, match=r"begun with --gain 1e-06, now 0\.1"):
        extended(storage, ExtensionSettings(gain=0.1))
    other = extended(storage, ExtensionSettings(gain=0.1, study="other", workers="0"))

    assert again.rule.gain == 1e-6
    assert other.rule.gain == 0.1


def test_a_schedule_that_looks_at_the_length_is_refused(storage: str) -> None:
    """A longer cosine is another curve from its first epoch on."""
    searched(storage, schedule="cosine")

    with pytest.raises(UsageError, match="its cosine schedule depends on the planned number of epochs"):
        extended(storage)


def test_a_study_without_a_completed_trial_is_refused(storage: str) -> None:
    """There is nothing to carry on."""
    searched(storage, trials=1, axes={"epochs": "2", "learning_rate": "1e30"})

    assert study_summary(storage, "s").counts[Outcome.COMPLETED] == 0
    with pytest.raises(UsageError, match="it has no completed trial whose curve can be carried on"):
        extended(storage)


def test_too_few_epochs_to_carry_anything_on_are_refused(storage: str) -> None:
    """With an example that works."""
    searched(storage, axes={"epochs": "4", "batch_size": "8,32"})

    with pytest.raises(UsageError, match=r"--max-epochs 4: .* epochs already\. Example: --max-epochs 8"):
        extended(storage, ExtensionSettings(max_epochs=4))


def test_trials_that_patience_ended_are_carried_on_from_where_they_were_read_to(storage: str) -> None:
    """The extension has its own rule for when to stop."""
    searched(storage, axes={"epochs": "12", "batch_size": "8"}, patience=2)
    read = {one.trial.point.configuration: len(one.reports) for one in study_curves(storage, "s")}
    assert min(read.values()) < 12

    found = extended(storage, ExtensionSettings(gain=0.01, max_epochs=30, workers="0"))

    for one in found.configurations:
        assert one.start.epochs == read[one.start.configuration]
        assert one.ending is not None
    assert study_summary(storage, "s-extended").spec.patience == ENDLESS


def test_trials_longer_than_the_most_epochs_are_left_out(storage: str) -> None:
    """What is left has room."""
    searched(storage, trials=8, axes={"epochs": "2:9", "batch_size": "8"})

    found = extended(storage, ExtensionSettings(gain=0.01, max_epochs=6, workers="0"))

    assert all(one.start.epochs < 6 for one in found.configurations)
    assert all(trial.point.epochs <= 6 for one in found.configurations for trial in one.trials)


def test_another_study_of_that_name_is_not_taken_for_an_extension(storage: str) -> None:
    """Nor is an extension of another study."""
    searched(storage)
    searched(storage, study="s-extended")

    with pytest.raises(UsageError, match="it is not an extension of s"):
        extended(storage)


def longest_curve(storage: str, study: str, learning_rate: float | None = None) -> list[tuple[str, ...]]:
    """Return the longest curve of a study at a learning rate, every digit of it."""
    curves = [
        one.reports
        for one in study_curves(storage, study)
        if learning_rate in (None, one.trial.point.learning_rate)
    ]
    return [
        (repr(report.train_loss), repr(report.val_loss), repr(report.metrics))
        for report in max(curves, key=len)
    ]


def ends(extension: Extension) -> list[tuple[object, ...]]:
    return [
        (one.start, one.ending, one.longest and (one.longest.point, one.longest.value))
        for one in extension.configurations
    ]
