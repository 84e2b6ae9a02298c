"""What one configuration, seed and fold gives, epoch by epoch, and the identity under which it is kept."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from epochsearch.core.choice import Choice, Scalar
from epochsearch.core.point import Configuration
from epochsearch.core.recipe import Recipe


@dataclass(frozen=True, slots=True)
class EpochReport:
    """One epoch of one curve."""

    epoch: int  # 1-based: passes over the training data completed
    train_loss: float  # mean over examples, as seen while training
    val_loss: float  # mean over examples, after the epoch
    seconds: float  # wall time of this epoch, evaluation included
    metrics: tuple[tuple[str, float], ...] = ()  # on the validation part, by name
    average_loss: float | None = None  # as val_loss, of the averaged weights; None: no averaged weights
    gradient_norm: float | None = None  # largest over the epoch's steps; None: not measured
    memory_bytes: int | None = None  # its peak, of the process (on CUDA of the device); None: not measured

    @property
    def finite(self) -> bool:
        """Whether both losses are finite; a curve that is not has diverged and ends here."""
        return math.isfinite(self.train_loss) and math.isfinite(self.val_loss)

    def same_values(self, other: EpochReport) -> bool:
        """Return whether the two agree bit for bit in all but the time and the memory they took.

        The sign of a zero does not count: SQLite keeps none.
        """
        return _comparable(self) == _comparable(other)


@dataclass(frozen=True, slots=True)
class SealedScore:
    """What a curve's state scores on the sealed test part."""

    loss: float  # mean over examples
    metrics: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class CurveIdentity:
    """Everything that determines a curve: change any of it and it is another curve."""

    task: str
    fingerprint: str  # of the task's code and data and of the training code
    configuration: Configuration
    recipe: Recipe
    seed: int
    fold: int  # 0-based
    folds: int  # 1: the fixed validation part, no cross-validation
    device: str  # kind of device and its arithmetic, as "cpu-x86_64-avx512"
    torch: str  # version
    threads: int  # per worker
    length: int | None = None  # planned epochs, only where the schedule depends on them
    metrics: tuple[str, ...] = ()  # that its epochs hold, if others than the task's own were asked for

    @property
    def key(self) -> str:
        """SHA-256 over the canonical JSON of all fields, 64 hexadecimal digits."""
        return _key(self)

    @property
    def canonical(self) -> str:
        """All fields as JSON with sorted keys; without those that say nothing and were added later."""
        fields = asdict(self)
        if not self.metrics:
            del fields["metrics"]
        kept = {"optimiser", "schedule", *self.recipe.techniques}
        fields["recipe"] = {name: value for name, value in fields["recipe"].items() if name in kept}
        return json.dumps(fields, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_canonical(cls, text: str) -> CurveIdentity:
        """Return the identity that `canonical` wrote."""
        fields = json.loads(text)
        fields["configuration"] = Configuration(
            **{**fields["configuration"], "extras": _pairs(fields["configuration"]["extras"])}
        )
        choices = {
            kind: Choice(fields["recipe"][kind]["name"], _pairs(fields["recipe"][kind]["options"]))
            for kind in ("optimiser", "schedule")
        }
        fields["recipe"] = Recipe(**{**fields["recipe"], **choices})
        return cls(**{**fields, "metrics": tuple(fields.get("metrics", ()))})


def _pairs(items: list[list[Any]]) -> tuple[tuple[str, Scalar], ...]:
    return tuple((name, value) for name, value in items)


@lru_cache(maxsize=1024)
def _key(identity: CurveIdentity) -> str:
    return hashlib.sha256(identity.canonical.encode()).hexdigest()


def peak_memory(reports: Iterable[EpochReport]) -> int | None:
    """Return the highest memory of these epochs in bytes; None if none of them was measured."""
    return max((report.memory_bytes for report in reports if report.memory_bytes is not None), default=None)


def mean_report(reports: tuple[EpochReport, ...]) -> EpochReport:
    """Return the mean over folds of the same epoch (seconds are summed); a single report as it is.

    A metric that one of them lacks, as a fold that diverged may, is not a number.
    """
    if len(reports) == 1:
        return reports[0]
    names = dict.fromkeys(name for report in reports for name, _ in report.metrics)
    columns = [dict(report.metrics) for report in reports]
    return EpochReport(
        epoch=reports[0].epoch,
        train_loss=mean([r.train_loss for r in reports]),
        val_loss=mean([r.val_loss for r in reports]),
        seconds=math.fsum(r.seconds for r in reports),
        metrics=tuple((name, mean([column.get(name, math.nan) for column in columns])) for name in names),
        average_loss=_mean_if_all([r.average_loss for r in reports]),
        gradient_norm=_mean_if_all([r.gradient_norm for r in reports]),
        memory_bytes=peak_memory(reports),
    )


def _mean_if_all(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return mean(known) if len(known) == len(values) else None


def mean(values: Sequence[float]) -> float:
    """Return the mean of at least one value: infinite where their sum is beyond all floats."""
    try:
        return math.fsum(values) / len(values)
    except (OverflowError, ValueError):  # a sum beyond all floats, or both infinities
        return sum(values) / len(values)


def _comparable(report: EpochReport) -> tuple[object, ...]:
    values = (report.train_loss, report.val_loss, *(value for _, value in report.metrics))
    optional = (report.average_loss, report.gradient_norm)
    return (
        report.epoch,
        tuple(name for name, _ in report.metrics),
        tuple((float(v) + 0.0).hex() for v in values),
        tuple(None if v is None else (v + 0.0).hex() for v in optional),
    )
