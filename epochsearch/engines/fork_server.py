"""The server that workers are forked from: it loads torch while the driver does other things.

Starting it is the first thing that a search does, so this module imports nothing that takes time.
"""

from __future__ import annotations

import multiprocessing
import signal
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext


def warm_up() -> None:
    """Start the fork server now, where there is one; harmless if it runs."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        multiprocessing.get_context("forkserver").set_forkserver_preload(["epochsearch.engines.preload"])
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
