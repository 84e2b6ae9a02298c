"""Which number stands for which text, in a file beside an exported program: that takes numbers only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from epochsearch.core.errors import TaskError
from epochsearch.core.raised import placed_line
from epochsearch.tasks.base import Task
from epochsearch.tasks.categories import UNKNOWN
from epochsearch.tasks.losses import place
from epochsearch.tasks.preprocessing import Preprocessing

FILE = "vocabulary.json"


def write_vocabulary(task: Task, done: Preprocessing, folder: Path) -> tuple[str, ...]:
    """Write the numbers of the task's texts to a folder; return the name of the file, nothing without texts.

    They are what `Task.vocabulary` says, and under "columns" those of the training rows' categories by
    column, and under "unknown" that of any other text.

    Raises:
        TaskError: `vocabulary` raises, or returns what cannot be written as JSON.
        OSError: The folder cannot be written.
    """
    where = f"{place(task)} vocabulary()"
    try:
        found = {**(task.vocabulary() or {}), **_categories(done)}
        text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False)
    except Exception as error:  # of the user's own code, and of json
        rule = "it must return a mapping that JSON can hold, or None"
        raise TaskError(
            where, placed_line(error), rule, "Return texts, numbers, lists and mappings of them."
        ) from error
    if not found:
        return ()
    (folder / FILE).write_text(text + "\n", encoding="utf-8")
    return (FILE,)


def _categories(done: Preprocessing) -> Mapping[str, Any]:
    """Return the numbers of the texts of each column of categories; no column, nothing."""
    if not done.categories:
        return {}
    names = done.columns or tuple(str(index) for index in range(len(done.categories)))
    columns = {
        name: {text: code for code, text in enumerate(texts) if text is not None}
        for name, texts in zip(names, done.categories, strict=True)
        if texts is not None
    }
    return {"columns": columns, "unknown": int(UNKNOWN)}
