"""One driver a study: who may claim it, and whose claim is taken over."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from epochsearch.core.errors import StudyHeldError
from epochsearch.store import schema
from epochsearch.store.claims import DEAD_AFTER, Claim, Holder, live_holders
from epochsearch.store.database import Database
from tests.command import REPOSITORY
from tests.unit.store.records import opened, url

STARTED = psutil.Process().create_time()
HERE = socket.gethostname()


def held(database: Database, **changes: object) -> None:
    """Write a claim on study 1 as another process would have left it; by default this process's."""
    row = {
        "study_id": 1,
        "host": HERE,
        "pid": os.getpid(),
        "started": STARTED,
        "token": "t",
        "beat": time.time(),
    }
    with database.writing() as connection:
        connection.execute(schema.claims.insert(), row | changes)


def dead_pid() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_a_live_holder_is_named(tmp_path: Path) -> None:
    """Whoever comes second is told the host and the process, and what to do."""
    with opened(tmp_path) as database:
        Claim(database, 1, "mine").take()

        with pytest.raises(StudyHeldError) as caught:
            Claim(database, 1, "mine").take()

    assert caught.value.message == (
        f"--study mine: process {os.getpid()} on {HERE} is running this study. "
        "Wait for it or end it, or give --study another name."
    )


def test_another_study_is_free(tmp_path: Path) -> None:
    """A claim is on one study, and shows who holds which."""
    with opened(tmp_path) as database:
        Claim(database, 1, "one").take()
        Claim(database, 2, "two").take()

        holders = live_holders(database)

    assert [str(holders[study]) for study in (1, 2)] == [f"{HERE}:{os.getpid()}"] * 2


def test_a_released_study_is_free(tmp_path: Path) -> None:
    """Giving back twice is harmless."""
    with opened(tmp_path) as database:
        claim = Claim(database, 1, "mine")
        claim.take()
        claim.release()
        claim.release()

        free = live_holders(database)
        Claim(database, 1, "mine").take()

    assert free == {}


def test_the_claim_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    """A killed search gives nothing back; the next one goes on at once."""
    with opened(tmp_path) as database:
        held(database, pid=dead_pid())

        before = live_holders(database)
        Claim(database, 1, "mine").take()

        assert before == {}
        assert live_holders(database)[1].pid == os.getpid()


def test_a_reused_process_id_is_told_by_its_start(tmp_path: Path) -> None:
    """The process that has the id now began at another time than the holder."""
    with opened(tmp_path) as database:
        held(database, started=STARTED - 3600)

        Claim(database, 1, "mine").take()

        assert live_holders(database)[1].started == STARTED


@pytest.mark.parametrize(("silent", "alive"), [(0.0, True), (DEAD_AFTER + 1, False)])
def test_a_holder_on_another_host_is_judged_by_its_beat(silent: float, alive: bool) -> None:
    """Its process cannot be looked up from here; two minutes without a sign of life end its claim."""
    holder = Holder("elsewhere", os.getpid(), STARTED, time.time() - silent)

    assert holder.alive is alive
    assert str(holder) == f"elsewhere:{os.getpid()}"


def test_whoever_lost_a_study_stops_at_the_next_beat(tmp_path: Path) -> None:
    """A claim that was taken over is not written any more, and releasing it leaves the new holder's alone."""
    with opened(tmp_path) as database:
        claim = Claim(database, 1, "mine")  # never taken: the same as taken over long ago
        held(database)

        with pytest.raises(StudyHeldError, match="another process has taken this study over"):
            claim.beat()
        claim.release()

        assert live_holders(database)[1].pid == os.getpid()


def test_a_beat_shows_that_the_holder_lives(tmp_path: Path) -> None:
    """The beat in the table is moved to now, and not again within the next seconds."""
    with opened(tmp_path) as database:
        claim = Claim(database, 1, "mine")
        held(database, token=claim._token, beat=0.0)

        claim.beat()
        first = live_holders(database)[1].beat
        claim.beat()

        assert time.time() - first < 60
        assert live_holders(database)[1].beat == first


CONTENDER = """
import sys
from epochsearch.core.errors import StudyHeldError
from epochsearch.store.claims import Claim
from epochsearch.store.database import open_database
claim = Claim(open_database(sys.argv[1], create=False), 1, "mine")
print("ready", flush=True)
sys.stdin.readline()
try:
    claim.take()
    print("won", flush=True)
except StudyHeldError:
    print("lost", flush=True)
sys.stdin.readline()
"""


@pytest.mark.slow
def test_of_processes_that_claim_at_once_exactly_one_wins(tmp_path: Path) -> None:
    """Four processes let loose at the same moment: one holds the study, three are refused."""
    with opened(tmp_path):
        pass
    command = [sys.executable, "-c", CONTENDER, url(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    contenders = [subprocess.Popen(command, cwd=REPOSITORY, **pipes) for _ in range(4)]
    try:
        assert {process.stdout.readline() for process in contenders} == {"ready\n"}
        for process in contenders:
            process.stdin.write("go\n")
            process.stdin.flush()

        said = sorted(process.stdout.readline().strip() for process in contenders)
    finally:
        for process in contenders:
            process.communicate("end\n")

    assert said == ["lost"] * 3 + ["won"]
