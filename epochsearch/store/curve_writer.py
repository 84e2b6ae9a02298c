"""Writing curves that no trial is read on: what is trained beside a search is the ledger's all the same."""

from __future__ import annotations

import time

from epochsearch.core.curve import CurveIdentity, EpochReport
from epochsearch.store.checkpoints import Checkpoint, remove_files
from epochsearch.store.curve_buffer import CurveBuffer
from epochsearch.store.database import Database
from epochsearch.store.ledger import Ledger

FLUSH_SECONDS = 0.5


class CurveWriter:
    """Buffers epochs and checkpoints; `flush` writes them together."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database, self._ledger = database, ledger
        self._curves = CurveBuffer(ledger)
        self._last = time.monotonic()

    def extend(self, identity: CurveIdentity, report: EpochReport) -> None:
        """Note an epoch that a curve has gained; one that is there already stays as it is."""
        self._curves.extend(identity, report)

    def checkpoint(self, identity: CurveIdentity, checkpoint: Checkpoint) -> None:
        """Note a checkpoint that a worker has written."""
        self._curves.checkpoint(identity, checkpoint)

    @property
    def due(self) -> bool:
        """Whether the last flush is long enough ago."""
        return time.monotonic() - self._last >= FLUSH_SECONDS

    def flush(self) -> None:
        """Write everything noted so far in one transaction.

        Raises:
            StorageError: The database cannot be written; what was noted is kept.
        """
        self._last = time.monotonic()
        if not self._curves:
            return
        try:
            with self._database.writing() as connection:
                stale = self._curves.write(connection)
        except BaseException:
            self._ledger.forget_rows()
            raise
        self._curves.clear()
        remove_files(self._database.checkpoint_folder, stale)
