"""How a trial comes under way: its curves, what the ledger has of them, and the journal's note."""

from __future__ import annotations

from epochsearch.core.patience import ENDLESS, Patience
from epochsearch.core.spec import StudySpec
from epochsearch.core.stages import STAGED, stage_at, stages_of
from epochsearch.core.trial import Cost
from epochsearch.search.proposing.planner import Planner, Proposal, Stretch
from epochsearch.search.running.curves import CurveReader
from epochsearch.search.running.trial import RunningTrial
from epochsearch.store.journal import Journal
from epochsearch.store.open_trial import OpenTrial
from epochsearch.store.studies import StoredTrial


class Opening:
    """Opens the trials of one study, and those that lie frozen again."""

    def __init__(self, spec: StudySpec, planner: Planner, curves: CurveReader, journal: Journal) -> None:
        self._spec, self._planner, self._curves, self._journal = spec, planner, curves, journal
        self._frozen: dict[int, RunningTrial] = {}  # by number, of this run

    def freeze(self, trial: RunningTrial) -> None:
        """Keep a trial whose stretch is over."""
        self._frozen[trial.number] = trial

    def open(self, stretch: Stretch, before: StoredTrial | None) -> RunningTrial:
        """Return the trial of a stretch with what the ledger has of its curves; the journal notes it.

        before: what an earlier run left of it.
        """
        trial = self._frozen.pop(stretch.proposal.number, None)
        if trial is None:
            trial = self._begun(stretch, before)
        else:
            trial.upto = stretch.upto
            self.read(trial)
        trial.entry.system_attributes |= self._planner.system_attributes(stretch.proposal)
        self._journal.begin(trial.entry)
        self._journal.study_attributes(self._planner.attributes)
        return trial

    def read(self, trial: RunningTrial) -> None:
        """Let the trial have what the ledger has of its curves; a branch takes over its trunk's epochs."""
        found = self._curves.take_over(trial.identities, trial.trunk, self._journal.extend)
        trial.stored, trial.checkpoints = found

    def _patience(self, proposal: Proposal) -> Patience:
        """Return how long the trial reads on; a curve that is read at its end alone is read to its end."""
        whole = self._spec.sampler.name == STAGED and proposal.least is None
        return ENDLESS if whole else self._spec.patience

    def _begun(self, stretch: Stretch, before: StoredTrial | None) -> RunningTrial:
        proposal, seed = stretch.proposal, self._spec.training_seed
        identities = self._curves.identities(proposal.point)
        stage = stage_at(stages_of(self._spec), proposal.number)
        entry = OpenTrial(
            number=proposal.number,
            point=proposal.point,
            distributions=self._planner.distributions,
            seed=seed,
            identities=identities,
            shown={"stage": stage.name} if stage else {},
        )
        trial = RunningTrial(
            proposal,
            identities,
            seed,
            self._spec.objective,
            self._spec.measure,
            self._patience(proposal),
            stored=[],
            checkpoints=(),
            entry=entry,
            upto=stretch.upto,
            trunk=self._curves.trunk(proposal.point),
            freezes=self._spec.freezes,
        )
        self.read(trial)
        if before is not None:
            trial.cost = Cost(
                epochs_trained=before.epochs_trained,
                epochs_repeated=before.epochs_repeated,
                seconds_trained=before.seconds_trained,
            )
            entry.trial_id, entry.written_steps = before.trial_id, before.written_steps
            entry.written_attributes = set(before.frozen.system_attrs)
            entry.ended_before = before.ended
        return trial
