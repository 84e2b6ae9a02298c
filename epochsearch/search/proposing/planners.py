"""Which planner a study has: Optuna's samplers, or a policy over open curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from epochsearch.core.point import Configuration, Point
from epochsearch.core.stages import STAGED
from epochsearch.search.freeze_thaw.planner import OrderPlanner
from epochsearch.search.proposing.lattice import make_lattice, snap
from epochsearch.search.proposing.planner import Planner
from epochsearch.search.proposing.policies import make_policy
from epochsearch.search.proposing.proposals import Proposals
from epochsearch.search.settings.resolve import Resolved
from epochsearch.search.staged.planner import StagedPlanner
from epochsearch.store.studies import StoredTrial
from epochsearch.tasks.base import Task
from epochsearch.tasks.table import TableTask


def make_planner(
    study: str, resolved: Resolved, task: Task, stored: Sequence[StoredTrial], attributes: dict[str, Any]
) -> Planner:
    """Return the planner of a study.

    stored, attributes: what earlier runs of it left.
    """
    recorded = task.learning_rates if isinstance(task, TableTask) else ()
    spec, limits = resolved.spec, resolved.limits
    if not spec.freezes and spec.sampler.name != STAGED:
        return Proposals(study, spec, stored, attributes, recorded)
    lattice = make_lattice(spec.space, spec.resolution, recorded)

    def move(configuration: Configuration) -> Configuration:
        if not lattice:
            return configuration
        parameters = Point(spec.space.max_epochs, configuration).parameters
        moved = {name: snap(lattice, spec.space, name, value) for name, value in parameters.items()}
        return Point.from_parameters(moved).configuration

    if spec.sampler.name == STAGED:
        return StagedPlanner(study, spec, move, stored)

    def trained(configuration: Configuration) -> Configuration:
        return task.snap(move(configuration))

    timed = limits.seconds is not None or limits.charged_seconds is not None
    policy = make_policy(spec.sampler, spec.space, spec.seed, trained, by_seconds=timed)
    return OrderPlanner(spec, policy, move, task.snap, stored)
