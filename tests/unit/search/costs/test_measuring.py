"""When enough epochs have been seen to tell what one takes."""

from __future__ import annotations

from epochsearch.core.curve import EpochReport
from epochsearch.core.space import parse_space
from epochsearch.engines.job import EpochTrained
from epochsearch.search.costs.measuring import Stopwatch, is_out_of_memory, middle_point


def watched(seconds: list[float], enough: float = 1.0) -> tuple[int, float]:
    """Return how many epochs were asked for, and what one was found to take."""
    watch = Stopwatch(enough)
    for epoch, taken in enumerate(seconds, 1):
        if not watch.judge(EpochTrained(0, (EpochReport(epoch, 1.0, 1.0, taken, memory_bytes=epoch),))):
            break
    return epoch, watch.measured(0).seconds


def test_the_first_epoch_does_not_count() -> None:
    """It warms up: the median of the others is told."""
    assert watched([9.0, 0.5, 0.6, 0.4, 0.5]) == (3, 0.55)


def test_short_epochs_are_run_until_they_add_up_or_there_are_many() -> None:
    """A second of them, or thirty."""
    assert watched([0.1] * 100) == (12, 0.1)
    assert watched([0.001] * 100) == (31, 0.001)


def test_long_epochs_are_run_twice_and_very_long_ones_once() -> None:
    """A minute's epoch need not be warmed up for."""
    assert watched([20.0, 19.0, 18.0]) == (2, 19.0)
    assert watched([60.0, 59.0]) == (1, 60.0)


def test_the_middle_of_a_space_is_in_it() -> None:
    """Every further hyperparameter has a value on its axis."""
    space = parse_space(
        {
            "epochs": "5:50",
            "learning_rate": "1e-4:1e-2",
            "batch_size": "16,32",
            "w": "8,16",
            "d": "0.0:0.4",
        }
    )

    point = middle_point(space, 32)

    assert space.contains(point)
    assert (point.batch_size, dict(point.configuration.extras)) == (32, {"d": 0.2, "w": 16})


def test_want_of_memory_is_told_from_other_failures() -> None:
    """Python's, torch's on either device, and a worker that the system killed."""
    reasons = [
        "MemoryError",
        "RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 1 TB",
        "OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB",
        "its worker was killed by SIGKILL (out of memory?)",
    ]

    assert all(is_out_of_memory(reason) for reason in reasons)
    assert not is_out_of_memory("RuntimeError: shapes do not fit")
