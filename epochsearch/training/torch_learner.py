"""A curve of an nn.Module: one pass over the training rows, one over the validation rows, the frozen state.

Each epoch begins by seeding every random source (law 2), so the state is the weights and buffers, the
optimiser's moments, the schedule's memory and the epoch's number: no generator has to be kept.
"""

from __future__ import annotations

import copy
import io
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from epochsearch.core.curve import CurveIdentity, EpochReport, SealedScore
from epochsearch.core.errors import TaskError
from epochsearch.core.final import Whole
from epochsearch.core.measure import AVERAGE, Weights
from epochsearch.core.raised import placed_line
from epochsearch.tasks.base import Task
from epochsearch.tasks.kept import kept_for
from epochsearch.tasks.losses import place
from epochsearch.tasks.models import recipe_in_force
from epochsearch.tasks.prepared import Part, Prepared, data_of, sealed_part
from epochsearch.tasks.treatment import treatment_of
from epochsearch.training.augmentation import make_change
from epochsearch.training.average import Average
from epochsearch.training.batch_loss import batch_loss
from epochsearch.training.batches import DatasetSource, Source, TensorSource, batch_sizes
from epochsearch.training.denormals import flushed_denormals
from epochsearch.training.evaluation import (
    Loss,
    choose_loss,
    evaluate,
    evaluate_rows,
    head_of,
    rows_at_once,
)
from epochsearch.training.layer_rates import LayerRates
from epochsearch.training.metrics import MetricSet
from epochsearch.training.models.network import Network
from epochsearch.training.optimisers import make_optimiser
from epochsearch.training.schedules import Schedule
from epochsearch.training.sealed_rows import SealedRows
from epochsearch.training.seeding import batch_seed, seed_libraries
from epochsearch.training.step import Step
from epochsearch.training.training_loss import training_loss
from epochsearch.training.transformers_model import as_read, says_sequences


class TorchLearner:
    """The learner of a model that is an nn.Module."""

    def __init__(
        self, task: Task, identity: CurveIdentity, model: nn.Module, whole: Whole | None = None
    ) -> None:
        """model: freshly initialised, under the seed of epoch 0.

        whole: train on training and validation rows together.

        Raises:
            TaskError: The model does not fit the data.
        """
        device = torch.device(identity.device.split("-")[0])
        self._task, self._identity, self._device = task, identity, device
        self._whole = whole is not None
        self._data = data_of(task, identity, final=self._whole)
        self._model = model.to(device)
        self._train, self._validation = (self._source(name) for name in ("train", "validation"))
        self._recipe = recipe_in_force(task, identity.recipe, identity.configuration)
        self._metrics = MetricSet(task, identity.metrics, self._data)
        self._loss, self._rows_at_once = _fitting_loss(task, self._data, self._model, self._train)
        wanted = training_loss(task, self._data, self._loss, self._recipe, device)
        self._batch_loss = batch_loss(task, self._model, wanted, self._recipe)
        self._rates = LayerRates(task, self._model)
        self._optimiser = make_optimiser(
            self._rates.groups(), self._recipe.optimiser, identity.configuration.learning_rate
        )
        self._schedule = Schedule(self._recipe.schedule, identity.length)
        self._pace = whole.pace if whole else 1.0
        self._steps = len(batch_sizes(self._train.rows, identity.configuration.batch_size))
        self._change = make_change(task, self._recipe, self._data, self._train)
        horizon = self._recipe.average * self._steps
        self._average = Average(self._model, horizon, self._recipe.average_norms) if horizon else None
        self._epoch = 0

    @flushed_denormals()
    def run_epoch(self) -> EpochReport:
        """Train one more epoch and return its report."""
        started = time.perf_counter()
        epoch = self._epoch + 1
        seed_libraries(self._identity.seed, self._identity.fold, epoch)
        train_loss, gradient_norm = self._train_epoch(epoch)
        val_loss, metrics = self._evaluated(self._validation)
        average_loss = None
        if self._average:
            with self._with("average"):
                average_loss, more = self._evaluated(self._validation)
            metrics += tuple((f"{AVERAGE}{name}", value) for name, value in more)
        self._schedule.epoch_ended(val_loss)
        self._epoch = epoch
        seconds = time.perf_counter() - started
        return EpochReport(epoch, train_loss, val_loss, seconds, metrics, average_loss, gradient_norm)

    def test(self, weights: Weights = "raw") -> SealedScore | None:
        """Return the score on the sealed test part, None if the split leaves no rows for it."""
        source = self._sealed()
        if source is None:
            return None
        with self._with(weights):
            return SealedScore(*self._evaluated(source))

    def test_rows(self, weights: Weights = "raw") -> SealedRows | None:
        """Return the same row by row."""
        source = self._sealed()
        if source is None:
            return None
        with self._with(weights):
            return evaluate_rows(
                self._model, source, self._loss, self._data, self._metrics, self._rows_at_once
            )

    def trained(self, weights: Weights = "raw") -> Network:
        """Return the module after the last epoch, to predict with."""
        with self._with(weights):
            model = copy.deepcopy(self._model) if weights == "average" else self._model
        head = "classes" if says_sequences(model) else head_of(self._loss, self._data)
        return Network(model, head, place(self._task))

    def freeze(self) -> bytes:
        """Return the state after the last epoch in torch.save's format; it loads with weights_only=True."""
        buffer = io.BytesIO()
        state = {
            "epoch": self._epoch,
            "model": self._model.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state(),
            **({"average": self._average.state()} if self._average else {}),
        }
        torch.save(state, buffer)
        return buffer.getvalue()

    def thaw(self, state: bytes) -> None:
        """Put back a state that `freeze` returned."""
        saved = torch.load(io.BytesIO(state), weights_only=True)
        self._model.load_state_dict(saved["model"])
        self._optimiser.load_state_dict(_with_interned_names(saved["optimiser"]))
        self._schedule.restore(saved["schedule"])
        if self._average:
            self._average.restore(saved["average"])
        self._epoch = saved["epoch"]

    def _train_epoch(self, epoch: int) -> tuple[float, float | None]:
        """Return the mean training loss over the examples, as seen while training, and the largest norm."""
        step = Step(self._batch_loss, self._optimiser, self._recipe, self._average)
        size = self._identity.configuration.batch_size
        order = batch_seed(self._identity.seed, self._identity.fold, epoch)
        self._rates.begin(1 + int((epoch - 1) * self._pace))
        self._set_rate(epoch - 1.0)
        rate_changes = self._schedule.by_step or self._pace != 1.0
        self._model.train()
        self._rates.freeze()
        losses: list[Tensor] = []
        for number, (x, y) in enumerate(self._train.shuffled(size, order, self._change)):
            if rate_changes:
                self._set_rate(epoch - 1.0 + number / self._steps)
            losses.append(step.take(x, y))
        weights = torch.tensor(batch_sizes(self._train.rows, size), dtype=torch.float64)
        mean = float(torch.stack(losses).double().cpu() @ weights) / self._train.rows
        return mean, step.largest_norm()

    def _source(self, name: str) -> Source:
        """Return the part called `name` as batches; tensors are made once for prepared data."""
        part: Part = getattr(self._data, name)
        if self._data.lazy:
            return DatasetSource(part, self._device)
        made = kept_for(self._task, treatment_of(self._task, self._identity))
        key = ("tensors", id(self._data), name, self._device, says_sequences(self._model))
        if key not in made:
            lengths = _lengths(self._task, part)
            made[key] = TensorSource(as_read(self._model, part), self._device, lengths)
        source: TensorSource = made[key]
        return source

    def _sealed(self) -> Source | None:
        """Return the test part, its random draws as if nobody had looked before; None if there is none."""
        part = sealed_part(self._task, self._identity, final=self._whole)
        if part is None:
            return None
        seed_libraries(self._identity.seed, self._identity.fold, self._epoch)
        if self._data.lazy:
            return DatasetSource(part, self._device)
        return TensorSource(as_read(self._model, part), self._device)

    def _evaluated(self, source: Source) -> tuple[float, tuple[tuple[str, float], ...]]:
        """Return the loss over the rows of `source` and the metrics."""
        return evaluate(self._model, source, self._loss, self._data, self._metrics, self._rows_at_once)

    def _with(self, weights: Weights) -> AbstractContextManager[None]:
        """Return a block in which the model has these weights."""
        if weights != "average":
            return nullcontext()
        assert self._average is not None, "the curve averages no weights"
        return self._average.in_place(self._train)

    def _set_rate(self, progress: float) -> None:
        rate = self._identity.configuration.learning_rate * self._schedule.factor(progress * self._pace)
        for group, share in zip(self._optimiser.param_groups, self._rates.shares(), strict=True):
            group["lr"] = rate * share


