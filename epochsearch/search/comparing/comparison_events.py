"""What a comparison tells whoever watches it, in order; the last one is always ComparisonEnded.

Nothing heavy is imported here: a view can stand before the libraries that search are loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from epochsearch.core.measure import THE_LOSS, Measure
from epochsearch.core.spec import Limits
from epochsearch.core.trial import Cost
from epochsearch.search.running.events import EpochDone, Notice, Tick, TrialEnded, TrialFrozen


@dataclass(frozen=True, slots=True)
class ComparedSearch:
    """One search of a comparison."""

    task: str  # reference
    entry: str
    seed: int  # of the search
    training_seed: int
    study: str


@dataclass(frozen=True, slots=True)
class ComparisonStarted:
    """The searches that will be run, or gone on with."""

    searches: tuple[ComparedSearch, ...]
    limits: Limits
    storage: str
    workers: int
    measure: Measure = THE_LOSS  # what the objective of all of them reads


@dataclass(frozen=True, slots=True)
class SearchEvent:
    """Something that one of the searches says."""

    search: ComparedSearch
    event: EpochDone | TrialEnded | TrialFrozen


@dataclass(frozen=True, slots=True)
class SearchOver:
    """One search has reached its budget; its study is whole on disk."""

    search: ComparedSearch
    why: str
    cost: Cost


@dataclass(frozen=True, slots=True)
class ComparisonEnded:
    """All searches are over, or the comparison was interrupted."""

    searches: tuple[ComparedSearch, ...]
    interrupted: bool


ComparisonEvent: TypeAlias = ComparisonStarted | SearchEvent | SearchOver | Notice | Tick | ComparisonEnded
