"""The one family of errors that a user may see; each says where, what was given, the rule, and what to do.

Only the command line turns them into text and an exit code: nothing below it prints.
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable


class EpochsearchError(Exception):
    """Something the user can mend.

    where: the option, key, file or study concerned; given: what was found there ("" if nothing was given);
    rule: what must hold; action: what to do now. kind and exit_code are what `--json` and the shell see.
    """

    kind = "failed"
    exit_code = 1

    def __init__(self, where: str, given: str, rule: str, action: str) -> None:
        self.where, self.given, self.rule, self.action = where, given, rule, action
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The four parts in one sentence or two."""
        place = f"{self.where} {self.given}".strip()
        return f"{place}: {self.rule.rstrip('.')}. {self.action}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.where, self.given, self.rule, self.action)


def first_line(error: BaseException) -> str:
    """Return the first line of what an exception says, the name of its type if it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def typed_line(error: BaseException) -> str:
    """Return the same after the name of its type: "ValueError: no such axis"."""
    name, said = type(error).__name__, first_line(error)
    return name if said == name else f"{name}: {said}"


def room_action(error: OSError, otherwise: str) -> str:
    """Return what to do about a file that cannot be written: make room if that is all it lacks."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return "Free some space and type the same command." if full else otherwise


class UsageError(EpochsearchError):
    """A wrong option, range, name or combination on the command line or in a study file."""

    kind = "usage"
    exit_code = 2


class NotPairedError(UsageError):
    """Results that cannot be compared by seed: unequal seeds, fewer than three, or one without a value."""

    kind = "not-paired"


class TaskError(EpochsearchError):
    """A task that cannot be searched: no Task in the file, empty data, NaN, a model that does not fit."""

    kind = "task"
    exit_code = 2


class NotFoundError(EpochsearchError):
    """A study, task, file or trial that does not exist."""

    kind = "not-found"
    exit_code = 3


class SpecDiffersError(EpochsearchError):
    """A stored study is asked to go on under another spec."""

    kind = "spec-differs"
    exit_code = 4


class StorageError(EpochsearchError):
    """A database or a checkpoint that cannot be opened, read or written."""

    kind = "storage"
    exit_code = 1


class StudyHeldError(EpochsearchError):
    """Another live process is running this study."""

    kind = "study-held"
    exit_code = 1


class SearchFailedError(EpochsearchError):
    """A search that ended without a single usable trial."""

    kind = "search-failed"
    exit_code = 1


_SHOWN = 10


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "Did you mean 'x'?" for the known name closest to `name`, else what is known, ten at most."""
    names = sorted(known)
    match = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if match:
        return f"Did you mean '{match[0]}'?"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"Known: {', '.join(names[:_SHOWN])}{more}." if names else "None is known here."
