"""The in-memory Optuna study that proposes and prunes; rebuilt from the database when a search goes on.

Deciding on memory is what makes an epoch's verdict cheap; the journal mirrors all of it to Optuna's tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState, create_trial

from epochsearch.core.curve import EpochReport
from epochsearch.core.extension import EXTEND
from epochsearch.core.point import Point
from epochsearch.core.spec import StudySpec
from epochsearch.core.trial import Outcome
from epochsearch.search.proposing.encoding import Encoding
from epochsearch.search.proposing.lattice import make_lattice
from epochsearch.search.proposing.looked_up import LookedUp
from epochsearch.search.proposing.planner import Proposal, Stretch
from epochsearch.search.proposing.pruners import make_pruner
from epochsearch.search.proposing.samplers import ORDERED, make_sampler
from epochsearch.search.proposing.stopping import is_stopped
from epochsearch.store.studies import StoredTrial

optuna.logging.set_verbosity(optuna.logging.ERROR)

FINITE = {"grid": "grid", EXTEND: "extended"}
"""Samplers that have nothing to propose at some time, and what ends a search then."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A point to try, with Optuna's live trial behind it."""

    number: int
    point: Point
    trial: optuna.Trial
    least: int | None = None

    def see(self, report: EpochReport, value: float) -> None:
        """Tell the pruner of the next epoch."""
        self.trial.report(value, report.epoch)

    def stops(self, error: float) -> bool:
        """Return the pruner's verdict."""
        return is_stopped(self.trial, error)


class Proposals:
    """The planner of Optuna's samplers and pruners: each trial is one stretch, to the end of its point."""

    def __init__(
        self,
        name: str,
        spec: StudySpec,
        stored: Sequence[StoredTrial],
        attributes: dict[str, Any],
        recorded: Sequence[float] = (),
    ) -> None:
        """stored, attributes: what earlier runs left; unfinished trials are proposed again first.

        recorded: the learning rates of a recorded table.
        """
        self._spec = spec
        self._lattice = make_lattice(spec.space, spec.resolution, recorded)
        self._encoding = Encoding(spec.space, ordered=spec.sampler.name in ORDERED)
        self._study = optuna.create_study(
            study_name=name, direction="minimize", pruner=make_pruner(spec.pruner)
        )
        for key, value in attributes.items():
            self._study._storage.set_study_system_attr(self._study._study_id, key, value)
        for trial in stored:
            self._study.add_trial(self._restored(trial))
        self._waiting = sum(trial.unfinished for trial in stored)

    @property
    def distributions(self) -> dict[str, optuna.distributions.BaseDistribution]:
        """The distributions of every axis, as the database has them."""
        return self._encoding.stored

    @property
    def attributes(self) -> dict[str, Any]:
        """What Optuna's samplers keep on the study."""
        return dict(self._study._storage.get_study_system_attrs(self._study._study_id))

    @property
    def waiting(self) -> int:
        """Unfinished trials of earlier runs that have not been proposed again."""
        return self._waiting

    @property
    def exhausted(self) -> bool:
        """Whether there is nothing left to propose: now, for an extension, as long as trials of it run."""
        if self._waiting or self._spec.sampler.name not in FINITE:
            return False
        sampler = self._sampler(0)
        return isinstance(sampler, LookedUp) and sampler.left(self._study) == 0

    @property
    def ended_by(self) -> str:
        """Why there is nothing left to do: some samplers have an end, others are ended by a limit."""
        return FINITE[self._spec.sampler.name] if self.exhausted else "trials"

    def next(self, *, begin: bool) -> Stretch | None:
        """Return the next trial, to its end."""
        if not begin or self.exhausted:
            return None
        proposal = self.ask()
        return Stretch(proposal, proposal.point.epochs)

    def ask(self) -> Proposed:
        """Return the next point: an unfinished trial's first, then a new one."""
        number = len(self._study.get_trials(deepcopy=False))
        # An unfinished trial has its parameters; no sampler may spend its state on it.
        self._study.sampler = (
            optuna.samplers.RandomSampler(seed=0) if self._waiting else self._sampler(number)
        )
        self._waiting = max(0, self._waiting - 1)
        trial = self._study.ask(fixed_distributions=self._encoding.proposed)
        return Proposed(trial.number, self._encoding.point(trial.params), trial)

    def system_attributes(self, proposal: Proposal) -> dict[str, Any]:
        """What the sampler keeps on the trial."""
        return dict(self._study._storage.get_trial_system_attrs(_live(proposal)._trial_id))

    def rest(self, proposal: Proposal) -> None:
        """No stretch ends before its trial does."""
        raise AssertionError(f"trial {proposal.number} is one stretch")

    def tell(self, proposal: Proposal, outcome: Outcome, value: float | None) -> None:
        """Let the sampler know how a trial ended; an interrupted one stays open."""
        trial = _live(proposal)
        if outcome is Outcome.COMPLETED:
            self._study.tell(trial, value)
        elif outcome in (Outcome.PRUNED, Outcome.DIVERGED):
            self._study.tell(trial, state=TrialState.PRUNED)
        elif outcome is Outcome.FAILED:
            self._study.tell(trial, state=TrialState.FAIL)

    def _sampler(self, number: int) -> optuna.samplers.BaseSampler:
        spec = self._spec
        return make_sampler(spec.sampler, spec.space, spec.seed, number, self._lattice)

    def _restored(self, stored: StoredTrial) -> FrozenTrial:
        """Return a stored trial for the in-memory study: as it ended, or waiting with parameters fixed."""
        params = self._encoding.params(stored.frozen.params)
        attributes = dict(stored.frozen.system_attrs)
        if stored.unfinished:
            attributes["fixed_params"] = params
            return create_trial(state=TrialState.WAITING, system_attrs=attributes)
        return create_trial(
            state=stored.frozen.state,
            value=stored.frozen.value,
            params=params,
            distributions=self._encoding.proposed,
            system_attrs=attributes,
            intermediate_values=stored.frozen.intermediate_values,
        )


def _live(proposal: Proposal) -> optuna.Trial:
    """Return the Optuna trial behind a proposal of this planner."""
    assert isinstance(proposal, Proposed)
    return proposal.trial
