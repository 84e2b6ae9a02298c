"""A digest of a task's code and data and of the code that trains it: change any, and its curves are new ones.

Code counts by its syntax tree, so comments, docstrings and layout do not matter. Files are read by path:
nothing is imported, least of all the training room, which lies above this one.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

import numpy as np

from epochsearch.tasks import arrays
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.groups import groups_of
from epochsearch.tasks.metrics import own_metrics
from epochsearch.tasks.raw import Raw, kept_with, probe, raw_data
from epochsearch.tasks.table import TableTask

if TYPE_CHECKING:
    from hashlib import _Hash

_PACKAGE = Path(__file__).resolve().parent.parent
_ROOM = "epochsearch.tasks."
_TASK_PARTS = (
    "arrays",
    "base",
    "categories",
    "datamodule",
    "fitting",
    "group_splits",
    "groups",
    "joined",
    "kept",
    "losses",
    "models",
    "prepared",
    "preprocessing",
    "raw",
    "selection",
    "splits",
    "tokenised",
    "treatment",
)
_TABLE_PARTS = (
    "tasks/table.py",
    "tasks/table_axes.py",
    "tasks/table_export.py",
    "tasks/table_file.py",
    "training/table_learner.py",
)
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_SETTINGS = ("loss", "split", "split_by", "train_rows", "standardise", "standardise_target")


def fingerprint(task: Task) -> str:
    """Return 32 hexadecimal digits that change with the task's code or data, or with the code that trains it.

    Covered: the files that define the task's classes, those beside them that they import, this package's
    training code, and every value of the data (of a Dataset: its length and 256 evenly spaced items, none of
    them of the test part).
    Computed once per object.

    Raises:
        TaskError: The data cannot be read.
    """
    kept = kept_with(task)
    if "fingerprint" not in kept:
        digest = hashlib.sha256()
        for file in sorted(_code_files(task)):
            digest.update(_code(file))
        if isinstance(task, TableTask):
            digest.update(task.path.read_bytes())
        else:
            settings = [getattr(task, name) for name in _SETTINGS]
            shown = [
                value if not callable(value) else getattr(value, "__qualname__", "") for value in settings
            ]
            digest.update(repr((type(task).__name__, shown)).encode())
            for code in _typed_in(task):
                digest.update(code)
            _add_data(digest, task, raw_data(task))
        kept["fingerprint"] = digest.hexdigest()[:32]
    return str(kept["fingerprint"])


def code_fingerprint(task: Task) -> str:
    """Return 32 hexadecimal digits that change with the code of the task's own classes and with nothing else.

    That code is what a trained model needs to be built again. The data are not read, and the training code of
    this package does not count; neither does the layout of the files.
    """
    digest = hashlib.sha256()
    for file in sorted(_own_files(task)):
        digest.update(f"{file.name}:{ast.unparse(_undocumented(file))}\n".encode())
    for code in _typed_in(task):
        digest.update(code)
    return digest.hexdigest()[:32]


def _code_files(task: Task) -> set[Path]:
    if isinstance(task, TableTask):
        return {_PACKAGE / part for part in _TABLE_PARTS}
    files = {_PACKAGE / "tasks" / f"{part}.py" for part in _TASK_PARTS}
    return files | set((_PACKAGE / "training").glob("*.py")) | _own_files(task)


def _own_files(task: Task) -> set[Path]:
    """Return the files that define the task's classes, and those beside them that they import."""
    files: set[Path] = set()
    for kind in type(task).__mro__:
        home = getattr(sys.modules.get(kind.__module__), "__file__", None)
        if home and kind not in (Task, object):
            files |= _with_siblings(Path(home).resolve())
    return files


def _typed_in(task: Task) -> Iterator[bytes]:
    """Yield the code of classes and metrics that no file defines: those of an interactive session."""
    for kind in type(task).__mro__[:-1]:
        if _without_a_file(kind):
            for name, member in sorted(vars(kind).items()):
                if isinstance(member, FunctionType):
                    yield _code_of(name, member)
    for name, metric in own_metrics(task).items():
        if isinstance(metric, FunctionType) and _without_a_file(metric):
            yield _code_of(name, metric)


def _without_a_file(thing: type | FunctionType) -> bool:
    return getattr(sys.modules.get(thing.__module__), "__file__", None) is None


def _code_of(name: str, function: FunctionType) -> bytes:
    code = function.__code__
    constants = [value for value in code.co_consts if not isinstance(value, CodeType)]
    return repr((name, code.co_code, code.co_names, constants)).encode()


def _with_siblings(file: Path) -> set[Path]:
    """Return the file and those of its folder or of this room that it imports, directly or through others."""
    found, waiting = {file}, [file]
    while waiting:
        for sibling in _imported(waiting.pop(), file.parent):
            if sibling not in found:
                found.add(sibling)
                waiting.append(sibling)
    return found


def _imported(file: Path, folder: Path) -> Iterator[Path]:
    for node in ast.walk(_tree(file)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module] if node.module else [alias.name for alias in node.names]
        for name in names:
            first = name.partition(".")[0]
            ours = _PACKAGE.parent / f"{name.replace('.', '/')}.py"
            if name.startswith(_ROOM) and ours.is_file():
                yield ours
            elif (folder / f"{first}.py").is_file():
                yield folder / f"{first}.py"
            elif (folder / first / "__init__.py").is_file():
                yield from (folder / first).rglob("*.py")


def _code(file: Path) -> bytes:
    return f"{file.name}:{ast.dump(_undocumented(file))}\n".encode()


def _undocumented(file: Path) -> ast.Module:
    """Return the file's syntax tree without its docstrings."""
    tree = _tree(file)
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return tree


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_bytes())


def _add_data(digest: _Hash, task: Task, raw: Raw) -> None:
    digest.update(repr((raw.target, raw.outputs, raw.labels, raw.rows)).encode())
    if raw.fields:
        digest.update(repr(raw.fields).encode())
    if raw.categories:
        digest.update(repr(raw.categories).encode())
    groups = groups_of(task, raw.rows)
    if groups is not None:
        _add_array(digest, groups)
    if raw.y is not None:
        _add_array(digest, raw.x)
        _add_array(digest, raw.y)
        return
    for x, y in probe(task, raw.x, raw.datamodule):
        _add_array(digest, arrays.as_array(x))
        _add_array(digest, arrays.as_array(y))


def _add_array(digest: _Hash, array: Array) -> None:
    digest.update(f"{array.dtype.str}{array.shape}".encode())
    whole = np.ascontiguousarray(array)
    digest.update(whole.reshape(-1).view(np.uint8).data if whole.size else b"")
