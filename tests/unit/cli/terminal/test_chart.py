"""The chart of text: where the marks stand, how wide it is, and what happens with nothing to draw."""

from __future__ import annotations

import math

from epochsearch.cli.terminal.chart import chart_lines

CURVES = {"grid": [(10.0, 1.0), (60.0, 0.1)], "tpe": [(20.0, 0.5)]}


def test_the_highest_and_the_lowest_value_label_the_upward_axis() -> None:
    """The lowest row holds the mark of who got there."""
    lines = chart_lines(CURVES, 100.0, "epochs", height=6)

    assert lines[0].startswith("    1.0000 │")
    assert lines[5].startswith("    0.1000 │")
    assert lines[5].endswith("●")
    assert lines[-1].strip() == "● grid  ▲ tpe"


def test_a_metric_rises_to_its_best() -> None:
    """Objectives are drawn from below, the lowest on top, and labelled with the metric."""
    lines = chart_lines(
        CURVES, 100.0, "epochs", height=6, label=lambda value: f"{1 - value:.2f}", rising=True
    )

    assert lines[0].startswith("      0.90 │")
    assert lines[0].endswith("●")
    assert lines[5].startswith("      0.00 │")


def test_every_line_fits_the_width() -> None:
    """The axis ends with the largest cost and its unit."""
    lines = chart_lines(dict.fromkeys("abcdefgh", CURVES["grid"]), 12345.0, "charged epochs", width=60)

    assert max(map(len, lines)) == 60
    assert any(line.endswith("12,345 charged epochs") for line in lines)


def test_a_curve_that_has_not_begun_leaves_its_columns_empty() -> None:
    """tpe has no value in the first fifth."""
    lines = chart_lines({"tpe": [(50.0, 0.5)]}, 100.0, "epochs", width=32, height=1)

    assert lines[0] == "    0.5000 │" + " " * 9 + "●" * 11


def test_plain_letters_where_unicode_does_not_work() -> None:
    """ASCII throughout."""
    assert all(line.isascii() for line in chart_lines(CURVES, 100.0, "epochs", unicode=False))


def test_what_is_high_only_at_the_beginning_stands_in_the_top_row() -> None:
    """The axis ends at the highest value after the first fifth."""
    lines = chart_lines({"a": [(1.0, 1000.0), (10.0, 1.0), (50.0, 0.5)]}, 100.0, "epochs", height=4)

    assert lines[0].startswith("    1.0000 │●")


def test_nothing_found_is_nothing_drawn() -> None:
    """No search has completed a trial."""
    assert chart_lines({"a": [], "b": [(1.0, math.nan)]}, 100.0, "epochs") == []
