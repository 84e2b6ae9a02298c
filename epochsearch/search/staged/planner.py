"""The planner of a staged search: a stage begins when all trials of those before it have ended.

It knows nothing but the trials and their values, which the study keeps: a search that was killed goes on with
the same points. Pruners compare the trials of one stage with each other: fewer rows make other curves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import optuna
from optuna.trial import TrialState, create_trial

from epochsearch.core.axis import Choices
from epochsearch.core.point import Configuration, Point
from epochsearch.core.spec import StudySpec
from epochsearch.core.stages import SCHEDULE, Stage, stage_at, stages_of
from epochsearch.core.trial import Outcome
from epochsearch.search.proposing.encoding import Encoding
from epochsearch.search.proposing.planner import Proposal, Stretch
from epochsearch.search.proposing.proposals import Proposed
from epochsearch.search.proposing.pruners import make_pruner
from epochsearch.search.staged.points import Points, Tried, is_length_bound
from epochsearch.store.studies import StoredTrial

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


class StagedPlanner:
    """Proposes the trials of one stage after the other."""

    def __init__(
        self,
        name: str,
        spec: StudySpec,
        move: Callable[[Configuration], Configuration],
        stored: Sequence[StoredTrial],
    ) -> None:
        """move: a proposed configuration to the lattice; stored: what earlier runs left."""
        self._stages, self._move = stages_of(spec), move
        self._least = spec.space.lengths[0]
        axis = spec.space.axes[SCHEDULE]
        assert isinstance(axis, Choices)
        self._points = Points(spec.space, self._stages, spec.seed, axis.values)
        self._encoding = Encoding(spec.space, ordered=False)
        self._pruned_by = {
            stage: optuna.create_study(study_name=f"{name} {stage.name}", pruner=_pruner(spec, stage))
            for stage in self._stages
        }
        self._count = len(stored)
        self._waiting = [trial for trial in stored if trial.unfinished]
        self._open = {trial.frozen.number for trial in self._waiting}
        self._tried: list[Tried] = []
        for trial in stored:
            self._restore(trial)

    @property
    def distributions(self) -> dict[str, BaseDistribution]:
        """The distributions of every axis, as the database has them."""
        return self._encoding.stored

    @property
    def attributes(self) -> dict[str, Any]:
        """Nothing is kept on the study."""
        return {}

    @property
    def ended_by(self) -> str:
        """Why there is nothing left to do: all stages are over, or a limit has ended one."""
        return "trials" if self._waiting or stage_at(self._stages, self._count) else "stages"

    def next(self, *, begin: bool) -> Stretch | None:
        """Return what an earlier run was cut off in, then the next trial of the stage."""
        if not begin:
            return None
        if self._waiting:
            stored = self._waiting.pop(0)
            number, stage = stored.frozen.number, stage_at(self._stages, stored.frozen.number)
            assert stage is not None
            return self._stretch(number, stage, Point.from_parameters(stored.parameters))
        number, stage = self._count, stage_at(self._stages, self._count)
        if stage is None or any(open_ < stage.first for open_ in self._open):
            return None
        point = self._points.next(stage, number, self._tried)
        self._count += 1
        return self._stretch(number, stage, replace(point, configuration=self._move(point.configuration)))

    def system_attributes(self, proposal: Proposal) -> Mapping[str, Any]:
        """Nothing is kept on the trial."""
        return {}

    def rest(self, proposal: Proposal) -> None:
        """No stretch ends before its trial does."""
        raise AssertionError(f"trial {proposal.number} is one stretch")

    def tell(self, proposal: Proposal, outcome: Outcome, value: float | None) -> None:
        """Note how a trial ended; an interrupted one stays open."""
        assert isinstance(proposal, Proposed)
        if outcome is Outcome.INTERRUPTED:
            return
        self._open.discard(proposal.number)
        if outcome is Outcome.COMPLETED and value is not None:
            self._tried.append(Tried(proposal.number, self._read_off(proposal), value))
            proposal.trial.study.tell(proposal.trial, value)
        else:
            state = TrialState.FAIL if outcome is Outcome.FAILED else TrialState.PRUNED
            proposal.trial.study.tell(proposal.trial, state=state)

    def _read_off(self, proposal: Proposed) -> Point:
        """Return the point of a trial with the epochs at which its curve is best, where they are read off."""
        if proposal.least is None:
            return proposal.point
        trials = proposal.trial.study.get_trials(deepcopy=False)
        steps = trials[proposal.trial.number].intermediate_values
        late = {epoch: value for epoch, value in steps.items() if epoch >= proposal.least}
        best = min(late, key=lambda epoch: (late[epoch], epoch), default=proposal.point.epochs)
        return replace(proposal.point, epochs=best)

    def _stretch(self, number: int, stage: Stage, point: Point) -> Stretch:
        self._open.add(number)
        trial, bound = self._pruned_by[stage].ask(), is_length_bound(point.parameters[SCHEDULE])
        return Stretch(Proposed(number, point, trial, None if bound else self._least), point.epochs)

    def _restore(self, stored: StoredTrial) -> None:
        """Take up a trial that an earlier run ended."""
        frozen, stage = stored.frozen, stage_at(self._stages, stored.frozen.number)
        if stored.unfinished or stage is None:
            return
        if frozen.state is TrialState.COMPLETE and frozen.value is not None:
            self._tried.append(Tried(frozen.number, Point.from_parameters(stored.parameters), frozen.value))
        ended = create_trial(
            state=frozen.state, value=frozen.value, intermediate_values=frozen.intermediate_values
        )
        self._pruned_by[stage].add_trial(ended)


def _pruner(spec: StudySpec, stage: Stage) -> optuna.pruners.BasePruner:
    """Return what prunes a stage's trials; curves that come down at their ends are not judged midway."""
    return optuna.pruners.NopPruner() if stage.name == "schedules" else make_pruner(spec.pruner)
