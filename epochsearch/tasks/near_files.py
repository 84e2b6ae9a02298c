"""The file that was meant where there is none of the name that was typed."""

from __future__ import annotations

import difflib
from pathlib import Path


def nearest_file(path: Path) -> Path | None:
    """Return the task or study file beside where `path` would be whose name is closest; None if none is."""
    beside = {
        found.name: found for ending in ("*.py", "*.toml") for found in sorted(path.parent.glob(ending))
    }
    match = difflib.get_close_matches(path.name, beside, n=1, cutoff=0.75)
    return beside[match[0]] if match else None
