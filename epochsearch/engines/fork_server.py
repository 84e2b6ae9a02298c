"""The server that workers are forked from: it loads torch while the driver does other things.

Starting it is the first thing that a search does, so this module imports nothing that takes time.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext


def warm_up() -> None:
    """Start the fork server now, where there is one; harmless if it runs."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        multiprocessing.get_context("forkserver").set_forkserver_preload(["epochsearch.engines.preload"])
        with _no_module_from_here():
            resource_tracker.ensure_running()  # it lets SIGINT through again once it has started
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                forkserver.ensure_running()  # ignores SIGINT only once it has loaded torch
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def process_context() -> BaseContext:
    """Return the way to start workers: a fork server that has torch loaded where there is one, else spawn."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("forkserver")
    return multiprocessing.get_context("spawn")


@contextmanager
def _no_module_from_here() -> Iterator[None]:
    """Keep the current folder out of where a Python started meanwhile imports from.

    Started with code and no file, it would look there first: a task file called csv.py would stand for
    Python's csv. Workers are told the driver's folders later, so a task imports what it did there.
    """
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before
