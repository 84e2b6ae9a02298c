"""What to do about a diagnosis, as a command that can be pasted: a search of one point, or of a narrow range.

The curves of such a command go on from the ledger's, so that twice the epochs cost only the second half.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from epochsearch.analysis.findings import Diagnosis, Reason
from epochsearch.core.choice import Choice, scalar_text
from epochsearch.core.point import Point
from epochsearch.core.recipe import OPTIMISERS, SCHEDULES
from epochsearch.core.settings import TABLE_PREFIX
from epochsearch.core.spec import StudySpec

TRIALS = 20  # of a narrow search
HASTE = 0.3  # share of the fall in the second half of the epochs from which the learning rate is too low
DECAY = "weight_decay"


@dataclass(frozen=True, slots=True)
class Advice:
    """A command, and what it is good for."""

    why: str
    command: str


def advice(
    study: str,
    spec: StudySpec,
    point: Point,
    found: Diagnosis,
    place: Sequence[str] = (),
    trial: int | None = None,
) -> tuple[Advice, ...]:
    """Return what to do next, the first thing first; at least one command.

    place: the words that name the storage, if it has to be named. trial: the number of the trial whose
    point this is; None: it is of no trial.
    """
    if spec.task.startswith(TABLE_PREFIX):
        look = shlex.join(["epochsearch", "show", study, *place])
        return (Advice("recorded curves cannot be trained on; the best points of the table", look),)
    commands = _Commands(spec, point, tuple(place))
    measured, reason = found.measures, found.reason
    if reason is Reason.FALLING and measured is not None and measured.late_share >= HASTE:
        return (
            Advice("the fall has hardly slowed: larger learning rates", commands.rates(1.0, 100.0)),
            Advice("or twice the epochs", commands.epochs(2 * found.epochs)),
        )
    if reason is Reason.ROSE and measured is not None:
        best = Advice("stop at the best epoch", commands.epochs(measured.best_epoch))
        return (best, *commands.decayed())
    if reason is Reason.GAP:
        return commands.decayed() or (Advice("other learning rates", commands.rates(0.1, 10.0)),)
    if reason in (Reason.BIAS, Reason.CHANCE):
        return (Advice("other learning rates; if none helps, a larger model", commands.rates(0.01, 100.0)),)
    if reason in (Reason.NOT_FINITE, Reason.BLEW_UP, Reason.UNSTABLE):
        return (Advice("smaller learning rates", commands.rates(0.01, 1 / 3)),)
    if reason in (Reason.REACHED, Reason.FLAT, Reason.NO_TRAINING_LOSS):
        again = Advice("another seed, to see how much of it is luck", commands.again())
        known = measured is not None and measured.noise.between == "seeds"
        for_good = Advice("train it for good and write the model", commands.for_good(study, trial))
        return (for_good,) if known and trial is not None else (again,)
    return (Advice("twice the epochs will tell", commands.epochs(2 * found.epochs)),)


def run_again(spec: StudySpec, point: Point, place: Sequence[str] = ()) -> str:
    """Return the command that trains a point as the study did, alone."""
    return _Commands(spec, point, tuple(place)).epochs(point.epochs)


@dataclass(frozen=True, slots=True)
class _Commands:
    """Searches around one point of a study."""

    spec: StudySpec
    point: Point
    place: tuple[str, ...]

    def epochs(self, epochs: int) -> str:
        """Return the command that trains this configuration for so many epochs."""
        return self._of(str(epochs), scalar_text(self.point.learning_rate), ["--sampler", "grid"])

    def for_good(self, study: str, trial: int | None) -> str:
        """Return the command that trains a trial's point on all rows but the test part's."""
        return shlex.join(["epochsearch", "train", study, "--trial", str(trial), *self.place])

    def again(self) -> str:
        """Return the command that trains this point under the next seed."""
        return self._of(
            str(self.point.epochs),
            scalar_text(self.point.learning_rate),
            ["--sampler", "grid"],
            seed=self.spec.training_seed + 1,
        )

    def rates(self, low: float, high: float) -> str:
        """Return the command that searches learning rates from low to high times this one."""
        rate = self.point.learning_rate
        return self._of(str(self.point.epochs), f"{low * rate:.3g}:{high * rate:.3g}", _narrow())

    def decayed(self) -> tuple[Advice, ...]:
        """Return the search of a weight decay, none if that is a hyperparameter already."""
        if (
            DECAY in dict(self.point.configuration.extras)
            or self.spec.recipe.optimiser.name not in OPTIMISERS
        ):
            return ()
        more = [*_narrow(), "--param", f"{DECAY}=1e-5:1e-1:log"]
        command = self._of(str(self.point.epochs), scalar_text(self.point.learning_rate), more)
        return (Advice("or hold the weights down", command),)

    def _of(self, epochs: str, rates: str, more: Sequence[str], seed: int | None = None) -> str:
        spec, extras = self.spec, self.point.configuration.extras
        words = ["epochsearch", "run", spec.task, "--epochs", epochs, "--learning-rate", rates]
        words += ["--batch-size", str(self.point.batch_size)]
        for name, value in extras:
            words += ["--param", f"{name}={scalar_text(value)}"]
        words += ["--optimiser", _short(spec.recipe.optimiser, OPTIMISERS)]
        words += ["--schedule", _short(spec.recipe.schedule, SCHEDULES)]
        for name, value in spec.recipe.techniques.items():
            words += ["--training", f"{name}={scalar_text(value)}"]
        words += ["--folds", str(spec.folds)] if spec.folds > 1 else []
        words += ["--threads", str(spec.threads)] if spec.threads > 1 else []
        words += ["--seed", str(spec.training_seed if seed is None else seed)]
        return shlex.join([*words, *more, *self.place])


def _narrow() -> list[str]:
    return ["--trials", str(TRIALS)]


def _short(choice: Choice, known: object) -> str:
    """Return a choice without the options that have their default value."""
    assert isinstance(known, dict)
    defaults = known.get(choice.name, {})
    return str(
        Choice(
            choice.name, tuple((name, value) for name, value in choice.options if defaults.get(name) != value)
        )
    )
