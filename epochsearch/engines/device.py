"""On what a worker computes: the device that `auto` means here, and what its arithmetic depends on."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path

from epochsearch.core.errors import UsageError, nearest

DEVICES = ("auto", "cpu", "cuda", "mps")


def resolve_device(name: str, where: str = "--device") -> str:
    """Return cpu, cuda or mps for what the user asked for; torch is asked only where an accelerator may be.

    Raises:
        UsageError: An unknown name, or a device that is not there.
    """
    if name not in DEVICES:
        raise UsageError(where, name, "there is no such device", nearest(name, DEVICES))
    if name == "cpu":
        return name
    present = [device for device in ("cuda", "mps") if _present(device)]
    if name == "auto":
        return present[0] if present else "cpu"
    if name not in present:
        raise UsageError(where, name, "torch finds no such device on this machine", "Give --device cpu")
    return name


@cache
def arithmetic(device: str) -> str:
    """Return the device and what its rounding depends on, as "cpu-x86_64-avx2"."""
    if device == "cpu":
        return f"cpu-{platform.machine()}-{_vector_unit()}"
    import torch

    name = torch.cuda.get_device_name() if device == "cuda" else platform.machine()
    return f"{device}-{name.replace(' ', '_').replace('-', '_')}"


def _present(device: str) -> bool:
    if device == "mps":
        if platform.system() != "Darwin":
            return False
        import torch

        return torch.backends.mps.is_available()
    if platform.system() == "Linux" and not Path("/dev/nvidiactl").exists() and not Path("/dev/kfd").exists():
        return False
    import torch

    return torch.cuda.is_available()


def _vector_unit() -> str:
    """Return the widest vector instructions of this machine as far as Linux tells, else "any"."""
    try:
        flags = Path("/proc/cpuinfo").read_text().split("flags", 1)[1].split("\n", 1)[0].split()
    except (OSError, IndexError):
        return "any"
    return next((name for name in ("avx512f", "avx2", "avx") if name in flags), "any")
