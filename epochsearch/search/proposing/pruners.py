"""The pruners by name, every option that matters derived from the space's epochs and stored with the study.

Steps are epochs, 1-based. A pruner is never asked after a trial's last epoch.
"""

from __future__ import annotations

import warnings
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.pruners import BasePruner

from epochsearch.core.choice import Choice, Defaults
from epochsearch.core.errors import UsageError, first_line
from epochsearch.core.space import Space

PRUNERS = ("none", "median", "percentile", "asha", "hyperband", "patient", "threshold")


def pruner_defaults(space: Space, chance_loss: float | None) -> Defaults:
    """Return name -> option -> default for a space.

    chance_loss: the loss of a constant prediction, the default bound of `threshold`; None if it is not known.
    """
    longest = space.max_epochs
    warmup = max(1, longest // 10)
    medians = {"n_startup_trials": 5, "n_warmup_steps": warmup, "interval_steps": 1, "n_min_trials": 5}
    least = max(1, round(longest / 27))
    return {
        "none": {},
        "median": medians,
        "percentile": {"percentile": 25.0, **medians},
        "asha": {
            "min_resource": least,
            "reduction_factor": 3,
            "min_early_stopping_rate": 0,
            "bootstrap_count": 0,
        },
        "hyperband": {
            "min_resource": least,
            "max_resource": longest,
            "reduction_factor": 3,
            "bootstrap_count": 0,
        },
        "patient": {"patience": warmup, "min_delta": 0.0, "wrapped": "median", **medians},
        "threshold": {"lower": None, "upper": chance_loss, "n_warmup_steps": warmup, "interval_steps": 1},
    }


def make_pruner(choice: Choice) -> BasePruner:
    """Return Optuna's pruner for a resolved choice.

    Raises:
        UsageError: Options that contradict each other.
    """
    options: dict[str, Any] = choice.values
    try:
        with warnings.catch_warnings():  # whoever names a pruner need not be told that it is experimental
            warnings.simplefilter("ignore", ExperimentalWarning)
            return _made(choice.name, options)
    except (TypeError, ValueError) as error:
        raise UsageError("--pruner", str(choice), first_line(error), "Correct the options.") from error


def _made(name: str, options: dict[str, Any]) -> BasePruner:
    if name == "median":
        return optuna.pruners.MedianPruner(**options)
    if name == "percentile":
        return optuna.pruners.PercentilePruner(**options)
    if name == "asha":
        return optuna.pruners.SuccessiveHalvingPruner(**options)
    if name == "hyperband":
        return optuna.pruners.HyperbandPruner(**options)
    if name == "threshold":
        if options["lower"] is None and options["upper"] is None:
            raise ValueError(
                "this task has no chance loss to take as a bound; give one, as threshold(upper=1.5)"
            )
        return optuna.pruners.ThresholdPruner(**options)
    if name == "patient":
        patience, min_delta, wrapped = (options.pop(key) for key in ("patience", "min_delta", "wrapped"))
        if wrapped not in ("median", "none"):
            raise ValueError("wrapped must be median or none")
        inner = optuna.pruners.MedianPruner(**options) if wrapped == "median" else None
        return optuna.pruners.PatientPruner(inner, patience, min_delta)
    return optuna.pruners.NopPruner()
