"""Python's standard library as text: every installation carries its sources, read here without running them.

Only packages that every build of Python has are named by tasks, so that the text depends on Python's version
alone. Licence: PSF-2.0.
"""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from epochsearch.core.errors import TaskError

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_LEFT_OUT = {"test", "tests", "__pycache__"}


def source_files(name: str) -> list[Path]:
    """Return the source files of a package or module of the standard library, tests left out, by path.

    Raises:
        TaskError: They are not on this machine.
    """
    home = Path(sysconfig.get_path("stdlib"))
    files = [home / f"{name}.py"] if (home / f"{name}.py").is_file() else sorted((home / name).rglob("*.py"))
    files = [file for file in files if not _LEFT_OUT & set(file.relative_to(home).parts)]
    if not files:
        rule = "this task reads the sources of Python's standard library"
        raise TaskError(
            str(home), f"no source of '{name}'", rule, "Use a Python that was installed with them."
        )
    return files


def docstrings(name: str) -> Iterator[str]:
    """Yield every docstring of a package or module, in the order of files and lines.

    Raises:
        TaskError: The sources are not on this machine.
    """
    for file in source_files(name):
        nodes = [node for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, _DOCUMENTED)]
        for node in sorted(nodes, key=lambda node: getattr(node, "lineno", 0)):
            text = ast.get_docstring(node)
            if text:
                yield text
