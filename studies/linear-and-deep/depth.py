"""Digits and diabetes with the number of hidden layers as an axis of the search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from epochsearch.tasks.diabetes import DiabetesLinear
from epochsearch.tasks.digits import DigitsLinear

WIDTH = 64


class Digits(DigitsLinear):
    """1,797 rows, 64 pixels, 10 classes; 0 layers is softmax regression."""

    name = "digits-depth"
    hyperparameters: Mapping[str, Any] = {"layers": "0,1,2,4"}

    def model(self, layers: int = 0) -> Any:
        """Return a network with so many hidden layers of WIDTH."""
        return _network(64, layers, 10)


class Diabetes(DiabetesLinear):
    """442 rows, 10 measures, a real target; 0 layers is linear regression."""

    name = "diabetes-depth"
    hyperparameters: Mapping[str, Any] = {"layers": "0,1,2,4"}

    def model(self, layers: int = 0) -> Any:
        """Return a network with so many hidden layers of WIDTH."""
        return _network(10, layers, 1)


def _network(inputs: int, layers: int, outputs: int) -> Any:
    from torch import nn

    parts: list[nn.Module] = []
    for width in [WIDTH] * layers:
        parts += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    return nn.Sequential(*parts, nn.Linear(inputs, outputs))
