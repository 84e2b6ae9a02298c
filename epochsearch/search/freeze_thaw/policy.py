"""Policies: which curve goes on, and up to which epoch; a pure function of what has been seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from epochsearch.core.orders import Forecast
from epochsearch.core.point import Configuration
from epochsearch.search.freeze_thaw.curves import SeenCurve

Snap: TypeAlias = Callable[[Configuration], Configuration]
"""From a proposed configuration to the one that is trained, on a lattice or in a table."""


@dataclass(frozen=True, slots=True)
class Order:
    """Train a curve up to an epoch."""

    step: int  # 0-based: how many orders came before
    number: int | None  # of the trial that goes on; None: a new one
    configuration: Configuration
    upto: int  # epochs
    forecast: Forecast | None = None


class Policy(Protocol):
    """Decides from the curves seen so far, the number of orders given, and the study's seed alone."""

    def next(self, curves: Sequence[SeenCurve], step: int, *, begin: bool) -> Order | None:
        """Return order `step`; None if there is nothing to do before something that runs has ended, or ever.

        begin: whether a new curve may be begun.
        """
        ...
