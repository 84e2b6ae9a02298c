"""Lightning's Trainer for one epoch of a curve: quiet, without files of its own, and stopped after it."""

from __future__ import annotations

import importlib
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

_DEVICES = {"cuda": "gpu"}


class Watched:
    """What a trainer's callback saw of an epoch: the loss of each batch, and its rows."""

    def __init__(self) -> None:
        self._losses: list[tuple[float, int]] = []

    def mean_loss(self) -> float | None:
        """Return the mean loss over the rows, as seen while training; None where no step returned one."""
        rows = sum(count for _, count in self._losses)
        return sum(loss * count for loss, count in self._losses) / rows if rows else None

    def see(self, outputs: Any, batch: Any, parts: int) -> None:
        """Take in what a training step returned for a batch.

        parts: batches whose gradients make one step; Lightning tells each loss divided by their number.
        """
        loss = outputs.get("loss") if isinstance(outputs, Mapping) else outputs
        if isinstance(loss, Tensor):
            self._losses.append((float(loss.detach()) * parts, _rows(batch)))


def make_trainer(package: str, device: str, folder: str, options: Mapping[str, Any], watched: Watched) -> Any:
    """Return a trainer that trains until the end of an epoch, wherever it begins.

    It counts on for ever as far as it knows: a schedule that asks it for its length is told so.

    device: its kind, as cpu. folder: for files that it may want to write. options: of the task's own.
    """
    lightning = importlib.import_module(package)

    class OneEpoch(lightning.Callback):  # type: ignore[misc, name-defined]
        def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, index: int) -> None:
            watched.see(outputs, batch, trainer.accumulate_grad_batches)

        def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
            trainer.should_stop = True

        def on_save_checkpoint(self, trainer: Any, module: Any, checkpoint: dict[str, Any]) -> None:
            checkpoint.pop("hyper_parameters", None)  # what the module was made with: the task makes it anew

    quiet = {
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "num_sanity_val_steps": 0,
    }
    fixed = {
        "max_epochs": -1,
        "accelerator": _DEVICES.get(device, device),
        "devices": 1,
        "default_root_dir": folder,
        "callbacks": [OneEpoch(), *options.get("callbacks", ())],
    }
    return lightning.Trainer(**{**quiet, **options, **fixed})


@contextmanager
def hushed() -> Iterator[None]:
    """Keep what Lightning says of devices, workers and loggers from the user."""
    names = (
        *("lightning", "lightning.pytorch", "lightning.fabric", "pytorch_lightning", "lightning_fabric"),
        "lightning_utilities.core.rank_zero",
    )
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _rows(batch: Any) -> int:
    """Return the rows of a batch: the length of the first tensor in it."""
    if isinstance(batch, torch.Tensor):
        return len(batch) if batch.ndim else 1
    parts = (
        batch.values() if isinstance(batch, Mapping) else batch if isinstance(batch, (list, tuple)) else ()
    )
    return next((_rows(part) for part in parts if _rows(part)), 0)
