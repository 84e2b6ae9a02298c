"""What a learning curve says of its training: a verdict, and the measures it rests on.

Four questions in a row, each against the noise. Did it blow up? Has the validation loss risen for long
while the training loss fell? Does it still fall? And where it stands still, how does it compare with what
is known to be reachable: is it the training loss that stays high, or the gap to validation? A question that
the curve cannot answer makes the verdict "not yet decided".
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from epochsearch.analysis.early_stopping import STRIP, stopping_criteria
from epochsearch.analysis.findings import NOTHING_KNOWN, Diagnosis, Measures, Reason, Reference, Verdict
from epochsearch.analysis.further_fall import further_fall
from epochsearch.analysis.loss_scale import LossScale, loss_scale
from epochsearch.analysis.noise import noise
from epochsearch.analysis.shape import Shape, shape
from epochsearch.analysis.slopes import end_slope

FEWEST = 5  # epochs, below which nothing is said
SIGMAS = 2.0  # a difference counts beyond so many times the noise
RISE = math.log(1.05)  # a rise that matters: Prechelt's GL of 5 %
BLOW_UP = math.log(4)  # a rise of both losses that is no unrest
STANDING = 8  # epochs, below which no curve is said to stand still
GAIN = 0.03  # share of the loss that twice the epochs must promise to matter
LATE = 0.12  # share of the whole fall in the second half: a curve that levels off has less
UNSURE = 0.25  # share of the loss that twice the epochs may bring at most, where it is said to stand still
WORSE = math.log(1.25)  # above what is reachable by so much
CHANCE = 0.9  # of the loss of who learned nothing


def diagnose(
    train: Sequence[float],
    val: Sequence[float],
    *,
    chosen: int | None = None,
    reference: Reference = NOTHING_KNOWN,
    siblings: Sequence[Sequence[float]] = (),
) -> Diagnosis:
    """Return the diagnosis of a curve.

    train, val: losses of epochs 1 to n, (n,) each; a loss that is not finite ends what is looked at.
    chosen: an epoch of 1 to n; None: n. reference: what is reachable. siblings: validation losses of the
    same configuration under other seeds.

    Raises:
        ValueError: The two have different lengths or none, or the chosen epoch is outside.
    """
    epochs = len(val)
    chosen = epochs if chosen is None else chosen
    if not 1 <= chosen <= epochs or len(train) != epochs:
        raise ValueError(f"epoch {chosen} of curves with {len(train)} and {epochs} epochs")
    if not (math.isfinite(val[-1]) and math.isfinite(train[-1])):
        return Diagnosis(Verdict.DIVERGED, Reason.NOT_FINITE, epochs, chosen, None, reference)
    if epochs < FEWEST or not all(map(math.isfinite, (*train, *val))):
        return Diagnosis(Verdict.NOT_YET_DECIDED, Reason.TOO_SHORT, epochs, chosen, None, reference)
    curve = _Curve(train, val, reference, siblings)
    verdict, reason = curve.judged()
    return Diagnosis(verdict, reason, epochs, chosen, curve.measures, reference)


class _Curve:
    """A curve while it is judged."""

    def __init__(
        self,
        train: Sequence[float],
        val: Sequence[float],
        reference: Reference,
        siblings: Sequence[Sequence[float]],
    ) -> None:
        self.reference, self.epochs = reference, len(val)
        self.strip = min(STRIP, max(2, self.epochs // 4))
        self.scale: LossScale = loss_scale([*train, *val])
        self.train: Shape = shape(train, self.scale)
        self.val: Shape = shape(val, self.scale)
        self.last = self.scale.of(val[-2:])
        self.train_known = any(a != b for a, b in zip(train, val, strict=True))
        self.measures = self._measured(train, val, siblings)

    def judged(self) -> tuple[Verdict, Reason]:
        """Return the verdict and its reason; the first question that is answered decides."""
        return self._blown_up() or self._risen() or self._falling() or self._standing()

    def _blown_up(self) -> tuple[Verdict, Reason] | None:
        undone = self.train.end >= self.train.start  # all that was learned
        enough = BLOW_UP / 2 if undone else BLOW_UP
        rose = min(self.train.rise, self.val.rise) >= max(enough, self.measures.counts)
        if rose and self.train.epochs_above(enough / 2) >= 2:
            return Verdict.DIVERGED, Reason.BLEW_UP
        return None

    def _risen(self) -> tuple[Verdict, Reason] | None:
        """Judge a curve that ends above its lowest level; one rise, or one that turned, proves nothing."""
        found = self.measures
        if self.val.rise < max(RISE, found.counts):
            return (Verdict.NOT_YET_DECIDED, Reason.NEW_RISE) if self._just_rising() else None
        if self._falls_again():
            return Verdict.NOT_YET_DECIDED, Reason.FALLING_AGAIN
        if found.rising_epochs < 2 * self.strip:
            return Verdict.NOT_YET_DECIDED, Reason.NEW_RISE
        if self.train_known and not self._trained_on():
            return Verdict.NOT_YET_DECIDED, Reason.UNSTABLE
        return Verdict.OVER_FITTED, Reason.ROSE

    def _falling(self) -> tuple[Verdict, Reason] | None:
        found = self.measures
        gain = found.slope.gain_share()
        if found.slope.falls:
            if self.val.highest_rise >= max(RISE, found.counts) and gain.estimate >= GAIN:
                return Verdict.NOT_YET_DECIDED, Reason.FALLING_AGAIN
            matters = found.more.estimate >= GAIN * abs(found.val_end) or found.late_share >= LATE
            if matters and found.more.low > 0 and gain.estimate >= found.counts:
                return Verdict.NOT_YET_DECIDED, Reason.FALLING
        if self.epochs < STANDING:
            return Verdict.NOT_YET_DECIDED, Reason.TOO_SHORT
        open_end = found.more.high if found.slope.falls else gain.high * abs(found.val_end)
        if open_end >= UNSURE * abs(found.val_end):
            return Verdict.NOT_YET_DECIDED, Reason.NOISY
        return None

    def _standing(self) -> tuple[Verdict, Reason]:
        """Judge a curve that no longer moves by where it stands."""
        found, known = self.measures, self.reference
        if known.chance is not None and found.val_end >= CHANCE * known.chance:
            memorised = self.train_known and found.train_end < 0.5 * known.chance
            return (Verdict.OVER_FITTED, Reason.GAP) if memorised else (Verdict.UNDER_FITTED, Reason.CHANCE)
        if known.reachable is None:
            return Verdict.WELL_FITTED, Reason.FLAT
        assert found.over_reachable is not None
        if found.over_reachable < self.scale.share(max(WORSE, found.counts)):
            return Verdict.WELL_FITTED, Reason.REACHED
        if not self.train_known:
            return Verdict.NOT_YET_DECIDED, Reason.NO_TRAINING_LOSS
        if found.train_end - known.reachable >= found.val_end - found.train_end:
            return Verdict.UNDER_FITTED, Reason.BIAS
        return Verdict.OVER_FITTED, Reason.GAP

    def _falls_again(self) -> bool:
        """Return whether the end lies clearly below the highest level since the lowest."""
        since = self.val.levels[int(self.val.levels.argmin()) :]
        return bool(since.max() - self.val.end >= max(self.measures.counts, self.val.rise / 2))

    def _just_rising(self) -> bool:
        """Return whether the last two epochs both lie high: too few for a level, too many for chance."""
        return bool(min(self.last) - self.val.lowest >= max(RISE, 2 * self.measures.counts))

    def _trained_on(self) -> bool:
        """Return whether the training loss is no higher than where validation was lowest."""
        there = self.train.levels[int(self.val.levels.argmin())]
        return bool(self.train.end <= there + self.measures.counts / 2)

    def _measured(
        self, train: Sequence[float], val: Sequence[float], siblings: Sequence[Sequence[float]]
    ) -> Measures:
        found = noise(val, siblings)
        counts = SIGMAS * found.spread
        slope = end_slope(val)
        more = further_fall(val)
        assert slope is not None, "there are FEWEST epochs"
        assert more is not None, "there are FEWEST epochs"
        best = min(range(len(val)), key=lambda i: val[i])
        train_end, val_end = self.scale.loss(self.train.end), self.scale.loss(self.val.end)
        reachable = self.reference.reachable
        return Measures(
            best_epoch=best + 1,
            best_loss=val[best],
            noise=found,
            criteria=stopping_criteria(train, val, self.strip),
            slope=slope,
            more=more,
            late_share=self.val.late_share(),
            rise=self.scale.share(self.val.rise),
            rising_epochs=self.val.epochs_above(max(RISE, counts) / 2),
            counts=counts,
            gap=val_end - train_end if self.train_known else None,
            level_epochs=self.val.width,
            train_end=train_end,
            val_end=val_end,
            over_reachable=None
            if reachable is None
            else self.scale.share(self.val.end - float(self.scale.of([reachable])[0])),
        )
