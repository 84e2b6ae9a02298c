"""What a search proposes: the triple (epochs, learning rate, batch size) and any further hyperparameters."""

from __future__ import annotations

from dataclasses import dataclass

from epochsearch.core.choice import Scalar


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything of a point but its epochs: what makes two points share a curve."""

    learning_rate: float
    batch_size: int
    extras: tuple[tuple[str, Scalar], ...] = ()  # further hyperparameters, in the order of their names

    def __post_init__(self) -> None:
        object.__setattr__(self, "extras", tuple(sorted(self.extras)))


@dataclass(frozen=True, slots=True)
class Point:
    """One proposal: train `configuration` for `epochs` passes over the training data."""

    epochs: int
    configuration: Configuration

    @property
    def learning_rate(self) -> float:
        """The learning rate at the start of the schedule's plateau."""
        return self.configuration.learning_rate

    @property
    def batch_size(self) -> int:
        """Examples per optimiser step."""
        return self.configuration.batch_size

    @property
    def parameters(self) -> dict[str, Scalar]:
        """All hyperparameters by name, epochs first."""
        return {
            "epochs": self.epochs,
            "learning_rate": self.learning_rate,
            "batch_size": self.batch_size,
            **dict(self.configuration.extras),
        }

    @classmethod
    def from_parameters(cls, parameters: dict[str, Scalar]) -> Point:
        """Return the point with these hyperparameters; the reverse of `parameters`."""
        rest = {name: value for name, value in parameters.items() if name not in CORE_AXES}
        learning_rate, batch_size = (
            float(parameters["learning_rate"] or 0),
            int(parameters["batch_size"] or 0),
        )
        return cls(
            int(parameters["epochs"] or 0), Configuration(learning_rate, batch_size, tuple(rest.items()))
        )


CORE_AXES = ("epochs", "learning_rate", "batch_size")
