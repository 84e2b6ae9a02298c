"""One driver a study: a claim names the process that holds it; a dead holder's claim is taken over."""

from __future__ import annotations

import os
import socket
import time
import uuid
from dataclasses import dataclass

import psutil
from sqlalchemy import select

from epochsearch.core.errors import StudyHeldError
from epochsearch.store import schema
from epochsearch.store.database import Database

BEAT_SECONDS = 10.0
DEAD_AFTER = 120.0  # seconds without a beat, for a holder on another host


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds, or held, a study."""

    host: str
    pid: int
    started: float  # seconds since 1970
    beat: float  # its last sign of life, seconds since 1970

    @property
    def alive(self) -> bool:
        """Whether the process still runs: looked up on this host, judged by its beat on another."""
        if self.host != socket.gethostname():
            return time.time() - self.beat < DEAD_AFTER
        try:
            return bool(abs(psutil.Process(self.pid).create_time() - self.started) < 2.0)
        except psutil.Error:
            return False

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class Claim:
    """The right to write one study. `take` it, `beat` now and then, `release` it."""

    def __init__(self, database: Database, study_id: int, study: str) -> None:
        self._database, self._study_id, self._study = database, study_id, study
        self._token = uuid.uuid4().hex
        self._last = 0.0

    def take(self) -> None:
        """Become the holder.

        Raises:
            StudyHeldError: A live process holds the study.
        """
        table = schema.claims
        mine = {
            "study_id": self._study_id,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "started": psutil.Process().create_time(),
            "token": self._token,
            "beat": time.time(),
        }
        with self._database.writing() as connection:
            row = connection.execute(select(table).where(table.c.study_id == self._study_id)).first()
            holder = None if row is None else Holder(row.host, row.pid, row.started, row.beat)
            if holder is not None and holder.alive:
                rule = f"process {holder.pid} on {holder.host} is running this study"
                raise StudyHeldError(
                    "--study", self._study, rule, "Wait for it or end it, or give --study another name."
                )
            connection.execute(table.delete().where(table.c.study_id == self._study_id))
            connection.execute(table.insert(), mine)
        self._last = time.monotonic()

    def beat(self) -> None:
        """Show that this process is alive, at most every few seconds.

        Raises:
            StudyHeldError: Another process has taken the study over.
        """
        if time.monotonic() - self._last < BEAT_SECONDS:
            return
        self._last = time.monotonic()
        table = schema.claims
        with self._database.writing() as connection:
            mine = (table.c.study_id == self._study_id) & (table.c.token == self._token)
            done = connection.execute(table.update().where(mine).values(beat=time.time()))
            if done.rowcount == 0:
                rule = "another process has taken this study over, or it was deleted"
                raise StudyHeldError("--study", self._study, rule, "Nothing more is written from here.")

    def release(self) -> None:
        """Give the claim back; harmless if it is no longer ours."""
        table = schema.claims
        with self._database.writing() as connection:
            mine = (table.c.study_id == self._study_id) & (table.c.token == self._token)
            connection.execute(table.delete().where(mine))


def live_holders(database: Database) -> dict[int, Holder]:
    """Return the live holders by study id."""
    with database.reading() as connection:
        rows = connection.execute(select(schema.claims)).all()
    holders = {row.study_id: Holder(row.host, row.pid, row.started, row.beat) for row in rows}
    return {study_id: holder for study_id, holder in holders.items() if holder.alive}
