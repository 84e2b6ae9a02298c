"""The planner of policies: the study's trials as curves, and a policy's orders as stretches of its trials.

Every order is kept on its trial, with what was expected of it; together with the losses that is all a policy
knows, so a search that was killed decides the same when it goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from epochsearch.core.curve import EpochReport
from epochsearch.core.orders import TrialOrder
from epochsearch.core.point import Configuration, Point
from epochsearch.core.spec import StudySpec
from epochsearch.core.trial import Outcome
from epochsearch.search.freeze_thaw.curves import SeenCurve, Standing
from epochsearch.search.freeze_thaw.policy import Policy, Snap
from epochsearch.search.proposing.encoding import Encoding
from epochsearch.search.proposing.planner import Proposal, Stretch
from epochsearch.store.orders import kept_orders, order_attributes
from epochsearch.store.studies import StoredTrial

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


@dataclass(slots=True)
class _Trial:
    """One trial, looking on at its own training: the `Proposal` of this planner."""

    number: int
    point: Point
    least: int
    trained: Configuration
    standing: Standing = Standing.RUNNING
    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0  # of all epochs seen
    orders: dict[int, TrialOrder] = field(default_factory=dict)  # by step
    restored: bool = False  # its epochs are those of an earlier run

    @property
    def upto(self) -> int:
        """Epochs that were ordered."""
        return self.orders[max(self.orders)].upto

    @property
    def curve(self) -> SeenCurve:
        """The trial as a policy sees it."""
        each = self.seconds / len(self.losses) if self.losses else 0.0
        orders = tuple((step, order.upto) for step, order in sorted(self.orders.items()))
        return SeenCurve(
            self.number, self.trained, self.standing, tuple(self.losses), self.upto, orders, each
        )

    def see(self, report: EpochReport, value: float) -> None:
        """Take the next epoch."""
        self.losses.append(value)
        self.seconds += report.seconds

    def forget(self) -> None:
        """Forget the epochs of an earlier run: they come again, from the ledger."""
        if self.restored:
            self.losses, self.seconds, self.restored = [], 0.0, False

    def stops(self, error: float) -> bool:
        """No stretch is cut short."""
        return False


class OrderPlanner:
    """Turns a policy's orders into stretches."""

    def __init__(
        self, spec: StudySpec, policy: Policy, move: Snap, snap: Snap, stored: Sequence[StoredTrial]
    ) -> None:
        """move: a proposed configuration to the lattice; snap: to the one that is trained.

        stored: what earlier runs left; trials that were cut in a stretch go on first.
        """
        self._policy, self._move, self._snap = policy, move, snap
        self._least, self._last = spec.space.lengths
        self._encoding = Encoding(spec.point_space, ordered=False)
        self._trials = [self._restored(trial) for trial in stored]
        self._waiting = sorted(
            (trial for trial in self._trials if trial.standing is Standing.RUNNING),
            key=lambda t: max(t.orders),
        )
        self._step = max((step for trial in self._trials for step in trial.orders), default=-1) + 1

    @property
    def distributions(self) -> dict[str, BaseDistribution]:
        """The distributions of every axis; epochs are those that may be read off."""
        return self._encoding.stored

    @property
    def attributes(self) -> dict[str, Any]:
        """Nothing is kept on the study."""
        return {}

    @property
    def ended_by(self) -> str:
        """The trials are begun, and no curve is worth going on with."""
        return "curves"

    def next(self, *, begin: bool) -> Stretch | None:
        """Return what an earlier run was cut off in, then the policy's next order."""
        if self._waiting:
            trial = self._waiting.pop(0)
            trial.forget()
            return Stretch(trial, trial.upto, thawed=len(trial.orders) > 1)
        order = self._policy.next([trial.curve for trial in self._trials], self._step, begin=begin)
        if order is None:
            return None
        trial = self._begun(order.configuration) if order.number is None else self._trials[order.number]
        trial.forget()
        trial.orders[order.step] = TrialOrder(order.step, trial.number, order.upto, order.forecast)
        trial.standing = Standing.RUNNING
        self._step += 1
        return Stretch(trial, order.upto, thawed=order.number is not None)

    def system_attributes(self, proposal: Proposal) -> Mapping[str, Any]:
        """Return the trial's orders."""
        return order_attributes(self._trials[proposal.number].orders)

    def rest(self, proposal: Proposal) -> None:
        """Let the policy go on with the trial."""
        self._trials[proposal.number].standing = Standing.FROZEN

    def tell(self, proposal: Proposal, outcome: Outcome, value: float | None) -> None:
        """Let the policy know that a trial has ended."""
        if outcome is not Outcome.INTERRUPTED:
            self._trials[proposal.number].standing = Standing.ENDED

    def _begun(self, configuration: Configuration) -> _Trial:
        moved = self._move(configuration)
        trial = _Trial(len(self._trials), Point(self._last, moved), self._least, self._snap(moved))
        self._trials.append(trial)
        return trial

    def _restored(self, stored: StoredTrial) -> _Trial:
        configuration = Point.from_parameters({**stored.parameters, "epochs": self._last}).configuration
        steps = stored.frozen.intermediate_values
        trial = _Trial(
            stored.frozen.number,
            Point(self._last, configuration),
            self._least,
            self._snap(configuration),
            losses=[steps[step] for step in sorted(steps)],
            seconds=stored.seconds_charged,
            orders=kept_orders(stored.frozen.number, stored.frozen.system_attrs),
            restored=True,
        )
        trial.standing = self._standing(stored, trial)
        return trial

    def _standing(self, stored: StoredTrial, trial: _Trial) -> Standing:
        if stored.unfinished:
            return Standing.RUNNING
        if stored.frozen.state.name != "COMPLETE" or len(trial.losses) >= self._last:
            return Standing.ENDED
        return Standing.FROZEN if len(trial.losses) >= trial.upto else Standing.RUNNING
