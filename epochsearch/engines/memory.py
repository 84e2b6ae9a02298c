"""How much memory an epoch took: the peak of the process on a CPU, of what was allocated on CUDA.

Measured in the process that trains, for a few microseconds an epoch. A process keeps what it has loaded
(torch alone is some 300 MB) and what its earlier epochs left behind.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Protocol

import psutil

_PEAK = "/proc/self/clear_refs"  # writing 5 there sets the peak to what is resident now: Linux, proc(5)
_RESET = b"5"


class MemoryMeter(Protocol):
    """Measures one epoch after the other."""

    def begin(self) -> None:
        """Forget the peak of what was before."""
        ...

    def peak(self) -> int:
        """Return the bytes at the highest point since `begin`."""
        ...


def make_meter(device: str) -> MemoryMeter:
    """Return the meter for a kind of device: cpu, cuda or mps."""
    if device == "cuda":
        return CudaMeter()
    return MpsMeter() if device == "mps" else ProcessMeter()


class ProcessMeter:
    """The resident memory of this process; where its peak cannot be reset, what is resident at the end."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        try:
            self._reset: int | None = os.open(_PEAK, os.O_WRONLY)
        except OSError:
            self._reset = None

    def begin(self) -> None:
        """Forget the peak of what was before."""
        if self._reset is not None:
            os.write(self._reset, _RESET)

    def peak(self) -> int:
        """Return the bytes at the highest point since `begin`."""
        if self._reset is None or sys.platform == "win32":
            return int(self._process.memory_info().rss)
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # kilobytes on Linux

    def __del__(self) -> None:
        if self._reset is not None:
            os.close(self._reset)


class CudaMeter:
    """What torch has allocated on the current CUDA device."""

    def begin(self) -> None:
        """Forget the peak of what was before."""
        import torch

        torch.cuda.reset_peak_memory_stats()

    def peak(self) -> int:
        """Return the bytes at the highest point since `begin`."""
        import torch

        return int(torch.cuda.max_memory_allocated())


class MpsMeter:
    """What torch holds on Apple's GPU at the end of an epoch: it tells no peak."""

    def begin(self) -> None:
        """Do nothing."""

    def peak(self) -> int:
        """Return the bytes held now."""
        import torch

        return int(torch.mps.driver_allocated_memory())


def free_memory(device: str, workers: int) -> int | None:
    """Return the bytes that each of so many workers may have of what is free now; None: not known.

    On a CPU what the machine, or the container that this process is in, has left; it holds all that a worker
    has in memory, torch included. On CUDA what is free on the device.
    """
    if device == "cuda":
        import torch

        return int(torch.cuda.mem_get_info()[0]) // workers
    if device != "cpu":
        return None
    return min(int(psutil.virtual_memory().available), _left_in_container()) // workers


def _left_in_container() -> int:
    """Return what a memory limit on this process's control group leaves, a very large number without one."""
    try:
        most = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        used = Path("/sys/fs/cgroup/memory.current").read_text().strip()
        return max(0, int(most) - int(used))
    except (OSError, ValueError):  # no control groups of version 2, or "max"
        return sys.maxsize
