"""What counts of a candidate, and what the objective reads on its curves."""

from __future__ import annotations

import numpy as np

from epochsearch.analysis.candidates import Candidate, Unit, measured, objective_values
from epochsearch.core.point import Configuration

FOLDS = np.array([[3.0, 1.0, 2.0, 5.0], [3.0, 2.0, 2.5, 0.0]])  # means 3, 1.5, 2.25, 2.5


def candidate(own: np.ndarray = FOLDS, **fresh: np.ndarray) -> Candidate:
    seeds = {int(name[1:]): losses for name, losses in fresh.items()}
    return Candidate(Configuration(0.1, 16), 0, own, tuple(range(2, own.shape[1] + 1)), 1.0, seeds)


def test_final_is_the_loss_itself() -> None:
    """After every epoch, in every fold."""
    assert objective_values(FOLDS, "final").tolist() == FOLDS.tolist()


def test_best_stops_all_folds_at_the_lowest_mean_so_far() -> None:
    """The second epoch, from there on; a fold's own minimum does not count."""
    assert objective_values(FOLDS, "best").tolist() == [[3, 1, 1, 1], [3, 2, 2, 2]]


def test_best_of_one_fold_is_the_lowest_so_far() -> None:
    """What early stopping delivers."""
    assert objective_values(FOLDS[1:], "best").tolist() == [[3, 2, 2, 0]]


def test_the_searchs_own_curves_are_its_folds() -> None:
    """One unit a fold, a column for each epoch that may be chosen."""
    found = measured(candidate(s5=FOLDS + 1), 7, "final", fresh=False)

    assert found.units == (Unit(7, 0), Unit(7, 1))
    assert found.epochs == (2, 3, 4)
    assert found.means.tolist() == [1.5, 2.25, 2.5]


def test_fresh_curves_leave_the_searchs_own_out() -> None:
    """They count as far as all of them go; seed and fold say which row is whose."""
    found = measured(candidate(s5=FOLDS + 1, s6=FOLDS[:, :3] + 3), 7, "final", fresh=True)

    assert found.units == (Unit(5, 0), Unit(5, 1), Unit(6, 0), Unit(6, 1))
    assert found.epochs == (2, 3)
    assert found.column(2).tolist() == [2, 3, 4, 5]
    assert found.common([Unit(6, 1), Unit(5, 0)]).tolist() == [3, 0]
