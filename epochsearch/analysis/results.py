"""A comparison as numbers: what each search did, what each entry reached, and what may be concluded.

Records only; `analysis.evidence` fills them, the terminal, the page and `--json` show them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from epochsearch.analysis.anytime import Band, RegretScale
from epochsearch.analysis.intervals import Interval
from epochsearch.analysis.pairs import Pair
from epochsearch.analysis.ranks import RankTest
from epochsearch.analysis.shared_cost import SharedCost
from epochsearch.analysis.targets import ArrivalSummary, Target
from epochsearch.analysis.traces import Trace, TracedTrial
from epochsearch.analysis.verdict import ChosenPoints
from epochsearch.core.measure import THE_LOSS, Measure
from epochsearch.core.spec import Limits, Objective
from epochsearch.core.trial import TrialRecord


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One search of a comparison, as it stands in the storage."""

    study: str
    entry: str  # as "tpe+median"
    seed: int  # of the search: entries are paired by it
    training_seed: int
    trials: tuple[TrialRecord, ...]
    test: float | None = None  # test loss of the point it chose; None: not looked at
    orders: tuple[TracedTrial, ...] = ()  # of a search that freezes and thaws: a step an order


@dataclass(frozen=True, slots=True)
class TaskResults:
    """The searches of one task, with what is known of the task itself."""

    task: str  # reference
    name: str
    objective: Objective
    searches: tuple[SearchResult, ...]  # all entries; the order of entries is that of their first search
    losses: tuple[float | None, ...] = ()  # the objective of every configuration, where a table has all
    whole_grid: frozenset[str] = frozenset()  # studies whose grid had no cell left before the budget ended
    measure: Measure = THE_LOSS  # what the objective reads; all numbers are objectives
    still_random: frozenset[str] = frozenset()  # studies whose sampler had not yet begun to learn


@dataclass(frozen=True, slots=True)
class EntryEvidence:
    """One entry on one task."""

    name: str
    searches: tuple[SearchResult, ...]
    traces: tuple[Trace, ...]  # one a search
    final: tuple[float, ...]  # one a seed: the lowest loss, a mean over training seeds; NaN: none completed
    mean_rank: float  # over seeds, 1 is the best
    wins: int  # seeds in which no entry ended lower
    interquartile_mean: Interval | None  # of `final`; None with fewer than 2 seeds or one without a loss
    cost: SharedCost
    epochs: Band  # best value so far against charged epochs
    seconds: Band  # and against charged seconds
    area: float | None  # mean over searches and charged epochs of the loss, or of the normalised regret
    arrivals: tuple[ArrivalSummary, ...]  # one a target, in charged epochs
    chosen: ChosenPoints | None

    @property
    def best(self) -> tuple[TrialRecord | None, ...]:
        """The point each search chose; None: no trial was completed."""
        return tuple(chosen_trial(search.trials) for search in self.searches)


@dataclass(frozen=True, slots=True)
class TaskEvidence:
    """One task, all entries."""

    task: str
    name: str
    objective: Objective
    entries: tuple[EntryEvidence, ...]
    scale: RegretScale | None  # where the optimum is known
    targets: tuple[Target, ...]
    pairs: tuple[Pair, ...]  # empty where too little is known for a test; `notes` says why
    verdicts: tuple[str, ...]
    notes: tuple[str, ...]
    cost: SharedCost
    measure: Measure = THE_LOSS  # what the objective reads; all numbers but regrets are objectives


@dataclass(frozen=True, slots=True)
class Evidence:
    """A whole comparison."""

    tasks: tuple[TaskEvidence, ...]
    limits: Limits
    budget: str  # in words, as "1,000 epochs"
    seeds: int
    over_tasks: RankTest | None  # with several tasks and at least 3 entries
    verdicts: tuple[str, ...]
    notes: tuple[str, ...]
    cost: SharedCost

    @property
    def entries(self) -> tuple[str, ...]:
        """The names of what is compared, in the order they were asked for."""
        return tuple(entry.name for entry in self.tasks[0].entries)

    @property
    def mean_ranks(self) -> Mapping[str, float]:
        """Mean rank of each entry over all tasks and seeds; by entry."""
        ranks: dict[str, list[float]] = {name: [] for name in self.entries}
        for task in self.tasks:
            for entry in task.entries:
                ranks[entry.name].append(entry.mean_rank)
        return {name: sum(values) / len(values) for name, values in ranks.items()}


def chosen_trial(trials: tuple[TrialRecord, ...]) -> TrialRecord | None:
    """Return the completed trial of the lowest value: of equals that of fewest epochs, then the first."""
    done = [(trial.value, trial.epochs_done, trial.number, trial) for trial in trials if _counts(trial)]
    return min(done, key=lambda item: item[:3])[3] if done else None


def _counts(trial: TrialRecord) -> bool:
    return trial.outcome == "completed" and trial.value is not None
