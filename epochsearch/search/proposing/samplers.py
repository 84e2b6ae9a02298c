"""The samplers by name, with every option that matters, and how each is made afresh for every proposal.

A sampler object lives for one proposal: it is seeded from (study seed, trial number), and all it may know is
the study. So a search that was killed proposes the same points when it goes on. To add a sampler: a row in
SAMPLERS, a function below, and the tests that run on every sampler run on it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler

from epochsearch.analysis.extension import ExtensionRule
from epochsearch.core.choice import Choice, Defaults
from epochsearch.core.errors import UsageError, first_line
from epochsearch.core.extension import EXTEND, least_gain, starting_points
from epochsearch.core.space import Space
from epochsearch.search.proposing.carrying import CarryingSampler
from epochsearch.search.proposing.grid import GridSampler, grid_cells
from epochsearch.search.proposing.known_space import KnownSpaceTPE
from epochsearch.search.proposing.lattice import Lattice, OnLattice

SAMPLERS: Defaults = {
    "grid": {  # steps of a range (0: one a decade); cells: at most, 0: any number; finer: so many grids more
        "epochs": 4,
        "learning_rate": 0,
        "batch_size": 4,
        "others": 3,
        "cells": 0,
        "finer": 0,
    },
    "random": {},
    "tpe": {
        "n_startup_trials": 10,
        "n_ei_candidates": 24,
        "multivariate": True,
        "group": False,
        "constant_liar": True,
    },
    "tpe-read-off": {  # tpe at the largest number of epochs; each trial is read at its best epoch
        "n_startup_trials": 10,
        "n_ei_candidates": 24,
        "multivariate": True,
        "group": False,
        "constant_liar": True,
    },
    "qmc": {"qmc_type": "sobol", "scramble": True},
    "gp": {"n_startup_trials": 10, "deterministic_objective": False},
    "cmaes": {"n_startup_trials": 1, "with_margin": False, "lr_adapt": False},
}
"""Name -> option -> default; all that `run` offers. An extension's own sampler is not among them."""

READ_OFF = frozenset({"tpe-read-off"})
"""Samplers that leave epochs alone: they are the most there may be, and the best epoch's loss counts."""

ORDERED = frozenset({"cmaes"})
"""Samplers that know no categories: lists of numbers are told to them as an index."""


def make_sampler(
    choice: Choice, space: Space, study_seed: int, number: int, lattice: Lattice | None = None
) -> BaseSampler:
    """Return the sampler that proposes trial `number` (0-based) of a study, on the lattice if there is one.

    Raises:
        UsageError: An option has a value that Optuna does not take.
    """
    proposal_seed = int(np.random.SeedSequence([study_seed, number]).generate_state(1)[0])
    try:
        with warnings.catch_warnings():  # whoever names a sampler need not be told that it is experimental
            warnings.simplefilter("ignore", ExperimentalWarning)
            sampler = _MAKERS[choice.name](choice.values, space, study_seed, proposal_seed)
    except (TypeError, ValueError) as error:
        rule = first_line(error)
        raise UsageError("--sampler", str(choice), rule, "Correct the options.") from error
    if not lattice:
        return sampler
    return (
        sampler.on(lattice, space) if isinstance(sampler, GridSampler) else OnLattice(sampler, lattice, space)
    )


def _grid(options: dict[str, Any], space: Space, study_seed: int, proposal_seed: int) -> BaseSampler:
    return GridSampler(grid_cells(space, tuple(options.items()), study_seed))


def _random(options: dict[str, Any], space: Space, study_seed: int, proposal_seed: int) -> BaseSampler:
    return optuna.samplers.RandomSampler(seed=proposal_seed)


def _tpe(options: dict[str, Any], space: Space, study_seed: int, proposal_seed: int) -> BaseSampler:
    if options["multivariate"] and not options["group"]:
        return KnownSpaceTPE(seed=proposal_seed, **options).on_space(space)
    return optuna.samplers.TPESampler(seed=proposal_seed, **options)


def _qmc(options: dict[str, Any], space: Space, study_seed: int, proposal_seed: int) -> BaseSampler:
    # One sequence for the whole study, so one seed; its position is kept among the study's attributes.
    return optuna.samplers.QMCSampler(seed=study_seed, **options)


def _gp(options: dict[str, Any], space: Space, study_seed: int, proposal_seed: int) -> BaseSampler:
    return optuna.samplers.GPSampler(seed=proposal_seed, **options)


def _cmaes(options: dict[str, Any], space: Space, study_seed: int, proposal_seed: int) -> BaseSampler:
    return optuna.samplers.CmaEsSampler(seed=proposal_seed, **options)


def _extend(options: dict[str, Any], space: Space, study_seed: int, proposal_seed: int) -> BaseSampler:
    sampler = Choice(EXTEND, tuple(options.items()))
    return CarryingSampler(starting_points(sampler), ExtensionRule(least_gain(sampler), space.max_epochs))


_MAKERS: dict[str, Callable[[dict[str, Any], Space, int, int], BaseSampler]] = {
    "grid": _grid,
    "random": _random,
    "tpe": _tpe,
    "tpe-read-off": _tpe,
    "qmc": _qmc,
    "gp": _gp,
    "cmaes": _cmaes,
    EXTEND: _extend,
}
