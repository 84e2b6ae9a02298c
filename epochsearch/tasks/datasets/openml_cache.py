"""Whether scikit-learn's cache holds a data set of OpenML: its description, and the file that this names."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from urllib.parse import urlparse


def has_openml(home: Path, number: int) -> bool:
    """Return whether `fetch_openml(data_id=number)` finds everything below this folder.

    home: what `sklearn.datasets.get_data_home` returns. Older versions name the file by its number.
    """
    cache = home / "openml" / "openml.org"
    description = cache / "api/v1/json/data" / f"{number}.gz"
    if not description.is_file():
        return False
    try:
        said = json.loads(gzip.decompress(description.read_bytes()))["data_set_description"]
        files = urlparse(said["url"]).path.lstrip("/"), f"data/v1/download/{said.get('file_id')}"
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError):
        return False
    return any((cache / f"{file}.gz").is_file() for file in files)
