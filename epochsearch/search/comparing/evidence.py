"""From the searches in a storage to the evidence of a comparison: loaded here, computed in `analysis`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from epochsearch.analysis.evidence import weigh
from epochsearch.analysis.results import Evidence, SearchResult, TaskResults, chosen_trial
from epochsearch.core.errors import SearchFailedError
from epochsearch.core.settings import TABLE_PREFIX
from epochsearch.core.spec import Limits, StudySpec
from epochsearch.core.trial import Outcome, TrialRecord
from epochsearch.search.comparing.comparability import (
    Stored,
    check_comparable,
    entry_names,
    same_limits,
    within_limits,
)
from epochsearch.search.comparing.comparison_events import ComparedSearch
from epochsearch.search.comparing.optimum import first_read, reachable_losses
from epochsearch.search.comparing.tracing import order_steps
from epochsearch.search.proposing.grid import GridSampler
from epochsearch.search.proposing.lattice import make_lattice
from epochsearch.search.proposing.samplers import make_sampler
from epochsearch.store.archive import studies_trials
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.table import TableTask


def gather(
    searches: Sequence[ComparedSearch],
    limits: Limits,
    storage: str,
    target: float | None = None,
    tests: Mapping[str, float] | None = None,
) -> Evidence:
    """Return the evidence of the searches of one comparison.

    limits: a search that an earlier comparison took further is read up to there. target: a loss whose cost is
    to be told. tests: test losses of the points chosen, by study.

    Raises:
        NotFoundError: A study is not in the storage.
        SearchFailedError: An entry has no completed trial at all.
        UsageError: A search that freezes and thaws went beyond the limits.
    """
    read = studies_trials(storage, [search.study for search in searches])
    by_task: dict[str, list[tuple[StudySpec, SearchResult]]] = {}
    for search, (spec, trials) in zip(searches, read, strict=True):
        test = (tests or {}).get(search.study)
        orders = order_steps(storage, search.study, spec)
        kept = within_limits(search.study, spec, trials, limits)
        result = SearchResult(
            search.study, search.entry, search.seed, search.training_seed, kept, test, orders
        )
        by_task.setdefault(search.task, []).append((spec, result))
    return weigh([_results(task, found, storage) for task, found in by_task.items()], limits, target)


def gather_studies(
    studies: Sequence[str],
    storage: str,
    target: float | None = None,
    tests: Mapping[str, float] | None = None,
) -> Evidence:
    """Return the evidence of searches that are already in the storage, paired by their seeds.

    target, tests: as `gather` takes them.

    Raises:
        NotFoundError: A study is not in the storage.
        UsageError: They cannot be compared; the message says why.
        SearchFailedError: An entry has no completed trial at all.
    """
    read = studies_trials(storage, studies)
    stored = [
        Stored(name, spec, tuple(trials), _whole_grid(spec, trials))
        for name, (spec, trials) in zip(studies, read, strict=True)
    ]
    check_comparable(stored)
    names = entry_names([one.spec for one in stored])
    found = [
        (
            one.spec,
            SearchResult(
                one.study,
                name,
                one.spec.seed,
                one.spec.training_seed,
                one.trials,
                (tests or {}).get(one.study),
                order_steps(storage, one.study, one.spec),
            ),
        )
        for one, name in zip(stored, names, strict=True)
    ]
    return weigh([_results(stored[0].spec.task, found, storage)], same_limits(stored), target)


def _results(reference: str, found: Sequence[tuple[StudySpec, SearchResult]], storage: str) -> TaskResults:
    _check_some_completed([result for _, result in found])
    spec, task = min((spec for spec, _ in found), key=first_read), load_task(reference)
    seeds = sorted({result.training_seed for _, result in found})
    whole = [result.study for spec, result in found if _whole_grid(spec, result.trials)]
    return TaskResults(
        task=reference,
        name=task.name if task.recorded else reference,
        objective=spec.objective,
        searches=tuple(result for _, result in found),
        losses=reachable_losses(task, spec, seeds, storage),
        measure=spec.measure,
        whole_grid=frozenset(whole),
        still_random=frozenset(one.study for spec, one in found if _still_random(spec, one.trials)),
    )


def _check_some_completed(searches: Sequence[SearchResult]) -> None:
    entries = dict.fromkeys(search.entry for search in searches)
    for entry in entries:
        own = [search for search in searches if search.entry == entry]
        if any(chosen_trial(search.trials) for search in own):
            continue
        trials = [trial for search in own for trial in search.trials]
        counts = ", ".join(
            f"{count} {outcome}"
            for outcome in Outcome
            if (count := sum(trial.outcome is outcome for trial in trials))
        )
        reasons = [" ".join(trial.reason.split()) for trial in trials if trial.reason]
        action = f"The last reason: {reasons[-1]}" if reasons else "Give a larger budget."
        rule = f"no trial of its {len(own)} searches was completed ({counts or 'there are none'})"
        raise SearchFailedError(entry, "", rule, action)


def _still_random(spec: StudySpec, trials: Sequence[TrialRecord]) -> bool:
    """Return whether all trials were drawn before the sampler takes any result into account."""
    return 0 < len(trials) <= int(spec.sampler.values.get("n_startup_trials", 0) or 0)


def _whole_grid(spec: StudySpec, trials: Sequence[TrialRecord]) -> bool:
    """Return whether a grid search has no cell left."""
    if spec.sampler.name != "grid" or any(trial.outcome is Outcome.INTERRUPTED for trial in trials):
        return False
    recorded: tuple[float, ...] = ()
    if spec.task.startswith(TABLE_PREFIX) and spec.resolution:
        task = load_task(spec.task)
        recorded = task.learning_rates if isinstance(task, TableTask) else ()
    lattice = make_lattice(spec.space, spec.resolution, recorded)
    sampler = make_sampler(spec.sampler, spec.space, spec.seed, 0, lattice)
    visited = {tuple(sorted(trial.point.parameters.items())) for trial in trials}
    return isinstance(sampler, GridSampler) and len(visited) >= len(sampler)
