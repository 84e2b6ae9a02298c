"""Whoever waits for a download is told for what, and where it is kept."""

from __future__ import annotations

import logging
import time

import pytest

from epochsearch.tasks.datasets import fetching

LOG = "epochsearch"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(fetching, "QUIET", 0.05)
    monkeypatch.setenv("SCIKIT_LEARN_DATA", "/kept/here")
    monkeypatch.setattr(logging.getLogger(LOG), "propagate", True)
    caplog.set_level(logging.INFO, LOG)


def test_a_slow_fetch_is_told_while_it_runs(caplog: pytest.LogCaptureFixture) -> None:
    """Once, by the name of the data set."""

    def slow() -> int:
        time.sleep(0.3)
        return len(caplog.messages)

    assert fetching.fetched("mnist", slow) == 1
    assert caplog.messages == ["mnist is being fetched by scikit-learn; it is kept in /kept/here"]


def test_a_cache_is_read_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is told afterwards either."""
    assert fetching.fetched("mnist", lambda: 7) == 7
    time.sleep(0.15)

    assert caplog.messages == []
