"""Data by scikit-learn's fetchers: from its cache, else from the network, by its checksums in both cases."""

from __future__ import annotations

import logging
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, TypeVar
from urllib.error import URLError

import numpy as np

from epochsearch.core.errors import TaskError, first_line
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.datasets.places import missing, scikit_learn_home

Fetched = TypeVar("Fetched")
SECONDS = 60.0  # without an answer, after which a network counts as absent
QUIET = 2.0  # seconds; a cache is read in less, so whoever waits longer is told for what
LOG = logging.getLogger("epochsearch")


def fetched(name: str, fetch: Callable[[], Fetched]) -> Fetched:
    """Return what a fetcher of scikit-learn returns for the data set `name`.

    Raises:
        TaskError: They are not in its cache and the network has them not, or they are not what was published.
    """
    try:
        with _patience(), _told(name):
            return fetch()
    except OSError as error:  # the network's errors are among them
        raise missing(name, _in_words(error)) from error
    except ValueError as error:
        said = first_line(error)
        raise TaskError(f"scikit-learn's {name}", "", said, "Remove it from that cache.") from error


def fetched_images(name: str, number: int, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Return pixels (rows, *shape) and classes (rows,) of a data set of OpenML as uint8, in its order.

    number: of the data set at OpenML. shape: of one image.

    Raises:
        TaskError: They are neither in the cache nor to be had, or are of another shape.
    """
    from sklearn.datasets import fetch_openml

    options: dict[str, Any] = {"data_id": number, "as_frame": False, "return_X_y": True, "n_retries": 1}
    if find_spec("pandas"):  # several times faster; whole numbers as classes trip it up unless it is told
        options |= {"parser": "pandas", "read_csv_kwargs": {"dtype": np.uint8}}
    else:
        options |= {"parser": "liac-arff"}
    pixels, classes = fetched(name, lambda: fetch_openml(**options))
    if pixels.ndim != 2 or pixels.shape[1] != np.prod(shape):
        rule = f"an image must have {np.prod(shape)} numbers"
        given = f"has the shape {pixels.shape}"
        raise TaskError(f"OpenML's {name}", given, rule, "Remove it from scikit-learn's cache.")
    return pixels.astype(np.uint8).reshape(-1, *shape), classes.astype(np.uint8)


def _in_words(error: OSError) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return str(said).splitlines()[0].rstrip(".")


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Say what is waited for, and where it is kept, if it takes long."""
    said = f"{name} is being fetched by scikit-learn; it is kept in {scikit_learn_home()}"
    timer = threading.Timer(QUIET, LOG.info, [said])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _patience() -> Iterator[None]:
    """Do not wait for ever on a network that does not answer, and leave it to the error to tell of it."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SECONDS)
    try:
        with warnings.catch_warnings():
            for begins in ("A network error occurred", "Retry downloading", "Invalid cache"):
                warnings.filterwarnings("ignore", message=begins)
            yield
    finally:
        socket.setdefaulttimeout(before)
