"""What `run --dry-run` tells: what a search will take, and how that is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from epochsearch.cli.console import Fact
from epochsearch.cli.words.documents import number
from epochsearch.cli.words.formats import bytes_text, count_text, duration_text
from epochsearch.cli.words.texts import ENDED_BY, task_text
from epochsearch.core.patience import ENDLESS
from epochsearch.search.costs.planning import Plan

SOURCES = {
    "ledger": "from curves that are in the ledger",
    "measured": "measured just now",
    "recorded": "nothing is trained: the curves are recorded",
}


def plan_facts(plan: Plan, command: str) -> list[Fact]:
    """Return the prediction for a person.

    command: starts the search itself.
    """
    spec = plan.spec
    name = f"{plan.study} (a dry run: nothing is stored)"
    facts = [("Study", name), ("Search", f"{task_text(spec.task)}, {spec.sampler.name} + {spec.pruner.name}")]
    facts += [("Trials", _trials(plan)), ("Epochs", _epochs(plan)), ("Time", _time(plan))]
    if plan.prices.source != "recorded":
        facts.append(("Epoch", _price(plan)))
    kept, database = bytes_text(plan.checkpoint_bytes), bytes_text(plan.database_bytes)
    return [*facts, ("Disk", f"about {kept} of checkpoints, {database} of database"), ("Next", command)]


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return what `--json` prints."""
    spec, prices = plan.spec, plan.prices
    return {
        "study": plan.study,
        "task": spec.task,
        "sampler": spec.sampler.name,
        "pruner": spec.pruner.name,
        "spec": spec.to_dict(),
        "dry_run": True,
        "finished": plan.finished,
        "ended_by": plan.ended_by,
        "exact": plan.exact,
        "trials": plan.trials,
        "epochs": {"charged": plan.epochs_charged, "trained": plan.epochs_trained},
        "seconds": {"trained": number(plan.seconds_training), "wall": number(plan.seconds_wall)},
        "bytes": {"checkpoints": plan.checkpoint_bytes, "database": plan.database_bytes},
        "workers": plan.workers,
        "epoch_seconds": {
            "from": prices.source,
            "by_batch_size": {str(size): seconds for size, seconds in sorted(prices.seconds.items())},
        },
        "pruned_share": None
        if plan.pruned is None
        else {"share": plan.pruned.share, "studies": plan.pruned.studies},
    }


def _trials(plan: Plan) -> str:
    end = ENDED_BY.get(plan.ended_by, plan.ended_by)
    further = f"{plan.trials} more, {plan.finished} are there" if plan.finished else str(plan.trials)
    kind = "these very ones" if plan.exact else "drawn at random here, by results in the search"
    return f"{further}; then {end}\n{kind}"


def _epochs(plan: Plan) -> str:
    said = f"{plan.epochs_charged:,} charged, {plan.epochs_trained:,} to train"
    if plan.spec.pruner.name == "none" and plan.spec.patience == ENDLESS:
        return said
    if plan.pruned is None:
        return f"{said}\nat most, for nothing is stopped early here"
    share, count = plan.pruned.share, plan.pruned.studies
    studies = "1 study" if count == 1 else f"{count} studies"
    return f"{said}, nothing stopped early\nabout {share:.0%} of that with it, going by {studies}"


def _time(plan: Plan) -> str:
    if plan.prices.source == "recorded":
        return SOURCES["recorded"]
    workers = count_text(plan.workers, "worker") if plan.workers else "in this process"
    wall, training = duration_text(plan.seconds_wall), duration_text(plan.seconds_training)
    return f"about {wall} on the clock ({workers}), start-up left out\n{training} of training"


def _price(plan: Plan) -> str:
    seconds: Sequence[float] = sorted(plan.prices.seconds.values())
    sizes = count_text(len(seconds), "batch size")
    return f"{seconds[0]:.2g} to {seconds[-1]:.2g} s, {sizes} {SOURCES[plan.prices.source]}"
