"""Whether a pruner stops a trial of several folds: only if it is sure of it, beyond one standard error.

A pruner judges the mean over folds, which is known only so well. A trial is stopped if the pruner stops it at
its mean and would still stop it one standard error to either side; so it goes on while its mean is within its
standard error of the pruner's border, wherever that lies and however the pruner finds it. Other trials are
compared with the mean itself: what a pruner notes of the imagined values is forgotten.

The standard error over folds is what the one-standard-error rule takes for the noise of a cross-validated
loss (Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees", 1984, section 3.4.3). Folds
share training rows, so it is rather too small (Bengio and Grandvalet, "No unbiased estimator of the variance
of k-fold cross-validation", JMLR 5, 2004): one is the least that a trial must be behind by, not a level of
significance.
"""

from __future__ import annotations

import copy
from typing import Any

import optuna
from optuna.trial import FrozenTrial


def is_stopped(trial: optuna.Trial, error: float) -> bool:
    """Return whether the study's pruner stops the trial after the last value that it reported.

    error: the standard error of that value over folds; 0 or not a number where there is one fold.
    """
    before = dict(trial.study._storage.get_trial_system_attrs(trial._trial_id))
    if not trial.should_prune():
        return False
    if not error > 0:
        return True
    return all(_would_be_stopped(trial, shift, before) for shift in (-error, error))


def _would_be_stopped(trial: optuna.Trial, shift: float, before: dict[str, Any]) -> bool:
    """Return whether the pruner would have stopped the trial, had its last value been another one.

    before: what samplers and pruners had noted on the trial when its last value was reported.
    """
    study = trial.study
    imagined = copy.copy(study._storage.get_trial(trial._trial_id))
    imagined.system_attrs = before
    imagined.intermediate_values = dict(imagined.intermediate_values)
    last = max(imagined.intermediate_values)
    imagined.intermediate_values[last] += shift
    aside: Any = _Aside(study._storage, imagined)
    other = optuna.study.Study(study.study_name, aside, sampler=study.sampler, pruner=study.pruner)
    return bool(study.pruner.prune(other, imagined))


class _Aside:
    """A study's storage with one trial as it is imagined; what is written to it is forgotten."""

    def __init__(self, storage: Any, imagined: FrozenTrial) -> None:
        self._storage, self._imagined = storage, imagined

    def get_all_trials(self, *arguments: Any, **options: Any) -> list[FrozenTrial]:
        """Return the study's trials, one of them imagined."""
        number = self._imagined.number
        trials = self._storage.get_all_trials(*arguments, **options)
        return [self._imagined if trial.number == number else trial for trial in trials]

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Forget it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)
