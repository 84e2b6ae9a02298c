"""The race: the same decisions as Optuna's WilcoxonPruner, once a decision is possible."""

from __future__ import annotations

import math

import numpy as np
import optuna
import pytest

from epochsearch.analysis.racing import beaten, race_leader

INFINITE = math.inf


@pytest.mark.parametrize("seeds", [2, 3, 4, 5, 8])
def test_it_decides_as_optunas_pruner(seeds: int) -> None:
    """Over many pairs of contestants with small and large differences, and with equal losses."""
    random = np.random.default_rng(seeds)
    decided = set()
    for shift in np.repeat([0.0, 0.2, 0.5, 1.0, 2.0], 12):
        best = random.normal(size=seeds).round(2)
        worse = (best + random.normal(shift, 0.7, size=seeds)).round(1)
        if worse.mean() <= best.mean():
            continue
        expected = _pruned(best, worse)

        assert (beaten({"best": best.tolist(), "worse": worse.tolist()}) == ("worse",)) is expected
        decided.add(expected)

    assert decided == ({False} if seeds < 4 else {False, True})


def test_four_seeds_worse_by_any_amount_are_enough() -> None:
    """One-sided p = 1/16 by hand, below 0.1; three give 1/8."""
    assert beaten({"a": [1.0, 2.0, 3.0, 4.0], "b": [1.1, 2.3, 3.2, 4.4]}) == ("b",)
    assert beaten({"a": [1.0, 2.0, 3.0], "b": [1.1, 2.3, 3.2]}) == ()


def test_who_diverged_leaves_at_once() -> None:
    """As long as somebody did not."""
    assert beaten({"a": [1.0], "b": [INFINITE]}) == ("b",)
    assert beaten({"a": [INFINITE], "b": [INFINITE]}) == ()


def test_equal_losses_keep_everybody_in() -> None:
    """A difference of zero is no evidence."""
    assert beaten({"a": [1.0] * 9, "b": [1.0] * 9}) == ()
    assert race_leader({"a": [1.0] * 9, "b": [1.0] * 9}) == "a"


def _pruned(best: np.ndarray, worse: np.ndarray) -> bool:
    study = optuna.create_study(pruner=optuna.pruners.WilcoxonPruner(p_threshold=0.1))
    study.add_trial(
        optuna.trial.create_trial(
            value=float(best.mean()), intermediate_values=dict(enumerate(best.tolist()))
        )
    )
    trial = study.ask()
    for step, loss in enumerate(worse.tolist()):
        trial.report(loss, step)
    return trial.should_prune()
