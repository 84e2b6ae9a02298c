"""From what a user types to a task: a built-in name, `table:PATH`, `FILE.py` or `FILE.py:Name`.

A file is run anew at each call, under a module name made from its path, with its folder importable: the same
reference gives the same task in another process.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import traceback
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from epochsearch.core.errors import EpochsearchError, NotFoundError, TaskError, nearest
from epochsearch.core.settings import TABLE_PREFIX
from epochsearch.tasks.base import Task
from epochsearch.tasks.near_files import nearest_file
from epochsearch.tasks.registry import built_in_task


def load_task(reference: str) -> Task:
    """Return a new task object; its `reference` loads it again in any process with this working directory.

    Raises:
        NotFoundError: No built-in task of that name, or no such file.
        TaskError: The file cannot be run, or holds no Task, or several and none is named.
    """
    reference = reference.strip()
    if reference.startswith(TABLE_PREFIX):
        from epochsearch.tasks.table import TableTask

        return TableTask(reference.removeprefix(TABLE_PREFIX))
    path, name = _parts(reference)
    if path is None:
        return built_in_task(reference)
    if not path.is_file():
        near = nearest_file(path)
        action = f"Did you mean '{near}'?" if near else "Check the path; it is read from the current folder."
        raise NotFoundError("task file", str(path), "there is no such file", action)
    chosen = _chosen(_tasks_in(_run(path), path), name, path)
    task = _constructed(chosen, path)
    task.reference = f"{path.as_posix()}:{chosen.__name__}"
    return task


def _parts(reference: str) -> tuple[Path | None, str]:
    """Return the file and the name in it; no file if the reference is a plain name."""
    head, separator, name = reference.rpartition(".py:")
    file = head + ".py" if separator else reference
    if not file.endswith(".py"):
        return None, ""
    return Path(os.path.normpath(Path(file).expanduser())), name.strip() if separator else ""


class _Source(SourceFileLoader):
    """Runs the file as it is now: Python tells what it has compiled by the file's second and length alone."""

    def path_stats(self, path: Any) -> Any:
        """Raise the error by which Python's own loader neither reads nor writes compiled code."""
        raise OSError


def _run(path: Path) -> ModuleType:
    full = path.resolve()
    module_name = f"epochsearch_file_{full.stem}_{hashlib.sha256(str(full).encode()).hexdigest()[:12]}"
    source = _Source(module_name, str(full))
    spec = importlib.util.spec_from_file_location(module_name, full, loader=source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    folder = str(full.parent)
    _forget_siblings(full)
    sys.modules[module_name] = module
    sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
    except EpochsearchError:
        raise
    except (Exception, SystemExit) as error:
        sys.modules.pop(module_name, None)
        given = f"raised {type(error).__name__}: {error}{_line(error, full)}"
        raise TaskError(str(path), given, "the file must run without error", "Correct it.") from error
    finally:
        sys.path.remove(folder)
        if folder not in sys.path:
            sys.path.append(folder)  # at the end: for imports inside the task's methods
    return module


def _forget_siblings(full: Path) -> None:
    """Drop modules of the name of a file beside this one: they may be another folder's, or outdated."""
    siblings = {item.stem for item in full.parent.glob("*.py")} | {
        item.parent.name for item in full.parent.glob("*/__init__.py")
    }
    for name, module in list(sys.modules.items()):
        home = getattr(module, "__file__", None)
        ours = home is not None and name.partition(".")[0] in siblings and _is_loose(Path(home))
        if ours:
            del sys.modules[name]


def _is_loose(home: Path) -> bool:
    """Return whether a module lies beside a script: not installed, nor the standard library's, nor ours."""
    kept = ("site-packages", "dist-packages")
    own = Path(__file__).resolve().parent.parent
    library = Path(os.__file__).resolve().parent
    resolved = home.resolve()
    return (
        not any(part in kept for part in resolved.parts)
        and not resolved.is_relative_to(own)
        and not resolved.is_relative_to(library)
    )


def _line(error: BaseException, full: Path) -> str:
    if isinstance(error, SyntaxError) and error.lineno:
        return f" (line {error.lineno})" if "line" not in str(error) else ""
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(full)
    ]
    return f" (line {lines[-1]})" if lines else ""


def _tasks_in(module: ModuleType, path: Path) -> dict[str, type[Task]]:
    """Return the tasks that the file defines; if it defines none, those that it imports from its siblings."""
    found = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Task)
        and value is not Task
        and not name.startswith("_")
    }
    own = {name: value for name, value in found.items() if value.__module__ == module.__name__}
    foreign = {
        name: value for name, value in found.items() if not value.__module__.startswith("epochsearch.")
    }
    tasks = own or foreign
    if not tasks:
        rule = "a task file must define a subclass of epochsearch.Task"
        raise TaskError(str(path), "", rule, "Start one with: epochsearch init")
    return tasks


def _chosen(tasks: dict[str, type[Task]], name: str, path: Path) -> type[Task]:
    if name:
        if name not in tasks:
            raise TaskError(str(path), f":{name}", "the file has no task of that name", nearest(name, tasks))
        return tasks[name]
    if len(tasks) > 1:
        rule = f"the file has several tasks: {', '.join(tasks)}"
        raise TaskError(str(path), "", rule, f"Name one: {path.as_posix()}:{next(iter(tasks))}")
    return next(iter(tasks.values()))


def _constructed(chosen: type[Task], path: Path) -> Task:
    try:
        return chosen()
    except EpochsearchError:
        raise
    except Exception as error:
        given = f"{chosen.__name__}() raised {type(error).__name__}: {error}"
        raise TaskError(
            str(path), given, "a task must be made without arguments", "Correct __init__."
        ) from error
