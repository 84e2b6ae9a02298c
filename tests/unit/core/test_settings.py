"""Layers of settings: the command line over the study file, field by field."""

from __future__ import annotations

from epochsearch.core.settings import Settings

FILE = Settings(
    task="digits",
    sampler="tpe",
    seed=3,
    axes={"epochs": "5:50", "batch_size": "16"},
    where={"sampler": "s.toml sampler", "epochs": "s.toml [space] epochs ="},
)


def test_what_is_said_above_takes_the_place_of_what_is_below() -> None:
    """Fields that say nothing let the lower layer through; axes are merged by name."""
    typed = Settings(sampler="grid", axes={"epochs": "1:2"}, where={"sampler": "--sampler"})

    merged = typed.over(FILE)

    assert (merged.task, merged.sampler, merged.seed, merged.pruner) == ("digits", "grid", 3, None)
    assert merged.axes == {"epochs": "1:2", "batch_size": "16"}
    assert merged.where["sampler"] == "--sampler"


def test_a_zero_is_said() -> None:
    """A seed of 0 is a seed, not silence."""
    assert Settings(seed=0).over(FILE).seed == 0


def test_silence_changes_nothing() -> None:
    """An empty layer lets all of the lower one through."""
    assert Settings().over(FILE) == FILE
    assert FILE.over(Settings()) == FILE
