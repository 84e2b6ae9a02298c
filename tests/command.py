"""The command as a user's shell runs it: another process, with none of the tool's settings inherited."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "epochsearch")
REPOSITORY = Path(__file__).resolve().parents[1]


def environment() -> dict[str, str]:
    """Return this process's environment without the tool's own settings, the package importable anywhere.

    Python may keep what it compiles, as at a user's: else each of hundreds of commands compiles all of it.
    """
    left_out = ("EPOCHSEARCH_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return kept | {"PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1", "COLUMNS": "80"}


def run(
    *arguments: str,
    cwd: Path | None = None,
    timeout: float = 120,
    prepare: Callable[[], None] | None = None,
    settings: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Return how `epochsearch ARGUMENTS` ended, with its two outputs as text.

    prepare: is called in the new process before the command begins; settings: variables of its environment.
    """
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment() | dict(settings or {}),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        preexec_fn=prepare,
    )


def run_without_rights(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Return how the command ended without root's right to write everywhere."""
    return run(*arguments, cwd=cwd, prepare=_give_up_rights if os.geteuid() == 0 else None)


def _give_up_rights() -> None:
    """Drop CAP_DAC_OVERRIDE from what the next program may have (Linux)."""
    drop, override = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
    if ctypes.CDLL(None, use_errno=True).prctl(drop, override, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the right to write everywhere cannot be given up")


def document(
    *arguments: str,
    cwd: Path | None = None,
    timeout: float = 120,
    settings: Mapping[str, str] | None = None,
) -> Any:
    """Return the JSON document that `epochsearch ARGUMENTS --json` prints; fails unless it exits with 0."""
    ended = run(*arguments, "--json", cwd=cwd, timeout=timeout, settings=settings)
    assert ended.returncode == 0, f"exit {ended.returncode} of {arguments}\n{ended.stdout}\n{ended.stderr}"
    return json.loads(ended.stdout)


def start(*arguments: str, cwd: Path | None = None) -> subprocess.Popen[bytes]:
    """Return the running `epochsearch ARGUMENTS`, its output discarded; whoever starts it ends it."""
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([*COMMAND, *arguments], cwd=cwd, env=environment(), **silent)
