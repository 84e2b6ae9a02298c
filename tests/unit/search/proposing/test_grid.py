"""The cells of a grid, and of the finer ones that follow it."""

from __future__ import annotations

import pytest

from epochsearch.core.choice import parse_choice, resolve
from epochsearch.core.space import parse_space
from epochsearch.search.proposing.grid import Cell, grid_cells
from epochsearch.search.proposing.samplers import SAMPLERS

SPACE = parse_space({"epochs": "5:50", "learning_rate": "1e-5:1e-1", "batch_size": "16,32,64,128,256"})


def cells(options: str, seed: int = 0) -> tuple[Cell, ...]:
    """Return the cells of "grid(OPTIONS)"."""
    choice = resolve(parse_choice(f"grid({options})", "--sampler"), SAMPLERS, "--sampler")
    return grid_cells(SPACE, choice.options, seed)


def test_finer_grids_follow_the_first_one() -> None:
    """The first cells are those of the grid alone; then about twice as many, then four times."""
    alone, more = cells("cells=12"), cells("cells=12,finer=2")

    assert more[: len(alone)] == alone
    assert len(alone) + 12 < len(more) <= 12 + 24 + 48
    assert len(set(more)) == len(more)


def test_finer_grids_have_values_between_those_of_the_first() -> None:
    """Learning rates and epochs that the first grid leaves out are among them."""
    first, all_of_them = cells("cells=12"), cells("cells=12,finer=3")

    for axis in ("epochs", "learning_rate"):
        assert {dict(cell)[axis] for cell in first} < {dict(cell)[axis] for cell in all_of_them}


@pytest.mark.parametrize(
    ("options", "what"), [("finer=2", "give cells too"), ("cells=4,finer=-1", "below 0")]
)
def test_finer_grids_of_a_grid_without_a_size_are_refused(options: str, what: str) -> None:
    """There is nothing to measure them by."""
    with pytest.raises(ValueError, match=what):
        cells(options)


def test_a_small_grid_has_the_middles_of_parts_not_the_ends() -> None:
    """Two learning rates of four decades are 1e-4 and 1e-2, two batch sizes of five 32 and 128."""
    few = [dict(cell) for cell in cells("cells=8")]

    assert {cell["learning_rate"] for cell in few} == {1e-4, 1e-2}
    assert {cell["batch_size"] for cell in few} == {32, 128}
    assert {cell["epochs"] for cell in few} == {16, 39}


def test_a_grid_of_one_cell_is_the_middle() -> None:
    """Of every axis."""
    assert [dict(cell) for cell in cells("cells=1")] == [
        {"epochs": 28, "learning_rate": 1e-3, "batch_size": 64}
    ]
