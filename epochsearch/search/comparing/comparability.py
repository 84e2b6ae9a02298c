"""Which searches may be compared: those that differ in sampler, pruner and seed, and in nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from epochsearch.analysis.within import within
from epochsearch.core.errors import UsageError
from epochsearch.core.spec import Limits, StudySpec, differences
from epochsearch.core.stages import ROWS, SCHEDULE, STAGED
from epochsearch.core.trial import Outcome, TrialRecord

WHERE = "--studies"
FREE = ("sampler", "pruner", "seed", "training_seed")
VARIED = (f"space.{ROWS}", f"space.{SCHEDULE}", "patience")
"""What a staged search varies besides: it may be compared with one that does not."""
TITLES = {"fingerprint": "the task's code or data"}


@dataclass(frozen=True, slots=True)
class Stored:
    """A search that is in the storage."""

    study: str
    spec: StudySpec
    trials: tuple[TrialRecord, ...]
    whole_grid: bool  # its grid has no cell left

    @property
    def charged(self) -> int:
        """Epochs that it was charged."""
        return sum(trial.cost.epochs_charged for trial in self.trials)

    @property
    def ended(self) -> int:
        """Trials that ended for good."""
        return sum(trial.outcome is not Outcome.INTERRUPTED for trial in self.trials)


def check_comparable(searches: Sequence[Stored]) -> None:
    """Make sure that the searches are of one task, under one budget, and pair by their seeds.

    Raises:
        UsageError: They are not; the message names the two that differ and in what.
    """
    if len(searches) < 2:
        rule = "a comparison needs at least two studies"
        raise UsageError(WHERE, _names(searches) or "''", rule, "List them with: epochsearch studies")
    first = searches[0]
    for other in searches[1:]:
        free = FREE + (VARIED if STAGED in (first.spec.sampler.name, other.spec.sampler.name) else ())
        free += ("objective",) if first.spec.freezes or other.spec.freezes else ()  # its epochs are read off
        changed = [item for item in differences(first.spec, other.spec) if item[0] not in free]
        if changed:
            shown = "; ".join(f"{_title(key)} is {a} and {b}" for key, a, b in changed[:3])
            rule = f"they are not comparable: {shown}"
            raise UsageError(WHERE, f"{first.study} and {other.study}", rule, "Compare like with like.")
    _check_budget(searches)
    _check_pairs(searches)


def same_limits(searches: Sequence[Stored]) -> Limits:
    """Return the budget that the searches have in common."""
    if _equal_trials(searches):
        return Limits(trials=searches[0].ended)
    return Limits(epochs=max(one.charged for one in searches))


def within_limits(
    study: str, spec: StudySpec, trials: Sequence[TrialRecord], limits: Limits
) -> tuple[TrialRecord, ...]:
    """Return the trials of a search up to the limits of a comparison, where an earlier one took it further.

    Raises:
        UsageError: It freezes and thaws: what its trials were worth midway is not told by their records.
    """
    found = within(trials, limits)
    if spec.freezes and found != tuple(sorted(trials, key=lambda trial: trial.number)):
        charged = sum(trial.cost.epochs_charged for trial in trials)
        rule = f"it went on to {charged:,} charged epochs, and a search that freezes is not read midway"
        action = f"Give --epoch-budget {charged}, or another --storage."
        raise UsageError("compare", study, rule, action)
    return found


def entry_names(specs: Sequence[StudySpec]) -> list[str]:
    """Return a name for the sampler and pruner of each spec, no longer than what tells them apart."""
    whole = [f"{spec.sampler}+{spec.pruner}" for spec in specs]
    short = [f"{spec.sampler.name}+{spec.pruner.name}" for spec in specs]
    plain = [spec.sampler.name for spec in specs]
    for names in (plain, short):
        if len(set(zip(names, whole, strict=True))) == len(set(names)):
            return names
    return whole


def _check_budget(searches: Sequence[Stored]) -> None:
    if _equal_trials(searches):
        return
    most = max(searches, key=lambda one: one.charged)
    last = most.spec.space.max_epochs
    for one in searches:
        if one.charged + last < most.charged and not one.whole_grid:
            rule = (
                f"unequal budgets: {most.charged:,} and {one.charged:,} charged epochs "
                f"({most.ended} and {one.ended} trials) differ by more than a last trial ({last} epochs)"
            )
            action = f"Go on with {one.study}, with --epoch-budget {most.charged}"
            raise UsageError(WHERE, f"{most.study} and {one.study}", rule, action)


def _check_pairs(searches: Sequence[Stored]) -> None:
    seeds: dict[str, dict[tuple[int, int], str]] = {}
    for one, name in zip(searches, entry_names([one.spec for one in searches]), strict=True):
        key = (one.spec.seed, one.spec.training_seed)
        before = seeds.setdefault(name, {}).setdefault(key, one.study)
        if before != one.study:
            rule = f"both are {name} with seed {one.spec.seed}"
            raise UsageError(WHERE, f"{before} and {one.study}", rule, "Leave one of them out.")
    (first, expected), *others = seeds.items()
    for name, found in others:
        if found.keys() != expected.keys():
            shown = f"{first} has {_seeds(expected)}, {name} has {_seeds(found)}"
            raise UsageError(WHERE, "", f"every entry needs the same seeds: {shown}", "Run the missing ones.")


def _equal_trials(searches: Sequence[Stored]) -> bool:
    none_open = all(len(one.trials) == one.ended for one in searches)
    return none_open and len({one.ended for one in searches}) == 1


def _seeds(found: dict[tuple[int, int], str]) -> str:
    seeds = sorted({seed for seed, _ in found})
    return f"seed{'' if len(seeds) == 1 else 's'} {', '.join(map(str, seeds))}"


def _title(key: str) -> str:
    return TITLES.get(key, key.removeprefix("space."))


def _names(searches: Sequence[Stored]) -> str:
    return ", ".join(one.study for one in searches)
