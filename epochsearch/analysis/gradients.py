"""What the gradient norms of a curve's epochs say of its training: whether they explode or vanish.

The norm is over all weights and is the largest of an epoch's steps, before it is bounded. It tells when a
step was thrown far off, and when nothing at all comes through any more; a gradient that dies on its way to
the first layers alone does not show in it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal, TypeAlias

from epochsearch.core.curve import EpochReport

EXPLODED = 100.0  # times the median of the epochs before
VANISHED = 1e-5  # of the training loss, in the loss's own units per unit of a weight
STILL = 0.01  # share of the first training loss by which it fell less than this

GradientState: TypeAlias = Literal["exploding", "vanishing", "neither"]


@dataclass(frozen=True, slots=True)
class GradientDiagnosis:
    """What the norms say, and the epoch that says it."""

    state: GradientState
    epoch: int  # 1-based: where they explode, else the last one
    norm: float  # the largest of that epoch's steps
    typical: float  # median over the epochs, of an explosion those before it


def diagnose_gradients(reports: Sequence[EpochReport]) -> GradientDiagnosis | None:
    """Return what the norms of a curve's epochs say; None: none were measured.

    They explode where an epoch's norm is not finite, or EXPLODED times the median of the epochs before; they
    vanish where the last is below VANISHED of a training loss that has hardly fallen.

    Source: Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks", ICML.
    """
    measured = [report for report in reports if report.gradient_norm is not None]
    if not measured:
        return None
    norms = [report.gradient_norm or 0.0 for report in measured]
    for i, norm in enumerate(norms):
        before = median(norms[:i]) if i else math.inf
        if not math.isfinite(norm) or norm > EXPLODED * before > 0:
            return GradientDiagnosis("exploding", measured[i].epoch, norm, before)
    first, last = measured[0], measured[-1]
    stands = last.train_loss > (1.0 - STILL) * first.train_loss
    vanished = norms[-1] < VANISHED * abs(last.train_loss)
    state: GradientState = "vanishing" if len(measured) > 1 and stands and vanished else "neither"
    return GradientDiagnosis(state, last.epoch, norms[-1], median(norms))


def gradient_sentence(found: GradientDiagnosis) -> str:
    """Return the finding in words, with what to do about it."""
    if found.state == "exploding":
        times = found.norm / found.typical if found.typical > 0 else math.inf
        how = f"{times:,.0f} times the median before" if math.isfinite(times) else "not a finite number"
        bound = f"--training clip_norm={found.typical:.1g}" if math.isfinite(found.typical) else "clip_norm"
        return f"exploding: norm {found.norm:.3g} in epoch {found.epoch}, {how}. Bound it: {bound}"
    if found.state == "vanishing":
        said = f"vanishing: norm {found.norm:.3g} in epoch {found.epoch}, and the training loss stands still"
        return f"{said}. Other activations, norms or residual connections; a larger start of the weights"
    return f"neither exploding nor vanishing: norm {found.typical:.3g} (median of the epochs' largest)"
