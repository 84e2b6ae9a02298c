"""Training once more when the search is over: on which rows, and how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

FinalRows: TypeAlias = Literal["training+validation", "training"]
FINAL_ROWS: tuple[FinalRows, ...] = ("training+validation", "training")

Updates: TypeAlias = Literal["same", "epochs"]
UPDATES: tuple[Updates, ...] = ("same", "epochs")
"""What stays as it was when there are more rows: the number of optimiser updates, or that of epochs."""

EXPORTS: tuple[str, ...] = ("torch", "onnx")
"""Programs that a trained network can be exported as."""

ONNX_PACKAGES = ("onnx", "onnxscript")
"""What torch needs to write ONNX; `pip install 'epochsearch[onnx]'` brings them."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Training on training and validation rows together: no curve of a search, and never in the ledger."""

    pace: float = 1.0  # epochs of the searched curve that one epoch here stands for in the schedule
