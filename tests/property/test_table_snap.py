"""Whatever is proposed, a table answers with a configuration that it holds, the nearest one."""

from __future__ import annotations

import math
import tempfile
from itertools import product
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from epochsearch.core.point import Configuration
from epochsearch.tasks.table import TableTask

RATES = st.floats(1e-6, 10.0).map(lambda rate: float(f"{rate:.6g}"))
SIZES = st.integers(1, 1024)


def table(rates: list[float], sizes: list[int]) -> TableTask:
    rows = [f"{rate!r},{size},0,1,1.0" for rate, size in product(rates, sizes)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "curves.csv"
        path.write_text("\n".join(["learning_rate,batch_size,seed,epoch,val_loss", *rows]))
        return TableTask(path)


@given(
    st.lists(RATES, min_size=1, max_size=4, unique=True),
    st.lists(SIZES, min_size=1, max_size=4, unique=True),
    RATES,
    SIZES,
)
def test_the_nearest_recorded_configuration_is_taken(
    rates: list[float], sizes: list[int], rate: float, size: int
) -> None:
    """It is recorded, it is the nearest on both axes, and it is its own nearest."""
    task = table(rates, sizes)

    taken = task.snap(Configuration(rate, size))

    assert taken.learning_rate in rates
    assert taken.batch_size in sizes
    assert distance(taken.learning_rate, rate) == min(distance(other, rate) for other in rates)
    assert distance(taken.batch_size, size) == min(distance(other, size) for other in sizes)
    assert task.snap(taken) == taken
    assert task.reports(taken, 0)


def distance(a: float, b: float) -> float:
    return abs(math.log(a) - math.log(b))
