"""Epochs and checkpoints of curves that were noted and are not yet in the ledger."""

from __future__ import annotations

from sqlalchemy import Connection

from epochsearch.core.curve import CurveIdentity, EpochReport
from epochsearch.store.checkpoints import Checkpoint
from epochsearch.store.ledger import Ledger


class CurveBuffer:
    """Keeps what is noted until it is told that it has been committed."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._reports: list[tuple[CurveIdentity, EpochReport]] = []
        self._checkpoints: list[tuple[CurveIdentity, Checkpoint]] = []

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return bool(self._reports or self._checkpoints)

    def extend(self, identity: CurveIdentity, report: EpochReport) -> None:
        """Note an epoch that a curve has gained; one that is there already stays as it is."""
        self._reports.append((identity, report))

    def checkpoint(self, identity: CurveIdentity, checkpoint: Checkpoint) -> None:
        """Note a checkpoint that a worker has written."""
        self._checkpoints.append((identity, checkpoint))

    def write(self, connection: Connection) -> list[str]:
        """Write all of it; return the checkpoint files that nobody owns once it is committed."""
        ledger = self._ledger
        rows = [(ledger.curve_id(connection, identity), report) for identity, report in self._reports]
        ledger.extend(connection, rows)
        stale: list[str] = []
        for identity, checkpoint in self._checkpoints:
            stale += ledger.record(connection, ledger.curve_id(connection, identity), checkpoint)
        if ledger.over_budget():
            stale += ledger.shrink(connection)
        return stale

    def clear(self) -> None:
        """Forget what is in the ledger now."""
        self._reports.clear()
        self._checkpoints.clear()
