"""What the diagnosis of a learning curve can say: its verdicts, their reasons, and what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from epochsearch.analysis.early_stopping import StoppingCriteria
from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.noise import Noise
from epochsearch.analysis.slopes import EndSlope


class Verdict(StrEnum):
    """What a curve says, up to its last epoch."""

    UNDER_FITTED = "under-fitted"
    WELL_FITTED = "well fitted"
    OVER_FITTED = "over-fitted"
    DIVERGED = "diverged"
    NOT_YET_DECIDED = "not yet decided"


class Reason(StrEnum):
    """What the verdict rests on."""

    NOT_FINITE = "not finite"
    BLEW_UP = "both losses rose"
    ROSE = "validation rose while training fell"
    GAP = "the gap keeps it above what is reachable"
    BIAS = "the training loss stays above what is reachable"
    CHANCE = "no better than learning nothing"
    REACHED = "as low as is known to be reachable"
    FLAT = "it stands still, and nothing says what is reachable"
    FALLING = "still falling"
    NEW_RISE = "a rise that has not lasted"
    FALLING_AGAIN = "it rose and falls again"
    UNSTABLE = "both losses rise a little"
    NOISY = "the noise hides where it goes"
    NO_TRAINING_LOSS = "above what is reachable, and no training loss is known"
    TOO_SHORT = "too few epochs"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a curve is compared with, in the units of its loss; None: not known."""

    reachable: float | None = None  # the lowest validation loss known for the task's data
    source: str = ""  # who reached it, in words: "trial 12"
    chance: float | None = None  # of the best constant prediction


NOTHING_KNOWN = Reference()


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured on a curve of at least five finite epochs; differences are shares of the loss."""

    best_epoch: int  # of the lowest validation loss
    best_loss: float
    noise: Noise
    criteria: StoppingCriteria
    slope: EndSlope
    more: Interval  # fall of the loss that twice the epochs would bring, in its own units
    late_share: float  # of the whole fall, in the second half of the epochs
    rise: float  # of the last validation level over the lowest
    rising_epochs: int  # for how long the validation loss has been above its lowest by what counts
    counts: float  # a difference below it is noise
    gap: float | None  # of validation over training, in the loss's units; None: no training loss is known
    level_epochs: int  # of a level: the median of so many epochs
    train_end: float  # last level, in the loss's units
    val_end: float
    over_reachable: float | None  # of the last validation level over the reachable one


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A verdict on the epochs 1 to `epochs`, and what it rests on."""

    verdict: Verdict
    reason: Reason
    epochs: int
    chosen: int  # the epoch that the trial's value is of: the stopping criteria are read there
    measures: Measures | None  # None: too few epochs, or not finite
    reference: Reference = NOTHING_KNOWN

    @property
    def converged(self) -> bool | None:
        """Whether more epochs would change little; None: the curve does not say."""
        if self.measures is None or self.reason in _UNSAID:
            return None
        return self.reason is not Reason.FALLING


_UNSAID = (Reason.NEW_RISE, Reason.FALLING_AGAIN, Reason.UNSTABLE, Reason.NOISY, Reason.TOO_SHORT)
