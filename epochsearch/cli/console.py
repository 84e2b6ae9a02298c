"""The only module that prints: results on standard output, everything else on standard error.

Text goes out as it is: no markup is read from it, and only a terminal's width shortens a table.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from epochsearch.cli.columns import GAP, fitted, folded
from epochsearch.core.errors import StorageError

if TYPE_CHECKING:
    from rich.console import Console

Fact = tuple[str, str]
"""A label and what it stands before; further lines of it are indented alike."""

FOLD = 80  # columns that a sentence takes at most
_WIDE = 1000  # columns where no terminal sets the width


class OutputClosedError(Exception):
    """Whoever read standard output has gone; there is nobody left to print for."""


@contextmanager
def reserved_for_results() -> Iterator[None]:
    """Send what a user's own code writes to standard output to standard error, workers' output included."""
    sys.stdout.flush()
    results = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        with suppress(OSError):
            sys.stdout.flush()
        os.dup2(results, 1)
        os.close(results)


def print_lines(lines: Iterable[str]) -> None:
    """Print lines of a result as they are."""
    _write("".join(f"{line}\n" for line in lines))


def print_document(document: Any) -> None:
    """Print one JSON document on one line."""
    _write(json.dumps(document, allow_nan=False) + "\n")


def print_facts(facts: Sequence[Fact]) -> None:
    """Print labels in bold, what they say beside them in one column, folded at FOLD columns."""
    from rich.text import Text

    width = max((len(label) for label, _ in facts), default=0)
    room = FOLD - width - GAP
    lines = []
    for label, said in facts:
        for i, line in enumerate(part for whole in said.split("\n") for part in folded(whole, room)):
            lines.append(Text.assemble((label.ljust(width) if i == 0 else " " * width, "bold"), "  ", line))
    _print(lines)


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[str] = (),
    spare: Sequence[str] = (),
) -> None:
    """Print a table; columns in `right` are flush right, those in `spare` go on a narrow terminal."""
    from rich.text import Text

    heads, cells = fitted(columns, rows, console("stdout").width, right, spare)
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    lines = []
    for row in (heads, *cells):
        padded = [
            cell.rjust(width) if head in right else cell.ljust(width)
            for head, cell, width in zip(heads, row, widths, strict=True)
        ]
        lines.append(Text((" " * GAP).join(padded), "bold" if row is heads else ""))
    _print(lines)


def print_note(message: str) -> None:
    """Tell the user something in passing, on standard error."""
    print_progress(f"note: {message}")


class Notes(logging.Handler):
    """Tells the user what the rooms below note while they work."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one note."""
        print_note(record.getMessage())


def print_progress(line: str) -> None:
    """Write one plain line to standard error; a reader who has gone does not end a search."""
    with suppress(OSError):
        sys.stderr.write(_encodable(line, sys.stderr) + "\n")
        sys.stderr.flush()


def print_error(message: str) -> None:
    """Write an error to standard error, in red on a terminal."""
    from rich.text import Text

    with suppress(OSError):
        console("stderr").print(Text(_encodable(message, sys.stderr), style="red"), soft_wrap=True)


@cache
def console(stream: str) -> Console:
    """Return the console on "stdout" or "stderr"; colours obey NO_COLOR and the terminal."""
    from rich.console import Console

    on_error = stream == "stderr"
    terminal = (sys.stderr if on_error else sys.stdout).isatty()
    return Console(
        stderr=on_error, highlight=False, markup=False, emoji=False, width=None if terminal else _WIDE
    )


def unicode_works(stream: str = "stderr") -> bool:
    """Return whether a stream's encoding has the characters of a sparkline."""
    try:
        "▁█✗…".encode(getattr(sys, stream).encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def live_terminal() -> bool:
    """Return whether standard error is a terminal that can move its cursor."""
    return sys.stderr.isatty() and not console("stderr").is_dumb_terminal


def _print(items: Iterable[Any]) -> None:
    out = console("stdout")
    with _explained(), out.capture() as captured:  # rich touches the stream even so
        for item in items:
            out.print(item, soft_wrap=True)  # a line is broken by the terminal: it can be pasted whole
    _write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def _write(text: str) -> None:
    with _explained():
        sys.stdout.write(_encodable(text, sys.stdout))
        sys.stdout.flush()


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what the system says of standard output into an error of ours."""
    try:
        yield
    except BrokenPipeError:
        raise OutputClosedError from None
    except OSError as error:
        rule = f"it cannot be written ({error.strerror})"
        action = "Nothing else is lost; send it to another place."
        raise StorageError("standard output", "", rule, action) from error


def _encodable(text: str, stream: Any) -> str:
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, errors="replace").decode(encoding)
