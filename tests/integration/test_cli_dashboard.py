"""`epochsearch dashboard` serves the storage on this machine until it is told to end."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from epochsearch.store.database import open_database
from epochsearch.store.studies import create_study
from tests.command import COMMAND, environment
from tests.integration.dashboard import free_port
from tests.unit.cli.fakes import SPEC


@pytest.fixture
def storage(tmp_path: Path) -> str:
    """A storage without a study."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    open_database(url, create=True).close()
    return url


@contextmanager
def served(storage: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """Yield a running dashboard and the JSON document that it began with."""
    command = [*COMMAND, "dashboard", "--storage", storage, "--json", *arguments]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline() or "null")
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_it_answers_on_its_address_and_ends_without_a_word(storage: str, number: signal.Signals) -> None:
    """The address is this machine's own; a signal ends it with exit code 0."""
    with served(storage) as (process, said):
        page = urllib.request.urlopen(said["address"], timeout=10).read().decode()
        studies = json.load(
            urllib.request.urlopen(said["address"].replace("dashboard", "api/studies"), timeout=10)
        )
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)

    assert said["address"].startswith("http://127.0.0.1:")
    assert "Optuna Dashboard" in page
    assert studies == {"study_summaries": []}
    assert (process.returncode, errors) == (0, "")


def test_of_many_studies_the_newest_are_named(storage: str) -> None:
    """The address stays in sight on a small terminal, and the view of several studies can be read."""
    with closing(open_database(storage, create=False)) as database:
        for number in range(12):
            create_study(database, f"s{number}", SPEC, {})

    command = [*COMMAND, "dashboard", "--storage", storage]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(14)]
        process.kill()

    assert lines[0].startswith("Address   http://127.0.0.1:")
    assert lines[11] == "          and 2 more: epochsearch studies\n"
    assert lines[12].endswith("ids=3,4,5,6,7,8,9,10,11,12\n")


def test_a_taken_port_is_passed_over(storage: str) -> None:
    """Two dashboards stand side by side, the second on the next free port."""
    port = str(free_port())  # from the usual one on, other tests' dashboards come and go
    with served(storage, "--port", port) as (_, first), served(storage, "--port", port) as (_, second):
        ports = [int(said["address"].split(":")[2].split("/")[0]) for said in (first, second)]

    assert ports[0] < ports[1]


def test_a_port_that_cannot_be_is_refused(storage: str) -> None:
    """Exit code 2, with an example."""
    with served(storage, "--port", "70000") as (process, said):
        process.wait(timeout=10)

    assert (
        said["error"]["message"]
        == "--port 70000: no port from it on can be used (ports end at 65535). Example: --port 8090"
    )
    assert process.returncode == 2
