"""Points and configurations: what is proposed, and what two points share a curve by."""

from __future__ import annotations

from epochsearch.core.point import Configuration, Point


def test_a_point_is_made_of_its_parameters_again() -> None:
    """All hyperparameters by name, epochs first, make the same point."""
    point = Point(5, Configuration(0.1, 16, (("width", 8), ("act", None))))

    parameters = point.parameters

    assert list(parameters)[:3] == ["epochs", "learning_rate", "batch_size"]
    assert Point.from_parameters(parameters) == point
    assert (point.learning_rate, point.batch_size) == (0.1, 16)


def test_points_that_differ_in_epochs_alone_share_a_configuration() -> None:
    """The order of further hyperparameters does not count, whole learning rates are floats."""
    short = Point.from_parameters({"epochs": 5, "learning_rate": 1, "batch_size": 16, "a": 1, "b": 2})
    long = Point.from_parameters({"b": 2, "a": 1, "epochs": 50, "learning_rate": 1.0, "batch_size": 16})

    assert short != long
    assert short.configuration == long.configuration
    assert isinstance(short.learning_rate, float)
