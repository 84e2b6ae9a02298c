"""A trained scikit-learn estimator, written by skops, which builds objects without running pickles."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from epochsearch.core.errors import TaskError
from epochsearch.tasks.arrays import Array
from epochsearch.training.models.trained import Head
from epochsearch.training.trusted import load_trusted


class Estimator:
    """A classifier or a regressor of scikit-learn's kind."""

    kind = "estimator"
    weights_file = "estimator.skops"

    def __init__(self, estimator: Any, head: Head, where: str, threads: int) -> None:
        """where: how a message names the task; threads: that its libraries may use."""
        self.estimator, self.head = estimator, head
        self._where, self._threads = f"{where} model()", threads

    @property
    def parameters(self) -> int:
        """Return how many coefficients and intercepts it has."""
        named = ("coef_", "intercept_", "coefs_", "intercepts_")
        found = [getattr(self.estimator, name, ()) for name in named]
        return sum(
            np.size(part) for parts in found for part in (parts if isinstance(parts, list) else [parts])
        )

    def outputs(self, x: Array) -> Array:
        """Return probabilities (rows, classes), class indexes (rows,) or values (rows, ...)."""
        asked = self.estimator.predict_proba if self.head == "probabilities" else self.estimator.predict
        limited = ThreadpoolController().limit(limits=self._threads)
        with limited, np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.asarray(asked(x.reshape(len(x), -1)))

    def write(self, folder: Path) -> None:
        """Write the whole estimator.

        Raises:
            OSError: The folder cannot be written.
        """
        from skops import io

        (folder / self.weights_file).write_bytes(io.dumps(self.estimator))

    def read(self, folder: Path) -> None:
        """Take the estimator in a folder; its type is the one that the task makes.

        Raises:
            TaskError: It is another, or holds types that are not trusted.
            OSError: It cannot be read.
        """
        found = load_trusted((folder / self.weights_file).read_bytes(), self.estimator, self._where)
        if type(found) is not type(self.estimator):
            rule = f"it holds a {type(found).__name__}, and {self._where} makes another kind"
            raise TaskError("MODEL", str(folder), rule, "Bring back the code it was trained with.")
        self.estimator = found
