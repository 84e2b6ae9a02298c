"""Cross-validation: pruning on the mean with its standard error, in searches, replays and audits."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from epochsearch.analysis.folds import standard_error
from epochsearch.core.choice import parse_choice, resolve
from epochsearch.core.settings import Settings
from epochsearch.core.trial import Outcome
from epochsearch.search.comparing.audit import stop_epochs
from epochsearch.search.proposing.pruners import pruner_defaults
from epochsearch.search.running.events import EpochDone
from epochsearch.search.running.service import search
from epochsearch.store.archive import study_curves, study_summary
from tests.contract.subjects import HERE

PRUNER = "median(n_min_trials=1,n_startup_trials=3,n_warmup_steps=0)"
AXES = {"epochs": "8", "learning_rate": "1e-3:1e-1", "batch_size": "8,16,32"}
ASKED = {"task": f"{HERE}:Noisy", "folds": 3, "trials": 16, "sampler": "random", "axes": AXES, "workers": "0"}


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with one search twice: `whole` without a pruner, `pruned` with one."""
    url = f"sqlite:///{tmp_path_factory.mktemp('folds') / 'a.db'}"
    for study, pruner in (("whole", "none"), ("pruned", PRUNER)):
        for _ in search(Settings(**ASKED, study=study, pruner=pruner), url):
            pass
    return url


def test_a_trial_is_stopped_where_its_mean_is_beyond_its_standard_error(storage: str) -> None:
    """In the order of the trials, the epochs are those that the rule gives on the whole curves.

    Judged by the mean alone, trials would have been stopped earlier, and more of them.
    """
    whole = study_curves(storage, "whole")
    losses = [tuple(report.val_loss for report in one.reports) for one in whole]
    errors = [
        tuple(standard_error([report.val_loss for report in folds]) for folds in zip(*one.folds, strict=True))
        for one in whole
    ]
    space = study_summary(storage, "whole").spec.space
    choice = resolve(parse_choice(PRUNER, ""), pruner_defaults(space, None), "")

    sure = stop_epochs(losses, choice, "final", None, errors)
    hasty = stop_epochs(losses, choice, "final", None)

    done = [one.trial.epochs_done for one in study_curves(storage, "pruned")]
    assert [stop or 8 for stop in sure] == done
    assert any(sure)
    assert sum((stop or 8) for stop in sure) > sum((stop or 8) for stop in hasty)


def test_every_fold_of_a_stopped_trial_is_kept_as_far_as_it_went(storage: str) -> None:
    """Folds advance together: each has as many epochs, and the trial's loss is their mean at each of them."""
    stopped = [one for one in study_curves(storage, "pruned") if one.trial.outcome is Outcome.PRUNED]

    assert stopped
    for one in stopped:
        assert [len(reports) for reports in one.folds] == [one.trial.epochs_done] * 3
        last = [reports[-1].val_loss for reports in one.folds]
        assert one.trial.value == pytest.approx(sum(last) / 3)


def test_a_cross_validated_search_that_was_killed_ends_as_if_it_was_not(storage: str, tmp_path: Path) -> None:
    """Law 4 under the rule of the standard error: nothing that a pruner imagined is left behind."""
    url, cuts = f"sqlite:///{tmp_path / 'b.db'}", random.Random(1)
    asked = Settings(**ASKED, study="pruned", pruner=PRUNER)

    for _ in range(3):
        epochs = cuts.randrange(5, 30)
        for event in (running := search(asked, url)):
            epochs -= isinstance(event, EpochDone)
            if not epochs:
                break
        running.close()  # type: ignore[attr-defined]
    for _ in search(asked, url):
        pass

    def told(where: str) -> list[object]:
        return [
            (one.trial.outcome, one.trial.point, one.trial.value, one.trial.epochs_done)
            for one in study_curves(where, "pruned")
        ]

    assert told(url) == told(storage)
