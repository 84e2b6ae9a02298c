"""How fast the parts of one curve's model are trained, as its task says: frozen, slower or as all others.

What holds in an epoch follows from its number, so there is nothing to freeze with the curve's state.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from torch import nn

from epochsearch.core.errors import TaskError, nearest
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import place


class LayerRates:
    """The shares of the learning rate that parts of a model are trained at."""

    def __init__(self, task: Task, model: nn.Module) -> None:
        """model: with the weights that are ever trained requiring gradients.

        Raises:
            TaskError: The task names a part that the model does not have, or a rate that is none.
        """
        self._task, self._model = task, model
        self._where = f"{place(task)} layer_rates()"
        self._rates: Mapping[str, float] = {}
        self._parts = tuple(sorted(self._asked(1)))  # a part before the parts in it
        self._weights: dict[str, list[nn.Parameter]] = {part: [] for part in ("", *self._parts)}
        for name, weight in model.named_parameters():
            if weight.requires_grad:
                self._weights[self._part_of(name)].append(weight)

    def groups(self) -> list[dict[str, Any]]:
        """Return the weights as groups of an optimiser, one for each part that has any."""
        return [{"params": weights} for weights in self._weights.values() if weights]

    def begin(self, epoch: int) -> None:
        """Learn what holds in an epoch, 1 the first.

        Raises:
            TaskError: The task names other parts than at first, or a rate that is none.
        """
        if not self._parts:
            return
        self._rates = self._asked(epoch)
        if tuple(sorted(self._rates)) != self._parts:
            given = f"names {', '.join(sorted(self._rates)) or 'nothing'} in epoch {epoch}"
            rule = f"must name the same parts in every epoch: {', '.join(self._parts)}"
            raise TaskError(self._where, given, rule, "Give 1.0 where a part is trained as all others.")

    def freeze(self) -> None:
        """Freeze the parts whose rate is 0 and let all others be trained; the model is in training mode."""
        for part in self._parts:
            trained = self._rates[part] > 0.0
            self._model.get_submodule(part).train(trained)
            for weight in self._weights[part]:
                weight.requires_grad_(trained)

    def shares(self) -> list[float]:
        """Return the share of the learning rate that each of `groups` is trained at, in their order."""
        return [self._rates.get(part, 1.0) for part, weights in self._weights.items() if weights]

    def _asked(self, epoch: int) -> dict[str, float]:
        asked: dict[str, Any] = dict(self._task.layer_rates(self._model, epoch))
        names = [name for name, _ in self._model.named_modules() if name]
        for part, rate in asked.items():
            if part not in names:
                raise TaskError(self._where, part, "the model has no such part", nearest(part, names))
            if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate < math.inf:
                rule = "must be a share of the learning rate, 0 or more"
                raise TaskError(
                    self._where, f"{part}: {rate!r}", rule, "0 freezes a part, 1 is the full rate."
                )
        return asked

    def _part_of(self, name: str) -> str:
        """Return the innermost named part that a weight is in; "": in none."""
        return max((part for part in self._parts if name.startswith(f"{part}.")), key=len, default="")
