"""The 20 newsgroups by date: the texts of both parts, and what of a text its author wrote for the occasion.

Headers, quotations and signatures tell the group by names of people and machines. They are removed, so that a
result says something of texts by others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from epochsearch.core.errors import TaskError
from epochsearch.tasks.datasets.archives import members
from epochsearch.tasks.datasets.checked import checked
from epochsearch.tasks.datasets.fetching import fetched
from epochsearch.tasks.datasets.places import NEWS_FOLDERS

_NAME = "20newsgroups"
_ENCODING = "latin-1"
_QUOTED = re.compile(r"^\s*[>|:]|^In article|\b(writes|wrote|says|said)\b[^:]*:\s*$")
_SIGNATURE = re.compile(r"^-{2,}\s*$")


@dataclass(frozen=True, slots=True, order=True)
class Post:
    """One text; posts sort by part, group and file, so that every source gives the same order."""

    part: int  # 0 training, 1 test
    group: str
    file: str
    text: str


def read_news(files: tuple[Path, ...]) -> list[Post]:
    """Return all posts, the test part last.

    files: the archive, or the two folders in it; none: scikit-learn has them, or fetches them.

    Raises:
        TaskError: They cannot be had, or a file is not what it should be.
    """
    if not files:
        return sorted(_fetched())
    if len(files) == 1:
        (archive,) = files
        named = members(checked(_NAME, archive), str(archive))
        posts = sorted(_post(path, content.decode(_ENCODING)) for path, content in named)
    else:
        each = (file for folder in files for file in folder.glob("*/*") if file.name.isdigit())
        posts = sorted(_post(file, file.read_text(encoding=_ENCODING)) for file in each)
    if not posts or posts[0].part == posts[-1].part:
        where = str(files[0])
        raise TaskError(
            where, f"has {len(posts)} texts", f"needs {' and '.join(NEWS_FOLDERS)}", "Get it again."
        )
    return posts


def body(text: str) -> str:
    """Return what follows the first empty line, without quotations and a signature.

    A quotation is a line that begins with a mark of it, or one that names who wrote what follows; a signature
    is what follows the last line of nothing but hyphens.
    """
    lines = [line for line in text.partition("\n\n")[2].split("\n") if not _QUOTED.search(line)]
    signatures = [number for number, line in enumerate(lines) if _SIGNATURE.match(line)]
    return "\n".join(lines[: signatures[-1]] if signatures else lines).strip()


def _fetched() -> Iterator[Post]:
    from sklearn.datasets import fetch_20newsgroups

    found = fetched(_NAME, lambda: fetch_20newsgroups(subset="all", shuffle=False, n_retries=1))
    for path, text in zip(found.filenames, found.data, strict=True):
        yield _post(Path(str(path)), text)


def _post(path: PurePath, text: str) -> Post:
    return Post(int(NEWS_FOLDERS[1] in path.parts), path.parent.name, path.name, text)
