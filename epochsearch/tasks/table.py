"""Recorded learning curves as a task: nothing is trained, every epoch is read from a table.

One row per epoch: `learning_rate,batch_size,seed,epoch,val_loss[,train_loss,val_accuracy,test_loss,seconds]`,
as CSV (plain, .gz or .xz) or Parquet; further hyperparameters as `param_NAME`; or a W&B or MLflow export. A
proposal is moved to the nearest recorded configuration. Where the curves have different lengths, those are
searched that make up the largest table of equally long ones.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from epochsearch.core.axis import Choices, Range
from epochsearch.core.curve import EpochReport
from epochsearch.core.errors import TaskError
from epochsearch.core.point import Configuration
from epochsearch.tasks.base import Task
from epochsearch.tasks.table_axes import apart, axis_of, recorded_values, span
from epochsearch.tasks.table_file import read_table

HUGE = 1e6  # times the median loss after one epoch: a curve that ends above it has diverged


class TableTask(Task):
    """Curves that somebody recorded; its default axes are what the table holds."""

    recorded = True

    def __init__(self, path: str | Path) -> None:
        """Read the table; `table:PATH` is its reference.

        Raises:
            NotFoundError: There is no such file.
            TaskError: It is not a table of learning curves.
        """
        self.path = Path(path).expanduser()
        self.reference = f"table:{self.path.as_posix()}"
        self.name = self.path.name.partition(".")[0] or self.path.name
        recorded = read_table(self.path)
        self._columns, self._extras = recorded.columns, recorded.extras
        self._huge = HUGE * abs(self.chance_loss) if math.isfinite(self.chance_loss) else math.inf
        self._curves, longest = self._long_enough(self._index())
        lowest, highest = min(self.learning_rates), max(self.learning_rates)
        self._decades = math.log(highest / lowest) or 1.0
        self.epochs = str(Range(max(1, longest // 10), longest, integer=True)) if longest > 1 else "1"
        self.learning_rate = str(Range(lowest, highest)) if lowest < highest else repr(lowest)
        self.batch_size = str(Choices(self.batch_sizes))
        further = recorded_values(self._curves)
        self.hyperparameters = {name: str(axis_of(values)) for name, values in further.items()}
        self._spans = {name: span(values) for name, values in further.items()}

    @property
    def configurations(self) -> tuple[Configuration, ...]:
        """All recorded configurations."""
        return tuple(self._curves)

    @property
    def learning_rates(self) -> tuple[float, ...]:
        """All recorded learning rates, rising."""
        return tuple(sorted({cell.learning_rate for cell in self._curves}))

    @property
    def batch_sizes(self) -> tuple[int, ...]:
        """All recorded batch sizes, rising."""
        return tuple(sorted({cell.batch_size for cell in self._curves}))

    @property
    def chance_loss(self) -> float:
        """The median over curves of the loss after one epoch; NaN if none is finite."""
        first = self._columns["val_loss"][self._columns["epoch"] == 1]
        first = first[np.isfinite(first)]
        return float(np.median(first)) if len(first) else math.nan

    @property
    def recorded_metrics(self) -> tuple[str, ...]:
        """The names of the metrics that its epochs have."""
        return tuple(name.removeprefix("val_") for name in self._columns if _is_metric(name))

    def snap(self, configuration: Configuration) -> Configuration:
        """Return the nearest recorded configuration: first by batch size, in the logarithm.

        Then by learning rate in the logarithm; with further hyperparameters by the distance over all of them,
        each in parts of its range, a word being as far as the range is wide.
        """
        if configuration in self._curves:
            return configuration
        batch_size = int(_nearest(configuration.batch_size, {cell.batch_size for cell in self._curves}))
        cells = [cell for cell in self._curves if cell.batch_size == batch_size]
        if not self.hyperparameters:
            rate = _nearest(configuration.learning_rate, {cell.learning_rate for cell in cells})
            return Configuration(rate, batch_size, configuration.extras)
        return min(cells, key=lambda cell: self._distance(cell, configuration))

    def recorded_seeds(self, configuration: Configuration) -> tuple[int, ...]:
        """Return the seeds recorded at the configuration nearest to this one, rising."""
        return tuple(self._seeds(configuration))

    def reports(self, configuration: Configuration, seed: int) -> tuple[EpochReport, ...]:
        """Return the whole curve at the nearest recorded configuration.

        seed: any whole number; the recorded seeds stand in a row and are taken round and round. A table
        without `train_loss` repeats the validation loss there; one without `seconds` says 0.0. Losses of a
        curve that ends above HUGE times the usual loss after one epoch are infinite from where they stay
        there.
        """
        rows = self._rows(configuration, seed)
        values = {name: column[rows].tolist() for name, column in self._columns.items()}
        losses = self._diverged(values["val_loss"])
        metrics = {name.removeprefix("val_"): column for name, column in values.items() if _is_metric(name)}
        return tuple(
            EpochReport(
                epoch=int(epoch),
                train_loss=values["train_loss"][i] if "train_loss" in values else losses[i],
                val_loss=losses[i],
                seconds=values["seconds"][i] if "seconds" in values else 0.0,
                metrics=tuple((name, column[i]) for name, column in metrics.items()),
            )
            for i, epoch in enumerate(values["epoch"])
        )

    def test_losses(self, configuration: Configuration, seed: int) -> tuple[float, ...] | None:
        """Return the recorded test loss of each epoch, if there is any. For the final evaluation only."""
        if "test_loss" not in self._columns:
            return None
        return tuple(self._columns["test_loss"][self._rows(configuration, seed)].tolist())

    def _rows(self, configuration: Configuration, seed: int) -> slice:
        seeds = self._seeds(configuration)
        return list(seeds.values())[seed % len(seeds)]

    def _seeds(self, configuration: Configuration) -> dict[int, slice]:
        cell = self.snap(configuration)
        return self._curves[
            cell if self.hyperparameters else Configuration(cell.learning_rate, cell.batch_size)
        ]

    def _diverged(self, losses: list[float]) -> list[float]:
        end = len(losses)
        while end and not losses[end - 1] <= self._huge:
            end -= 1
        return losses[:end] + [loss if math.isnan(loss) else math.inf for loss in losses[end:]]

    def _index(self) -> dict[Configuration, dict[int, slice]]:
        """Return where each curve lies in the sorted columns: configuration -> seed -> rows."""
        names = ("learning_rate", "batch_size", "combination", "seed")
        keys = np.stack([self._columns[name] for name in names], axis=1)
        starts = np.flatnonzero(np.r_[True, (keys[1:] != keys[:-1]).any(axis=1)])
        curves: dict[Configuration, dict[int, slice]] = {}
        for start, stop in zip(starts.tolist(), [*starts.tolist()[1:], len(keys)], strict=True):
            rate, size, combination, seed = keys[start].tolist()
            self._check_epochs(start, stop, f"{rate:g}, {int(size)}, {int(seed)}")
            cell = Configuration(rate, int(size), self._extras[int(combination)])
            curves.setdefault(cell, {})[int(seed)] = slice(start, stop)
        return curves

    def _long_enough(
        self, curves: dict[Configuration, dict[int, slice]]
    ) -> tuple[dict[Configuration, dict[int, slice]], int]:
        """Return the curves that are searched, and how many epochs all of them have.

        A curve that diverged has an end that is known, however short it is.
        """
        losses = self._columns["val_loss"]
        lengths = [
            rows.stop - rows.start if losses[rows.stop - 1] <= self._huge else math.inf
            for seeds in curves.values()
            for rows in seeds.values()
        ]
        real = sorted({int(length) for length in lengths if length < math.inf})
        if not real:
            return curves, int(self._columns["epoch"].max())
        longest = max(real, key=lambda epochs: epochs * sum(length >= epochs for length in lengths))
        kept = {
            cell: {
                seed: rows
                for seed, rows in seeds.items()
                if rows.stop - rows.start >= longest or not losses[rows.stop - 1] <= self._huge
            }
            for cell, seeds in curves.items()
        }
        return {cell: seeds for cell, seeds in kept.items() if seeds}, longest

    def _distance(self, cell: Configuration, asked: Configuration) -> float:
        step = math.log(cell.learning_rate) - math.log(asked.learning_rate)
        total = (step / self._decades) ** 2
        wanted = dict(asked.extras)
        for name, value in cell.extras:
            total += apart(value, wanted.get(name), self._spans[name]) ** 2
        return total

    def _check_epochs(self, start: int, stop: int, cell: str) -> None:
        epochs = self._columns["epoch"][start:stop]
        expected = np.arange(1, stop - start + 1)
        if (epochs == expected).all():
            return
        wrong = int(np.flatnonzero(epochs != expected)[0])
        repeated = wrong > 0 and epochs[wrong] == epochs[wrong - 1]
        rule = (
            "an epoch of a curve must stand there once"
            if repeated
            else "epochs must run 1, 2, 3 without a gap"
        )
        given = f"epoch {int(epochs[wrong])} {'twice' if repeated else f'where {wrong + 1} was expected'}"
        given += f" at learning_rate, batch_size, seed = {cell}"
        raise TaskError(self.reference, given, rule, "Correct those rows.")


def _is_metric(column: str) -> bool:
    return column.startswith("val_") and column != "val_loss"


def _nearest(value: float, recorded: set[float] | set[int]) -> float | int:
    """Return the recorded value nearest in the logarithm, the lower one of two as near."""
    return min(sorted(recorded), key=lambda candidate: abs(math.log(candidate) - math.log(value)))
