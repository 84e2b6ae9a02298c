"""What the rooms below note reaches standard error, one line each."""

from __future__ import annotations

import logging

import pytest

from epochsearch.cli.console import Notes


def test_a_note_of_a_room_below_is_printed_as_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output stays for results."""
    log = logging.Logger("epochsearch", logging.INFO)
    log.addHandler(Notes())

    log.info("%s is being fetched", "mnist")

    assert capsys.readouterr() == ("", "note: mnist is being fetched\n")
