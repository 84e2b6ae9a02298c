"""From the searches of a comparison to everything that is said about them.

The unit of evidence is the seed of the search: where each is repeated over initialisations (training seeds),
its final loss is the mean over them, for repeats of one seed propose alike and are not independent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from epochsearch.analysis.anytime import (
    RegretScale,
    area,
    band,
    best_so_far,
    cost_grid,
    normalised_regret,
    regret_scale,
)
from epochsearch.analysis.intervals import interquartile_mean
from epochsearch.analysis.pairs import ALPHA, FEWEST_PAIRS, Pair, all_pairs
from epochsearch.analysis.power import fewest_seeds, smallest_p
from epochsearch.analysis.ranks import RankTest, friedman, ranks
from epochsearch.analysis.remarks import (
    all_notes,
    budget_text,
    over_tasks_text,
    random_notes,
    unspent_notes,
)
from epochsearch.analysis.results import (
    EntryEvidence,
    Evidence,
    SearchResult,
    TaskEvidence,
    TaskResults,
    chosen_trial,
)
from epochsearch.analysis.shared_cost import shared_cost
from epochsearch.analysis.targets import Target, arrival, best_shares, cost_ratio, summarise
from epochsearch.analysis.traces import CostKind, Step, Trace, anytime, final_best, trace
from epochsearch.analysis.verdict import ChosenPoints, verdict
from epochsearch.core.measure import Measure
from epochsearch.core.spec import Limits
from epochsearch.core.trial import Cost


def weigh(results: Sequence[TaskResults], limits: Limits, target: float | None = None) -> Evidence:
    """Return the evidence of a comparison.

    results: one a task, with the same entries and, on each task, the same seeds for all of them.
    target: a loss or metric whose cost is to be told; on a complete table the best 10, 5 and 2 % are anyway.
    """
    tasks = tuple(_task(each, limits, target, several=len(results) > 1) for each in results)
    over = _over_tasks(tasks)
    sentences = [sentence for task in tasks for sentence in task.verdicts]
    if over is not None:
        sentences.insert(0, over_tasks_text(over))
    return Evidence(
        tasks=tasks,
        limits=limits,
        budget=budget_text(limits),
        seeds=len(tasks[0].entries[0].final),
        over_tasks=over,
        verdicts=tuple(sentences),
        notes=all_notes(tasks),
        cost=shared_cost(_costs([search for each in results for search in each.searches])),
    )


def _unit(limits: Limits) -> CostKind:
    return "seconds" if limits.epochs is None and limits.charged_seconds is not None else "epochs"


def _task(results: TaskResults, limits: Limits, target: float | None, *, several: bool) -> TaskEvidence:
    budget, by, measure = budget_text(limits), _unit(limits), results.measure
    names = tuple(dict.fromkeys(search.entry for search in results.searches))
    scale = regret_scale(results.losses) if _any_finite(results.losses) else None
    targets = best_shares(results.losses) if scale else ()
    if target is not None:
        targets = (*targets, Target(f"{measure.word} {target:g}", measure.shown(target)))
    groups = {name: [s for s in results.searches if s.entry == name] for name in names}
    traces = {name: [_trace(search) for search in groups[name]] for name in names}
    finals = {name: _finals(groups[name], traces[name]) for name in names}
    entries = _entries(groups, traces, finals, scale, targets)
    pairs, notes = _pairs(finals)
    notes += [*unspent_notes(results, limits, several=several), *random_notes(results)]
    return TaskEvidence(
        task=results.task,
        name=results.name,
        objective=results.objective,
        entries=entries,
        scale=scale,
        targets=targets,
        pairs=pairs,
        verdicts=tuple(_verdict(pair, results.name, budget, traces, by, measure) for pair in pairs),
        notes=tuple(notes),
        cost=shared_cost(_costs(results.searches)),
        measure=measure,
    )


def _trace(search: SearchResult) -> Trace:
    if search.orders:
        return Trace(search.study, search.entry, search.seed, search.orders)
    return trace(search.trials, study=search.study, entry=search.entry, seed=search.seed)


def _finals(searches: Sequence[SearchResult], traces: Sequence[Trace]) -> tuple[float, ...]:
    by_seed: dict[int, list[float]] = {}
    for search, searched in zip(searches, traces, strict=True):
        by_seed.setdefault(search.seed, []).append(final_best(searched))
    return tuple(math.fsum(by_seed[seed]) / len(by_seed[seed]) for seed in sorted(by_seed))


def _entries(
    groups: dict[str, list[SearchResult]],
    traces: dict[str, list[Trace]],
    finals: dict[str, tuple[float, ...]],
    scale: RegretScale | None,
    targets: Sequence[Target],
) -> tuple[EntryEvidence, ...]:
    everything = [searched for group in traces.values() for searched in group]
    ranked = ranks(np.array(list(finals.values())).T)  # (seeds, entries)
    grids = {by: cost_grid(everything, by) for by in ("epochs", "seconds")}
    end = max((searched.charged() for searched in everything), default=0.0)
    first = max((steps[0].best for steps in map(anytime, everything) if steps), default=math.nan)
    found = []
    for column, (name, searches) in enumerate(groups.items()):
        group, final = traces[name], finals[name]
        found.append(
            EntryEvidence(
                name=name,
                searches=tuple(searches),
                traces=tuple(group),
                final=final,
                mean_rank=float(ranked[:, column].mean()),
                wins=int((ranked[:, column] == ranked.min(axis=1)).sum()),
                interquartile_mean=interquartile_mean([final]) if _testable(final, 2) else None,
                cost=shared_cost(_costs(searches)),
                epochs=band(best_so_far(group, grids["epochs"], "epochs"), grids["epochs"]),
                seconds=band(best_so_far(group, grids["seconds"], "seconds"), grids["seconds"]),
                area=_area(group, end, first, scale),
                arrivals=tuple(
                    summarise([arrival(searched, target.loss) for searched in group], end or 1.0)
                    for target in targets
                ),
                chosen=_chosen(name, searches),
            )
        )
    return tuple(found)


def _area(traces: Sequence[Trace], end: float, first: float, scale: RegretScale | None) -> float | None:
    """Return the mean area over searches: of the normalised regret, at most 1, where the scale is known.

    Elsewhere of the loss; until its first completed trial the highest first loss of any search counts.
    """
    if end <= 0 or not math.isfinite(first):
        return None
    areas = []
    for searched in traces:
        steps, before = anytime(searched), first
        if scale is not None:
            regrets = np.minimum(1.0, normalised_regret([step.best for step in steps], scale)).tolist()
            steps = tuple(Step(step.cost, regret) for step, regret in zip(steps, regrets, strict=True))
            before = 1.0
        areas.append(area(steps, end, before=before))
    return float(np.mean(areas))


def _chosen(name: str, searches: Sequence[SearchResult]) -> ChosenPoints | None:
    chosen = [(chosen_trial(search.trials), search.test) for search in searches]
    values = [trial.value for trial, _ in chosen if trial is not None and trial.value is not None]
    if not values:
        return None
    tests = [test for _, test in chosen if test is not None and math.isfinite(test)]
    known = math.fsum(tests) / len(tests) if len(tests) == len(values) else None
    return ChosenPoints(name, math.fsum(values) / len(values), known)


def _pairs(finals: dict[str, tuple[float, ...]]) -> tuple[tuple[Pair, ...], list[str]]:
    """Return all pairs that can be tested, and why the others cannot."""
    seeds, notes = len(next(iter(finals.values()))), []
    if len(finals) < 2:
        return (), ["there is one entry: nothing to compare it with"]
    if seeds < FEWEST_PAIRS:
        return (), [
            f"{'one seed is' if seeds == 1 else 'two seeds are'} too few to test anything: these are numbers "
            "without p values or a verdict. Give --seeds 10"
        ]
    testable = {name: final for name, final in finals.items() if _testable(final, FEWEST_PAIRS)}
    for name in finals.keys() - testable.keys():
        empty = sum(not math.isfinite(loss) for loss in finals[name])
        notes.append(
            f"{name} is not tested: {empty} of its {seeds} seeds completed no trial. Give a larger budget"
        )
    pairs = math.comb(len(testable), 2)
    least = min(1.0, smallest_p(seeds) * pairs)
    if least >= ALPHA:
        holm = f" after Holm over {pairs} pairs" if pairs > 1 else ""
        said = f"{seeds} seeds cannot give a p below {least:.3g}{holm}"
        notes.append(f"{said}: give at least --seeds {fewest_seeds(pairs)}")
    return all_pairs(testable) if pairs else (), sorted(notes)


def _testable(final: Sequence[float], least: int) -> bool:
    return len(final) >= least and all(math.isfinite(loss) for loss in final)


def _verdict(
    pair: Pair, task: str, budget: str, traces: dict[str, list[Trace]], by: CostKind, measure: Measure
) -> str:
    winner = pair.better()
    if winner is None:
        return verdict(pair, task, budget, by=by, measure=measure)
    loser = pair.b if winner == pair.a else pair.a
    ratio = cost_ratio(traces[winner], traces[loser], by)
    return verdict(pair, task, budget, ratio, by=by, measure=measure)


def _over_tasks(tasks: Sequence[TaskEvidence]) -> RankTest | None:
    if len(tasks) < 2 or len(tasks[0].entries) < 3:
        return None
    means = {
        entry.name: [_mean_final(task.entries[i].final) for task in tasks]
        for i, entry in enumerate(tasks[0].entries)
    }
    return friedman(means)


def _mean_final(final: Sequence[float]) -> float:
    return math.fsum(final) / len(final)


def _costs(searches: Sequence[SearchResult]) -> list[Cost]:
    return [sum((trial.cost for trial in search.trials), Cost()) for search in searches]


def _any_finite(losses: Sequence[float | None]) -> bool:
    return any(loss is not None and math.isfinite(loss) for loss in losses)
