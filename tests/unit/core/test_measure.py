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


def test_a_metric_to_minimise_is_read_as_it_is() -> None:
    """An error needs no turning."""
    assert Measure("mae").of(REPORT) == 12.5


def test_a_metric_that_an_epoch_lacks_reads_as_not_a_number() -> None:
    """Never as 0, which would be the best."""
    assert math.isnan(Measure("f1_macro", maximise=True).of(REPORT))
    assert Measure("f1_macro").title == "validation f1 macro"