def _with_interned_names(saved: dict[str, Any]) -> dict[str, Any]:
    """Return an optimiser's state under the very strings that weights which join later get.

    A frozen state then has the same bytes, whether or not its curve was ever thawed.
    """
    state = {
        index: {sys.intern(name): value for name, value in values.items()}
        for index, values in saved["state"].items()
    }
    return {**saved, "state": state}


def _lengths(task: Task, part: Part) -> Tensor | None:
    """Return the lengths of the rows of a part, if the task tells them.

    Raises:
        TaskError: There is not one for each row.
    """
    given = task.lengths(part.x)
    if given is None:
        return None
    lengths = torch.as_tensor(given)
    if lengths.shape != (part.rows,):
        shown = f"returned shape {tuple(lengths.shape)} for {part.rows} rows"
        raise TaskError(f"{place(task)} lengths()", shown, "must be one number a row", "Return one for each.")
    return lengths


def _fitting_loss(task: Task, data: Prepared, model: nn.Module, train: Source) -> tuple[Loss, int]:
    """Return the loss, chosen on the outputs for two rows, and how many rows an evaluation has at once.

    Lazily built layers take their shapes here.

    Raises:
        TaskError: The model has no weights to train, cannot read the inputs, or returns no tensor.
    """
    where = place(task)
    x, y = next(iter(train.ordered(2)))
    model.eval()
    try:
        with torch.no_grad():
            outputs = model(x)
    except Exception as error:
        given = f"model({tuple(x.shape)} {str(x.dtype).removeprefix('torch.')})"
        rule = f"the model does not take the task's inputs: {placed_line(error)}"
        action = "Make the first layer fit: model(self, inputs) is told how many there are."
        raise TaskError(where, given, rule, action) from error
    if not isinstance(outputs, Tensor):
        given = f"model returned a {type(outputs).__name__}"
        raise TaskError(where, given, "it must return one tensor", "Return the outputs alone from forward.")
    if not any(weight.requires_grad for weight in model.parameters()):
        raise TaskError(
            where, type(model).__name__, "the model has no weights to train", "Check its `parameters()`."
        )
    return choose_loss(task, data, outputs, y), rows_at_once(outputs, len(y))
