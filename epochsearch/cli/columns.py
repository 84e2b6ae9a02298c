"""Fitting what is printed into its columns.

Of a table text is shortened and spare columns go; names and numbers are never cut. Sentences are folded.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

GAP = 2  # columns between two cells
_SHORTEST = 9  # of a cell that is cut
_SPARED = 14  # text is cut to this before a spare column goes

_COMMAND = "epochsearch "

Cells = tuple[str, ...]


def folded(line: str, width: int) -> list[str]:
    """Return a line broken between words; with a command in it it stays whole, so that it can be pasted."""
    if len(line) <= width or _COMMAND in line:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    return wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def fitted(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    right: Sequence[str] = (),
    spare: Sequence[str] = (),
) -> tuple[Cells, list[Cells]]:
    """Return columns and rows that fit `width` if they can; the first column is never cut.

    right: columns of numbers, which are never cut either; spare: columns to leave out, the first one first.
    """
    shown, left_out = list(range(len(columns))), [name for name in spare if name in columns]
    natural = [max(len(row[i]) for row in (columns, *rows)) for i in shown]
    cuttable = [i for i in shown[1:] if columns[i] not in right]
    while True:
        widths = _cut(natural, shown, cuttable, width, _SPARED if left_out else _SHORTEST)
        if not left_out or _total(widths, shown) <= width:
            break
        gone = list(columns).index(left_out.pop(0))
        shown.remove(gone)
    cells = [tuple(_shortened(row[i], widths[i]) for i in shown) for row in rows]
    return tuple(_shortened(columns[i], widths[i]) for i in shown), cells


def _cut(natural: list[int], shown: list[int], cuttable: list[int], width: int, shortest: int) -> list[int]:
    """Return widths with the widest text cut first, a column at a time."""
    widths = list(natural)
    here = [i for i in cuttable if i in shown]
    while here and _total(widths, shown) > width:
        widest = max(here, key=lambda i: widths[i])
        if widths[widest] <= shortest:
            break
        widths[widest] -= 1
    return widths


def _total(widths: list[int], shown: list[int]) -> int:
    return sum(widths[i] for i in shown) + GAP * (len(shown) - 1)


def _shortened(cell: str, width: int) -> str:
    return cell if len(cell) <= width else f"{cell[: width - 1]}…"
