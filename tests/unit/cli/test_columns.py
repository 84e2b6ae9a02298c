"""A table on a terminal that is too narrow for it."""

from __future__ import annotations

from epochsearch.cli.columns import fitted, folded

COLUMNS = ("study", "task", "trials", "trained")
ROWS = [("digits-tpe-1c75db", "digits", "100", "2000"), ("b", "table:lcbench_189906.csv.xz", "7", "0")]
RIGHT = ("trials", "trained")


def test_a_table_that_fits_stays_as_it_is() -> None:
    """17 + 27 + 6 + 7 and three gaps of two are 63 columns."""
    assert fitted(COLUMNS, ROWS, 63, RIGHT) == (COLUMNS, ROWS)


def test_text_is_shortened_first_but_never_a_name() -> None:
    """The first column is what one types next; numbers are whole or not there."""
    columns, rows = fitted(COLUMNS, ROWS, 50, RIGHT)

    assert columns == COLUMNS
    assert [row[0] for row in rows] == ["digits-tpe-1c75db", "b"]
    assert [row[1] for row in rows] == ["digits", "table:lcbench…"]
    assert [row[2:] for row in rows] == [("100", "2000"), ("7", "0")]


def test_spare_columns_go_once_text_is_short() -> None:
    """Those named first go first, and what then has room is not shortened."""
    columns, rows = fitted(COLUMNS, ROWS, 45, RIGHT, spare=("trained", "trials"))

    assert columns == ("study", "task", "trials")
    assert rows[1] == ("b", "table:lcbench_189…", "7")


def test_however_narrow_the_names_stay() -> None:
    """The terminal breaks the lines then."""
    columns, rows = fitted(COLUMNS, ROWS, 5, RIGHT, spare=("trained", "trials"))

    assert columns == ("study", "task")
    assert rows == [("digits-tpe-1c75db", "digits"), ("b", "table:lc…")]


def test_a_sentence_is_folded_between_words_under_its_own_beginning() -> None:
    """An option in brackets is a word too; what is short stays as it is, spaces and all."""
    said = "tpe(constant_liar=true, group=false, multivariate=true, n_ei_candidates=24)"

    assert folded(said, 40) == [
        "tpe(constant_liar=true, group=false,",
        "multivariate=true, n_ei_candidates=24)",
    ]
    assert folded("  one two three", 9) == ["  one two", "  three"]
    assert folded("learning rate  0.1", 40) == ["learning rate  0.1"]


def test_a_command_and_a_path_are_never_folded() -> None:
    """They are copied and pasted whole."""
    command, path = "epochsearch run digits --epochs 5:100", "studies/a-long-name/of-some-study.html"

    for whole in (command, f"python -m {command}", path):
        assert folded(whole, 20) == [whole]
