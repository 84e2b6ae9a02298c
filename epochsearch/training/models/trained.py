"""The one thing that a trained model is, whatever library it is of: rows in, outputs out, and a file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from epochsearch.tasks.arrays import Array

Head: TypeAlias = Literal["softmax", "sigmoid", "values", "probabilities", "classes", "scores"]
"""What a model's outputs are: logits over classes, one logit a target, values in the units of the loss,
probabilities of classes, indexes of classes, or numbers that only the task's own loss understands."""


class TrainedModel(Protocol):
    """A model as it stands after its last epoch."""

    @property
    def kind(self) -> str:
        """Return "network" or "estimator"."""
        ...

    @property
    def head(self) -> Head:
        """Return what its outputs are."""
        ...

    @property
    def weights_file(self) -> str:
        """Return the name of the file that `write` makes."""
        ...

    @property
    def parameters(self) -> int:
        """Return how many numbers were trained; 0 where they are not counted."""
        ...

    def outputs(self, x: Array) -> Array:
        """Return what the model says of rows as it reads them: (rows, ...), in their order.

        The same rows in one call give the same bits in any process with as many threads.
        """
        ...

    def write(self, folder: Path) -> None:
        """Write its weights to `weights_file` in a folder.

        Raises:
            TaskError: They cannot be written in a format that is safe to read.
            OSError: The folder cannot be written.
        """
        ...

    def read(self, folder: Path) -> None:
        """Take the weights that `write` of a model of the same code left in a folder.

        Raises:
            TaskError: They do not fit this model.
            OSError: The folder cannot be read.
        """
        ...
