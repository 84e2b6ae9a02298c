"""What each value of an axis can do, the other axes at their best for it."""

from __future__ import annotations

import numpy as np
import pytest

from epochsearch.analysis.best_by import best_by, values_of
from epochsearch.analysis.candidates import Candidate
from epochsearch.core.axis import parse_axis
from epochsearch.core.point import Configuration

A_B = (("a",), ("b",))
LISTED = parse_axis("5,50,200", "--epochs", integer=True)
ONE = parse_axis("100", "--epochs", integer=True)
TWO = parse_axis("2", "--epochs", integer=True)
RATES = parse_axis("1e-3,1e-2", "--lr", log=True)


def candidate(own: object, rate: float = 1e-3, trial: int = 0, **extras: str) -> Candidate:
    losses = np.atleast_2d(np.asarray(own, dtype=float))
    answers = tuple(range(1, losses.shape[1] + 1))
    return Candidate(Configuration(rate, 32, tuple(extras.items())), trial, losses, answers, 0.5, {})


def test_each_value_is_read_at_its_own_best_point() -> None:
    """Other axes and epochs are those that suit it; the end of the same curve is told beside it."""
    some = [
        candidate([3, 2, 4], 1e-3, 0, net="a"),
        candidate([9, 8, 7], 1e-2, 1, net="a"),
        candidate([5, 5, 1], 1e-2, 2, net="b"),
    ]

    a, b = best_by(some, ("net",), A_B, 0, "final")

    assert (a.estimate.point.epochs, a.estimate.loss, a.last, a.configurations) == (2, 2.0, 4.0, 2)
    assert (b.estimate.point.learning_rate, b.estimate.loss, b.estimate.seconds) == (1e-2, 1.0, 1.5)
    assert a.difference is None
    assert not a.apart


def test_an_epochs_value_is_read_off_every_curve() -> None:
    """The best rate after one epoch is not the best after three."""
    some = [candidate([1.0, 0.9, 0.8], 1e-2), candidate([2.0, 1.0, 0.5], 1e-3, 1)]

    found = best_by(some, ("epochs",), ((1,), (3,), (7,)), 0, "final")

    assert [(one.values[0], one.estimate.point.learning_rate) for one in found] == [(1, 1e-2), (3, 1e-3)]


def test_the_lowest_so_far_counts_where_the_objective_is_best() -> None:
    """After three epochs early stopping delivers the second."""
    (one,) = best_by([candidate([3, 1, 2])], ("epochs",), ((3,),), 0, "best")

    assert one.estimate.loss == 1.0


def test_values_are_held_against_the_best_over_the_same_folds() -> None:
    """A steady difference is told from one that is as large but all over the place."""
    best = candidate([[1.0], [2.0], [3.0], [4.0], [5.0]], net="a")
    steady = candidate([[2.0], [3.1], [4.0], [5.1], [6.0]], trial=1, net="b")
    wild = candidate([[1.0], [5.0], [1.0], [9.0], [5.0]], trial=2, net="c")

    a, b, c = best_by([best, steady, wild], ("net",), (*A_B, ("c",)), 0, "final")

    assert (a.p, a.apart, b.apart, c.apart) == (1.0, False, True, False)
    assert b.difference is not None
    assert b.difference.estimate == pytest.approx(1.04)
    assert b.difference.confidence == pytest.approx(1 - 0.05 / 2)


def test_a_curve_that_diverged_is_left_out() -> None:
    """A value that has no other is not among the answers."""
    whole, broken = candidate([1, 2], net="a"), candidate([np.inf, np.inf], 1e-2, net="b")

    found = best_by([whole, broken], ("net",), A_B, 0, "final")

    assert [one.values for one in found] == [("a",)]
    assert best_by([broken], ("net",), (("b",),), 0, "final") == ()


def test_values_stand_in_the_order_of_the_axis() -> None:
    """Those of a list as it is written, those of a range by size."""
    some = [candidate([1], 1e-2), candidate([1], 1e-3, 1)]
    whole = parse_axis("1e-5:1", "--lr", log=True)

    assert values_of(some, {"learning_rate": RATES}) == ((1e-3,), (1e-2,))
    assert values_of(some, {"learning_rate": whole}) == ((1e-3,), (1e-2,))


def test_epochs_are_those_of_a_list_or_double_from_one_to_the_next() -> None:
    """A range or a single number says how far curves go, and they answer for all in between."""
    some = [candidate(range(100))]

    assert [one for (one,) in values_of(some, {"epochs": LISTED})] == [5, 50]
    assert [one for (one,) in values_of(some, {"epochs": ONE})] == [1, 2, 4, 8, 16, 32, 64, 100]


def test_combinations_of_several_axes_are_read_alike() -> None:
    """Which network is best after one epoch, and which after two."""
    some = [candidate([1.0, 0.9], net="a"), candidate([2.0, 0.5], trial=1, net="b")]
    values = values_of(some, {"net": parse_axis("a,b", "--param net"), "epochs": TWO})

    found = best_by(some, ("net", "epochs"), values, 0, "final")

    assert {one.values: one.estimate.loss for one in found} == {
        ("a", 1): 1.0,
        ("a", 2): 0.9,
        ("b", 1): 2.0,
        ("b", 2): 0.5,
    }
