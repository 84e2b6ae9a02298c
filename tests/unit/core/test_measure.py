"""What the objective reads off an epoch."""

from __future__ import annotations

import math

from epochsearch.core.curve import EpochReport
from epochsearch.core.measure import Measure

REPORT = EpochReport(3, 0.2, 0.3, 1.0, (("accuracy", 0.75), ("mae", 12.5)))


def test_the_loss_is_read_as_it_is() -> None:
    """Nothing else is said: the validation loss, both to samplers and to a person."""
    assert Measure().of(REPORT) == 0.3
    assert Measure().shown(0.3) == 0.3
    assert Measure().title == "validation loss"


def test_a_metric_to_maximise_is_read_as_what_it_lacks_to_one() -> None:
    """Lower is better for the search; a person sees the metric."""
    measure = Measure("accuracy", maximise=True)

    assert measure.of(REPORT) == 0.25
    assert measure.shown(measure.of(REPORT)) == 0.75
    assert (measure.extreme, Measure().extreme) == ("highest", "lowest")


def test_a_metric_to_minimise_is_read_as_it_is() -> None:
    """An error needs no turning."""
    assert Measure("mae").of(REPORT) == 12.5


def test_a_metric_that_an_epoch_lacks_reads_as_not_a_number() -> None:
    """Never as 0, which would be the best."""
    assert math.isnan(Measure("f1_macro", maximise=True).of(REPORT))
    assert Measure("f1_macro").title == "validation f1 macro"


AVERAGED = EpochReport(
    3, 0.2, 0.3, 1.0, (("accuracy", 0.75), ("average_accuracy", 0.5)), average_loss=0.25, gradient_norm=1.0
)


def test_the_objective_may_read_the_averaged_weights_or_the_better_ones() -> None:
    """Of a loss and of a metric, each by its own direction."""
    accuracy = {
        weights: Measure("accuracy", maximise=True, weights=weights)
        for weights in ("raw", "average", "better")
    }

    assert [Measure(weights=weights).of(AVERAGED) for weights in ("raw", "average", "better")] == [
        0.3,
        0.25,
        0.25,
    ]
    assert [measure.of(AVERAGED) for measure in accuracy.values()] == [0.25, 0.5, 0.25]
    assert Measure(weights="better").weights_at(AVERAGED) == "average"
    assert accuracy["better"].weights_at(AVERAGED) == "raw"


def test_the_average_of_an_epoch_without_one_reads_as_not_a_number() -> None:
    """The better of one is that one."""
    assert math.isnan(Measure(weights="average").of(REPORT))
    assert Measure(weights="better").of(REPORT) == 0.3
    assert Measure(weights="average").title == "validation loss of the averaged weights"


def test_a_difference_of_objectives_is_turned_with_them() -> None:
    """0.02 less error is 0.02 more accuracy."""
    assert Measure("accuracy", maximise=True).shown_difference(-0.02) == 0.02
    assert Measure("mae").shown_difference(-0.02) == -0.02
