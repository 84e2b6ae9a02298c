"""Early stopping as a way to read a curve."""

from __future__ import annotations

import pytest

from epochsearch.core.patience import ENDLESS, Patience


@pytest.mark.parametrize(
    ("values", "out"),
    [
        ([], False),
        ([3.0, 2.0, 1.0], False),
        ([3.0, 2.0, 2.5], False),
        ([3.0, 2.0, 2.5, 2.1], True),
        ([3.0, 2.0, 2.5, 1.8], False),
        ([3.0, 2.0, 2.0, 2.0], True),
        ([3.0, 2.0, 1.95, 1.93], True),
        ([3.0, 2.0, 1.95, 1.89], False),
    ],
)
def test_patience_is_out_after_so_many_epochs_in_a_row_without_progress(
    values: list[float], out: bool
) -> None:
    """Two epochs here; progress is more than a tenth below the best that was progress itself."""
    assert Patience(2, min_delta=0.1).is_out(values) is out


def test_without_patience_being_asked_for_nothing_stops() -> None:
    """However flat the curve."""
    assert not ENDLESS.is_out([1.0] * 1000)
