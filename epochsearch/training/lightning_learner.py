"""A curve of a LightningModule: Lightning's own Trainer, one epoch after the other from the last state.

The module trains as it is: its steps, optimisers, schedulers and hooks are those that it defines. A trainer
is made anew for each epoch and does not know how many are planned, so that the prefix law can hold.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset

from epochsearch.core.curve import CurveIdentity, EpochReport, SealedScore
from epochsearch.core.errors import EpochsearchError, TaskError
from epochsearch.core.final import Whole
from epochsearch.core.measure import Weights
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import place
from epochsearch.tasks.models import lightning_of
from epochsearch.tasks.prepared import Part, data_of, sealed_part
from epochsearch.tasks.raw import raw_data
from epochsearch.training.batches import batch_sizes
from epochsearch.training.loaders import loading
from epochsearch.training.metrics import Named
from epochsearch.training.models.network import Network
from epochsearch.training.models.trained import Head
from epochsearch.training.sealed_rows import SealedRows
from epochsearch.training.seeding import batch_seed, seed_libraries
from epochsearch.training.self_trained import check_asked, check_recipe
from epochsearch.training.trainers import Watched, hushed, make_trainer

_PARTS = {"val": ("val_", "valid_", "validation_", "val/", "valid/"), "test": ("test_", "test/")}
_EVALUATION_ROWS = 1024


class LightningLearner:
    """The learner of a LightningModule, on a datamodule or on any other data of a task."""

    def __init__(self, task: Task, identity: CurveIdentity, module: Any, whole: Whole | None = None) -> None:
        """module: freshly initialised, under the seed of epoch 0.

        whole: train on training and validation rows together.

        Raises:
            TaskError: Something is asked for that only the tool's own training could do, or the module or the
                datamodule cannot be told the learning rate or the batch size.
        """
        check_recipe(task, identity, module)
        self._task, self._identity, self._module = task, identity, module
        self._where = f"{place(task)} {type(module).__name__}"
        self._datamodule = raw_data(task).datamodule
        self._whole = whole is not None
        self._data = data_of(task, identity, final=self._whole)
        self._other_rows = self._has_other_rows()
        self._tell_rate()
        self._state: dict[str, Any] = {}
        self._epoch = 0

    def run_epoch(self) -> EpochReport:
        """Train one more epoch and return its report.

        Raises:
            TaskError: The trainer or the module raised an exception, or logged no validation loss.
        """
        started = time.perf_counter()
        epoch = self._epoch + 1
        seed_libraries(self._identity.seed, self._identity.fold, epoch)
        watched = Watched()
        with tempfile.TemporaryDirectory(prefix="epochsearch-") as folder:
            file = Path(folder) / "state.ckpt"
            if self._state:
                torch.save(self._state, file)
            data, before = self._fitting(epoch), str(file) if self._state else None
            trainer = self._run(
                folder,
                watched,
                lambda one: one.fit(self._module, **data, ckpt_path=before, weights_only=True),
            )
            trainer.save_checkpoint(file, weights_only=False)  # unsaid, Lightning logs a line about it
            self._state = self._loaded(file)
        logged = {str(name): float(value) for name, value in trainer.callback_metrics.items()}
        val_loss, metrics = self._scored(logged, "val", "validation_step")
        check_asked(self._identity, metrics, f"{self._where}.validation_step()")
        train_loss = watched.mean_loss()
        if train_loss is None:
            train_loss = logged.get("train_loss", logged.get("train_loss_epoch"))
        if train_loss is None:
            rule = "a step must return its loss, or log it as train_loss"
            raise TaskError(f"{self._where}.training_step()", "", rule, "End it with: return loss")
        self._epoch = epoch
        return EpochReport(epoch, train_loss, val_loss, time.perf_counter() - started, metrics)

    def test(self, weights: Weights = "raw") -> SealedScore | None:
        """Return what its test step says of the sealed test part, None if there is no such part.

        Raises:
            TaskError: It has no test step, or that logged no loss.
        """
        if self._datamodule:
            if not self._datamodule.parts[2]:
                return None
            data = {"datamodule": self._datamodule.given}
        else:
            part = sealed_part(self._task, self._identity, final=self._whole)
            if part is None:
                return None
            data = {"dataloaders": _in_order(part)}
        seed_libraries(self._identity.seed, self._identity.fold, self._epoch)
        with tempfile.TemporaryDirectory(prefix="epochsearch-") as folder:
            trainer = self._run(folder, Watched(), lambda one: one.test(self._module, **data, verbose=False))
        logged = {str(name): float(value) for name, value in trainer.callback_metrics.items()}
        return SealedScore(*self._scored(logged, "test", "test_step"))

    def test_rows(self, weights: Weights = "raw") -> SealedRows | None:
        """Return None: it tells one number for all rows."""
        return None

    def trained(self, weights: Weights = "raw") -> Network:
        """Return the module after the last epoch, to predict with: its `forward` says what of."""
        return Network(self._module, self._head(), place(self._task))

    def freeze(self) -> bytes:
        """Return Lightning's checkpoint of the last epoch; it loads with weights_only=True."""
        buffer = io.BytesIO()
        torch.save({"epoch": self._epoch, "lightning": self._state}, buffer)
        return buffer.getvalue()

    def thaw(self, state: bytes) -> None:
        """Put back a state that `freeze` returned."""
        saved = torch.load(io.BytesIO(state), weights_only=True)
        self._epoch, self._state = saved["epoch"], saved["lightning"]
        if self._state:
            self._module.load_state_dict(self._state["state_dict"])

    def _run(self, folder: str, watched: Watched, act: Callable[[Any], Any]) -> Any:
        """Return the trainer after it has done what `act` asks of it."""
        package, device = lightning_of(self._module), self._identity.device.split("-")[0]
        assert package is not None
        with hushed():
            try:
                trainer = make_trainer(package, device, folder, self._task.trainer, watched)
                act(trainer)
            except EpochsearchError:
                raise
            except Exception as error:
                said = str(error).strip().splitlines()
                given = f"raised {type(error).__name__}: {said[0] if said else ''}"
                rule = "Lightning's trainer must be able to train it"
                raise TaskError(self._where, given, rule, "Correct the module.") from error
        return trainer

    def _loaded(self, file: Path) -> dict[str, Any]:
        """Return the checkpoint that was just written; its parts are numbers and texts."""
        try:
            state: dict[str, Any] = torch.load(file, weights_only=True)
        except Exception as error:
            rule = "its checkpoint must hold tensors, numbers and texts only, to be safe to read"
            said = "on_save_checkpoint() or a scheduler adds something else"
            raise TaskError(self._where, said, rule, "Save plain values.") from error
        return state

    def _scored(self, logged: dict[str, float], part: str, step: str) -> tuple[float, Named]:
        """Return the loss and the metrics among what was logged of a part, by their names without it."""
        found = {
            name.removeprefix(start): value
            for start in _PARTS[part]
            for name, value in logged.items()
            if name.startswith(start)
        }
        if "loss" not in found:
            given = f"logged {', '.join(sorted(logged)) or 'nothing'}"
            rule = f"the loss of a part is read from what {step}() logs"
            action = f'Log it there: self.log("{part}_loss", loss)'
            raise TaskError(self._where, given, rule, action)
        named = {{"acc": "accuracy"}.get(name, name): value for name, value in found.items()}
        return named.pop("loss"), tuple(sorted(named.items()))

    def _fitting(self, epoch: int) -> dict[str, Any]:
        """Return what the trainer is to train and validate on: the datamodule, or loaders."""
        size = self._identity.configuration.batch_size
        train, validation = self._data.train, self._data.validation
        order = batch_seed(self._identity.seed, self._identity.fold, epoch)
        if self._datamodule:
            given = self._datamodule.with_batch_size(size, f"{place(self._task)} data()")
            if self._other_rows:
                judged = _dataset(validation) if self._identity.folds > 1 else None
                given = loading(given, _dataset(train), judged, order)
            return {"datamodule": given}
        rows = torch.randperm(train.rows, generator=torch.Generator().manual_seed(order))
        batches = [some.tolist() for some in torch.split(rows, batch_sizes(train.rows, size))]
        loader = DataLoader(_dataset(train), batch_sampler=batches)
        return {"train_dataloaders": loader, "val_dataloaders": _in_order(validation)}

    def _has_other_rows(self) -> bool:
        """Return whether it trains on other rows than those of its datamodule's training part.

        Raises:
            TaskError: It does, and the datamodule's loaders draw rows in a way of their own.
        """
        if self._datamodule is None:
            return False
        folds, few = self._identity.folds > 1, self._data.train.rows != self._datamodule.parts[0]
        obstacle = self._datamodule.obstacle(folds=False) if few else None
        if obstacle and not folds:  # folds were not made where there is one
            raise TaskError(place(self._task), f"on {self._data.train.rows} rows", *obstacle)
        return folds or few

    def _tell_rate(self) -> None:
        """Give the module the learning rate where it keeps it, unless the task's `model` does that.

        Raises:
            TaskError: Nobody tells it.
        """
        from inspect import signature

        if "learning_rate" in signature(self._task.model).parameters:
            return
        rate, told = self._identity.configuration.learning_rate, False
        for holder in (self._module, getattr(self._module, "hparams", None)):
            for name in ("learning_rate", "lr"):
                if holder is not None and hasattr(holder, name):
                    setattr(holder, name, rate)
                    told = True
        if not told:
            rule = "it must be told the learning rate, and has no attribute learning_rate or lr"
            action = "Name it in the task: def model(self, learning_rate)"
            raise TaskError(self._where, "", rule, action)

    def _head(self) -> Head:
        """Return what its outputs are, as far as they and the targets tell."""
        x = next(iter(DataLoader(_dataset(self._data.validation), batch_size=2)))[0]
        self._module.eval()
        with torch.no_grad():
            outputs = self._module(x)
        if self._data.target == "values":
            return "values"
        fits = self._data.target == "classes" and outputs.ndim == 2 and outputs.shape[1] >= self._data.outputs
        return "softmax" if fits else "scores"


def _in_order(part: Part) -> DataLoader[Any]:
    return DataLoader(_dataset(part), batch_size=_EVALUATION_ROWS)


def _dataset(part: Part) -> Dataset[Any]:
    if part.y is None:
        rows: Dataset[Any] = part.x
        return rows
    return TensorDataset(torch.as_tensor(part.x), torch.as_tensor(part.y))
