"""Races of search methods on recorded tables, in memory: epochs until the best loss seen is good enough."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import optuna

from epochsearch.analysis.targets import best_shares
from epochsearch.core.choice import Choice, resolve
from epochsearch.core.point import Configuration
from epochsearch.core.space import Space, parse_space
from epochsearch.search.freeze_thaw.model import Constants, FreezeThaw
from epochsearch.search.freeze_thaw.policy import Policy
from epochsearch.search.proposing.encoding import Encoding
from epochsearch.search.proposing.policies import POLICIES, make_policy
from epochsearch.search.proposing.pruners import make_pruner, pruner_defaults
from epochsearch.search.proposing.samplers import SAMPLERS, make_sampler
from epochsearch.tasks.table import TableTask
from tests.command import REPOSITORY
from tests.replays import Replay, replay

TABLES = sorted((REPOSITORY.parent / "shared" / "bench").glob("*.csv.xz"))


@dataclass(frozen=True, slots=True)
class Table:
    """All curves of a recorded table, and what is good on it."""

    name: str
    space: Space  # epochs from 1 to the last
    losses: dict[Configuration, list[float]]  # by epoch
    snap: Callable[[Configuration], Configuration]
    targets: dict[float, float]  # share of the configurations -> loss that the best so many reach

    @property
    def last(self) -> int:
        """The epochs of a full training."""
        return self.space.max_epochs

    @property
    def family(self) -> str:
        """Where it comes from."""
        return self.name.partition("_")[0]


@cache
def table(path: Path) -> Table:
    """Return the table of a file."""
    task = TableTask(path)
    last = int(task.epochs.rpartition(":")[2])
    axes = {"learning_rate": task.learning_rate, "batch_size": task.batch_size}
    losses = {cell: [r.val_loss for r in task.reports(cell, 0)] for cell in task.configurations}
    lowest = [min((x for x in curve if math.isfinite(x)), default=None) for curve in losses.values()]
    shares = (0.05, 0.02)
    targets = dict(zip(shares, (t.loss for t in best_shares(lowest, shares)), strict=True))
    snapped: dict[Configuration, Configuration] = {}

    def snap(configuration: Configuration) -> Configuration:
        if configuration not in snapped:
            snapped[configuration] = task.snap(configuration)
        return snapped[configuration]

    return Table(task.name, parse_space({"epochs": str(last), **axes}), losses, snap, targets)


def policy_race(found: Table, name: str, seed: int, budget: int, **options: float) -> Replay:
    """Return what one of POLICIES does on a table until the best 2 % are reached or the budget is spent."""
    choice = resolve(Choice(name, tuple(options.items())), POLICIES, "--sampler")
    return _raced(found, make_policy(choice, found.space, seed, found.snap), budget)


def constants_race(found: Table, seed: int, budget: int, constants: Constants, share: float = 0.02) -> Replay:
    """Return what freeze-thaw does under other constants until the best `share` is reached."""
    return _raced(found, FreezeThaw(found.space, seed, found.snap, constants), budget, share)


def hyperband_race(found: Table, seed: int, budget: int) -> Replay:
    """Return what TPE and Hyperband do at full length; each trial is read at its best epoch."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    pruner = make_pruner(resolve(Choice("hyperband"), pruner_defaults(found.space, None), "--pruner"))
    study = optuna.create_study(study_name=f"{found.name}-{seed}", pruner=pruner)  # its brackets hang on it
    tpe = resolve(Choice("tpe"), SAMPLERS, "--sampler")
    axes = {
        name: axis for name, axis in Encoding(found.space, ordered=False).stored.items() if name != "epochs"
    }
    done = Replay()
    while done.charged < budget and not (done.bests and done.bests[-1] <= found.targets[0.02]):
        study.sampler = make_sampler(tpe, found.space, seed, len(study.trials))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trial = study.ask(axes)
        cell = found.snap(Configuration(trial.params["learning_rate"], trial.params["batch_size"]))
        _train(done, study, trial, found.losses[cell])
    return done


def _train(done: Replay, study: optuna.Study, trial: optuna.Trial, losses: list[float]) -> None:
    lowest = math.inf
    for epoch, loss in enumerate(losses, 1):
        best = done.bests[-1] if done.bests else math.inf
        done.bests.append(min(best, loss) if math.isfinite(loss) else best)
        if not math.isfinite(loss):
            break
        lowest = min(lowest, loss)
        trial.report(loss, epoch)
        if epoch < len(losses) and trial.should_prune():
            break
    else:
        study.tell(trial, lowest)
        return
    study.tell(trial, state=optuna.trial.TrialState.PRUNED)


def _raced(found: Table, policy: Policy, budget: int, share: float = 0.02) -> Replay:
    return replay(policy, found.losses.__getitem__, budget, snap=found.snap, target=found.targets[share])


def arrivals(race: Replay, found: Table, share: float, budget: int) -> tuple[int, bool]:
    """Return the epochs until the best share was reached and whether it was; the budget if it was not."""
    reached = race.reached(found.targets[share])
    return (reached, True) if reached is not None and reached <= budget else (budget, False)


def forecasts(race: Replay, found: Table) -> Iterator[tuple[str, bool]]:
    """Yield for each forecast its kind and whether the loss that came lies in its 90 % interval.

    Kinds: "next" at the end of the order, "end" at the last epoch, which the table knows whether trained or
    not.
    """
    for order in race.orders:
        if order.forecast is None:
            continue
        whole = np.array(found.losses[found.snap(order.configuration)])
        for kind, expected, epochs in (
            ("next", order.forecast.upto, order.upto),
            ("end", order.forecast.end, found.last),
        ):
            part = whole[:epochs]
            if np.isfinite(part).all():
                yield kind, expected.low * (1 - 1e-9) <= part.min() <= expected.high * (1 + 1e-9)
