"""How a search ends: with the point to take, after a race for it if one was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from epochsearch.cli.console import Fact
from epochsearch.cli.terminal.racing import watched_race
from epochsearch.core.errors import SearchFailedError
from epochsearch.search.running.events import SearchEnded

if TYPE_CHECKING:
    from epochsearch.analysis.recommendation import Recommendation
    from epochsearch.core.measure import Measure
    from epochsearch.search.answers.race_events import RaceEnded


@dataclass(frozen=True, slots=True)
class Ending:
    """What is recommended of a study that was searched just now."""

    study: str
    measure: Measure
    recommendation: Recommendation | None  # None: no curve has a finite loss
    race: RaceEnded | None = None  # None: nothing was raced

    @property
    def unsure(self) -> bool:
        """Whether there is a point to take, and nothing tells noise from difference."""
        return self.recommendation is not None and not self.recommendation.noise.known

    @property
    def stopped(self) -> bool:
        """Whether a race was ended before its end."""
        return self.race is not None and self.race.stopped

    def facts(self) -> list[Fact]:
        """Return what a person reads."""
        from epochsearch.cli.words.recommend_texts import ending_text, race_text

        facts = [] if self.race is None else [("Race", race_text(self.race))]
        if self.recommendation is not None:
            facts.append(("Take", ending_text(self.recommendation, self.measure)))
        return facts

    def document(self) -> dict[str, Any]:
        """Return what `--json` adds to a search."""
        from epochsearch.cli.words.recommend_documents import race_document, recommendation_document

        found = self.recommendation
        recommended = {"recommended": None if found is None else recommendation_document(found)}
        return recommended if self.race is None else recommended | {"confirmed": race_document(self.race)}


def ending(ended: SearchEnded, storage: str, confirm: int | None, workers: str | None) -> Ending:
    """Return the ending of a search, raced for if `confirm` is a number and the search was not interrupted.

    workers: what --workers said.
    """
    from epochsearch.search.answers.recommendation import recommended

    summary, race = ended.summary, None
    study, measure = summary.study, summary.spec.measure
    if confirm is not None and ended.why != "interrupted" and summary.best is not None:
        race = watched_race(storage, study, measure, confirm, None, workers)
    try:
        return Ending(study, measure, recommended(storage, study), race)
    except SearchFailedError:
        return Ending(study, measure, None, race)
