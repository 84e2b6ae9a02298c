"""The memory of an epoch is measured, one epoch's peak not hidden by another's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from epochsearch.engines.job import EpochTrained, Job, run_job
from epochsearch.engines.memory import ProcessMeter
from epochsearch.tasks.loading import load_task
from tests.contract.subjects import HERE, identity, write_table

MEGABYTES = 2**20
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process forget its peak")


@linux
def test_a_peak_is_measured_and_forgotten() -> None:
    """200 MB that come and go within an epoch are in its peak and not in the next one's."""
    meter = ProcessMeter()

    meter.begin()
    before = meter.peak()
    block = bytearray(200 * MEGABYTES)
    del block
    during = meter.peak()
    meter.begin()
    after = meter.peak()

    assert during - before > 190 * MEGABYTES
    assert after < during - 190 * MEGABYTES


def test_a_trained_epoch_comes_with_its_memory_and_a_recorded_one_without(tmp_path: Path) -> None:
    """A process with torch in it has over 50 MB; a table was not trained here."""
    trained, recorded = load_task(f"{HERE}:Plain"), load_task(f"table:{write_table(tmp_path / 't.csv')}")

    found = {
        task.name: [
            message.reports[0].memory_bytes
            for message in run_job(task, Job(0, (identity(task),), 1, freezing=False), tmp_path)
            if isinstance(message, EpochTrained)
        ]
        for task in (trained, recorded)
    }

    assert found[recorded.name] == [None]
    assert len(found[trained.name]) == 1
    assert found[trained.name][0] is not None
    assert found[trained.name][0] > 50 * MEGABYTES
