"""A trial on its way: its curves so far, what it has cost, and the verdict after each epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import Enum

from epochsearch.analysis.folds import standard_error
from epochsearch.core.curve import CurveIdentity, EpochReport, mean_report
from epochsearch.core.measure import LOSS, Measure
from epochsearch.core.patience import Patience
from epochsearch.core.spec import Objective
from epochsearch.core.trial import Cost, Outcome, TrialRecord
from epochsearch.core.trunk import Trunk
from epochsearch.engines.job import Job
from epochsearch.search.proposing.planner import Proposal
from epochsearch.store.checkpoints import Checkpoint
from epochsearch.store.open_trial import OpenTrial

DEATHS = 3
"""So many workers may die over one curve before the trial fails."""


class Verdict(Enum):
    """What happens after an epoch."""

    GO_ON = "go on"
    FREEZE = "freeze"  # its stretch is over
    COMPLETED = Outcome.COMPLETED
    PRUNED = Outcome.PRUNED
    DIVERGED = Outcome.DIVERGED
    FAILED = Outcome.FAILED


@dataclass(slots=True)
class RunningTrial:
    """One trial between its proposal and its end."""

    proposal: Proposal
    identities: tuple[CurveIdentity, ...]  # one a fold
    seed: int
    objective: Objective
    measure: Measure
    patience: Patience
    stored: list[tuple[EpochReport, ...]]  # epochs the ledger has, one report a fold
    checkpoints: tuple[Checkpoint, ...]  # one a fold, all of one epoch, or none
    entry: OpenTrial  # as the journal has it
    upto: int  # epochs of its stretch
    trunk: Trunk | None = None  # that its curves begin with
    freezes: bool = False  # it may lie frozen wherever it is stopped
    cost: Cost = field(default_factory=Cost)
    reports: list[EpochReport] = field(default_factory=list)  # judged epochs, means over folds
    deaths: int = 0

    @property
    def number(self) -> int:
        """The trial's number."""
        return self.proposal.number

    @property
    def keys(self) -> frozenset[str]:
        """The keys of its curves and of what they begin with."""
        trunk = self.trunk.identities if self.trunk else ()
        return frozenset(identity.key for identity in (*self.identities, *trunk))

    @property
    def epochs_done(self) -> int:
        """Epochs judged so far."""
        return len(self.reports)

    def job(self) -> Job:
        """Return what an engine has to train for it."""
        return Job(self.number, self.identities, self.upto, self.checkpoints, trunk=self.trunk)

    def grown(self, epoch: int) -> tuple[tuple[CurveIdentity, ...], ...]:
        """Return the curves that grow by an epoch trained now: its own, and their trunk while it lasts."""
        return self.job().grown(epoch)

    def owners(self, epoch: int) -> tuple[CurveIdentity, ...]:
        """Return the curves, one a fold, of which the state after this epoch is."""
        return self.job().owners(epoch)

    def frozen_at(self, checkpoints: tuple[Checkpoint, ...]) -> None:
        """Note where its training can be resumed."""
        if checkpoints:
            self.checkpoints = checkpoints

    def repeat(self, reports: tuple[EpochReport, ...], *, trained: bool) -> bool:
        """Take an epoch run again after a loss; return whether it gave the values that were judged."""
        if trained:
            seconds = sum(report.seconds for report in reports)
            self.cost += Cost(epochs_repeated=1, seconds_trained=seconds)
        return mean_report(reports).same_values(self.reports[reports[0].epoch - 1])

    def judge(self, reports: tuple[EpochReport, ...], *, trained: bool) -> Verdict:
        """Take the next epoch and return the verdict.

        trained: it was run for this trial; False: it was in the ledger or in a recorded table.
        """
        report = mean_report(reports)
        self.reports.append(report)
        self.cost += Cost(
            epochs_charged=1,
            epochs_trained=int(trained),
            seconds_charged=report.seconds,
            seconds_trained=report.seconds if trained else 0.0,
        )
        if not self.measure.is_in(report):
            return Verdict.FAILED
        value = self.measure.of(report)
        self.proposal.see(report, value)
        if not (report.finite and math.isfinite(value)):
            return Verdict.DIVERGED
        if report.epoch >= self.proposal.point.epochs or self._out_of_patience():
            return Verdict.COMPLETED
        if report.epoch >= self.upto:
            return Verdict.FREEZE
        error = standard_error([self.measure.of(fold) for fold in reports])
        return Verdict.PRUNED if self.proposal.stops(error) else Verdict.GO_ON

    def _out_of_patience(self) -> bool:
        return self.patience.is_out([self.measure.of(report) for report in self.reports])

    def record(self, outcome: Outcome, reason: str = "", *, frozen: bool = False) -> TrialRecord:
        """Return the trial as it is remembered, had it ended now.

        frozen: it could go on; what it has is read off its curve.
        """
        at = self._value_at() if outcome in (Outcome.COMPLETED, Outcome.PRUNED) else None
        if outcome is Outcome.DIVERGED:
            what = "loss" if not self.reports[-1].finite else self.measure.word
            reason = f"the {what} was not finite after epoch {self.epochs_done}"
        elif not reason and self.reports and not self.measure.is_in(self.reports[-1]):
            given = ", ".join(name for name, _ in self.reports[-1].metrics) or "none"
            reason = f"the training gave no {self.measure.word} to optimise; the metrics it gave: {given}"
        point = self.proposal.point
        return TrialRecord(
            number=self.number,
            outcome=outcome,
            point=replace(point, epochs=at.epoch) if at and self._read_off(outcome) else point,
            value=self.measure.of(at) if at else None,
            seed=self.seed,
            cost=self.cost,
            epochs_done=self.epochs_done,
            reason=reason,
            metrics=self._metrics(at) if at else (),
            value_epoch=at.epoch if at else None,
            frozen=frozen,
        )

    def _read_off(self, outcome: Outcome) -> bool:
        """Return whether the epochs of the point are those at which its curve is best."""
        return self.proposal.least is not None and outcome is Outcome.COMPLETED

    @property
    def readable(self) -> bool:
        """Whether a loss can be read off the curve before the trial has ended."""
        least = self.proposal.least
        return self.freezes and least is not None and self.epochs_done >= least

    def _value_at(self) -> EpochReport | None:
        """Return the report that the objective reads: the last one, or the one with the lowest value."""
        if not self.reports:
            return None
        if self.objective == "final" and self.proposal.least is None:
            return self.reports[-1]
        late = self.reports[(self.proposal.least or 1) - 1 :]  # none of a trial that was pruned before
        return min(late or self.reports, key=self._rank)

    def _rank(self, report: EpochReport) -> float:
        value = self.measure.of(report)
        return value if math.isfinite(value) else math.inf

    def _metrics(self, report: EpochReport) -> tuple[tuple[str, float], ...]:
        """Return what is remembered beside the objective: the loss too where that is a metric."""
        return report.metrics if self.measure.is_loss else (*report.metrics, (LOSS, report.val_loss))
