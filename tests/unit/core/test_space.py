"""The axes of a search: which are read, which values they may hold, and which points lie in it."""

from __future__ import annotations

import pytest

from epochsearch.core.axis import Choices, Range
from epochsearch.core.errors import UsageError
from epochsearch.core.point import Configuration, Point
from epochsearch.core.space import Space, parse_space

WRITTEN = {"epochs": "5:50", "learning_rate": "1e-5:1e-1", "batch_size": "16,32"}


def test_each_axis_is_read_by_its_kind() -> None:
    """Epochs are whole, the learning rate is logarithmic, a list stays one, further axes come in order."""
    space = parse_space({**WRITTEN, "width": "8:64", "act": "relu,tanh"})

    assert space.epochs == Range(5, 50, integer=True)
    assert space.learning_rate == Range(1e-5, 0.1, log=True)
    assert space.batch_size == Choices((16, 32))
    assert [name for name, _ in space.extras] == ["act", "width"]
    assert list(space.axes) == ["epochs", "learning_rate", "batch_size", "act", "width"]


def test_the_ends_of_a_space_are_known() -> None:
    """Pruners and checks ask for the fewest and most epochs and the largest batch, of any axis."""
    space = parse_space({**WRITTEN, "epochs": "30,10,20"})

    assert (space.min_epochs, space.max_epochs, space.max_batch_size) == (10, 30, 32)


@pytest.mark.parametrize(
    ("axis", "written", "told"),
    [
        ("epochs", "0:5", "--epochs 0:5: must be whole numbers, at least 1. Correct 0."),
        ("batch_size", "0,16", "--batch-size 0,16: must be whole numbers, at least 1. Correct 0."),
        ("learning_rate", "0,0.1", "--learning-rate 0,0.1: must be numbers above 0. Correct 0."),
        ("learning_rate", "-0.1", "--learning-rate -0.1: must be numbers above 0. Correct -0.1."),
        ("learning_rate", "high", "--learning-rate high: must be numbers above 0. Correct high."),
        ("learning_rate", "true", "--learning-rate true: must be numbers above 0. Correct true."),
    ],
)
def test_a_value_that_cannot_be_is_named(axis: str, written: str, told: str) -> None:
    """The message says which value breaks the rule of its axis."""
    with pytest.raises(UsageError) as caught:
        parse_space({**WRITTEN, axis: written})

    assert caught.value.message == told


def test_a_message_names_the_place_that_it_was_given() -> None:
    """An axis of a study file is told by its key there, whichever rule it breaks."""
    with pytest.raises(UsageError) as caught:
        parse_space({**WRITTEN, "epochs": "0:5"}, {"epochs": "s.toml [space] epochs ="})

    assert caught.value.where == "s.toml [space] epochs ="


def test_a_missing_axis_is_named() -> None:
    """None of the three may be left out."""
    with pytest.raises(UsageError, match=r"--batch-size: this axis is missing\. Give a range or a list\."):
        parse_space({"epochs": "5", "learning_rate": "0.1"})


@pytest.mark.parametrize("epochs", [Range(0.5, 2.0), Choices((2.5,)), Choices(("3",)), Choices((True,))])
def test_a_space_cannot_be_made_of_wrong_axes(epochs: Range | Choices) -> None:
    """The rules hold for a space made in code as well."""
    with pytest.raises(UsageError, match=r"--epochs .* must be whole numbers"):
        Space(epochs, Choices((0.1,)), Choices((16,)))


def test_a_point_lies_in_the_space_only_with_every_axis() -> None:
    """Each hyperparameter must lie on its axis, none may be missing, none unknown."""
    space = parse_space({**WRITTEN, "width": "8:64"})

    def lies(epochs: int, rate: float, batch: int, **extras: int) -> bool:
        return space.contains(Point(epochs, Configuration(rate, batch, tuple(extras.items()))))

    assert lies(5, 0.1, 16, width=64)
    assert not lies(4, 0.1, 16, width=64)
    assert not lies(5, 0.2, 16, width=64)
    assert not lies(5, 0.1, 17, width=64)
    assert not lies(5, 0.1, 16, width=65)
    assert not lies(5, 0.1, 16)
    assert not lies(5, 0.1, 16, width=8, depth=2)


@pytest.mark.parametrize(
    ("epochs", "read_off"), [("50", "1:50"), ("5:50", "5:50"), ("10,20,40", "10:40"), ("1", "1")]
)
def test_epochs_that_are_read_off_are_all_up_to_the_last(epochs: str, read_off: str) -> None:
    """From the fewest that were asked for, from the first where only a length was given."""
    space = parse_space({"epochs": epochs, "learning_rate": "1e-3", "batch_size": "8"})

    assert space.read_off == parse_space({**space.written(), "epochs": read_off})
