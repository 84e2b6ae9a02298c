"""The California housing data as StatLib published them: nine numbers a district, in the order of its file.

What scikit-learn makes of them is made here, by the same arithmetic: rooms, bedrooms and people a household.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from epochsearch.core.errors import TaskError, first_line
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.datasets.archives import members
from epochsearch.tasks.datasets.checked import checked
from epochsearch.tasks.datasets.places import HOUSING_ARCHIVE, HOUSING_FILE

_NAME = "california-housing"
_COLUMNS = 9  # longitude, latitude, age, rooms, bedrooms, population, households, income, value
_UNIT = 100_000  # dollars


def read_housing(file: Path) -> tuple[Array, Array]:
    """Return measures (rows, 8) in scikit-learn's order and prices (rows,) in 100,000 dollars.

    file: the archive or the file in it.

    Raises:
        TaskError: It cannot be read, is another one, or does not hold nine numbers a line.
    """
    content = checked(_NAME, file)
    if file.name == HOUSING_ARCHIVE:
        content = _unpacked(content, str(file))
    if not content.strip():
        raise TaskError(str(file), "", "it is empty", "Get it again.")
    try:
        rows = np.loadtxt(io.BytesIO(content), delimiter=",", ndmin=2)
    except ValueError as error:
        said = first_line(error)
        raise TaskError(str(file), "", f"it is no table of numbers ({said})", "Get it again.") from error
    if rows.shape[1] != _COLUMNS:
        given = f"has {rows.shape[1]} numbers a line"
        raise TaskError(str(file), given, f"a district has {_COLUMNS}", "Get it again.")
    longitude, latitude, age, rooms, bedrooms, people, households, income, value = rows.T
    measures = (
        income, age, rooms / households, bedrooms / households, people, people / households,
        latitude, longitude,
    )  # fmt: skip
    return np.column_stack(measures), value / _UNIT


def _unpacked(archive: bytes, where: str) -> bytes:
    for path, content in members(archive, where):
        if path.name == HOUSING_FILE:
            return content
    raise TaskError(where, "", f"it holds no {HOUSING_FILE}", "Get it again.")
