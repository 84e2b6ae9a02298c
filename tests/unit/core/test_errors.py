"""The errors that a user may see: four parts, one text, and the way between processes."""

from __future__ import annotations

import pickle

import pytest

from epochsearch.core import errors
from epochsearch.core.errors import EpochsearchError, UsageError, first_line, nearest, typed_line

FAMILY = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, EpochsearchError)
]


def test_a_message_has_four_parts() -> None:
    """Where, what was given, the rule and what to do; a full stop is not doubled."""
    error = UsageError("--epochs", "8:2", "the low end must be at most the high end.", "Swap them.")

    assert str(error) == "--epochs 8:2: the low end must be at most the high end. Swap them."


def test_nothing_given_leaves_no_gap() -> None:
    """A missing axis has no text of its own."""
    assert UsageError("--epochs", "", "this axis is missing", "Give one.").message == (
        "--epochs: this axis is missing. Give one."
    )


@pytest.mark.parametrize("kind", FAMILY)
def test_an_error_comes_through_between_processes(kind: type[EpochsearchError]) -> None:
    """A worker's error is the same in the driver, with its exit code."""
    error = kind("where", "given", "rule", "action")

    back = pickle.loads(pickle.dumps(error))

    assert type(back) is kind
    assert (back.message, back.exit_code, back.kind) == (error.message, error.exit_code, error.kind)


def test_every_kind_has_a_name_of_its_own_and_an_exit_code() -> None:
    """1 failed, 2 wrong usage, 3 not found, 4 spec differs: scripts rely on them."""
    codes = {kind.kind: kind.exit_code for kind in FAMILY}

    assert len(codes) == len(FAMILY)
    assert set(codes.values()) == {1, 2, 3, 4}
    assert (
        codes.items()
        >= {
            "failed": 1,
            "storage": 1,
            "study-held": 1,
            "search-failed": 1,
            "usage": 2,
            "task": 2,
            "not-found": 3,
            "spec-differs": 4,
        }.items()
    )


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("trails", ["trials", "task"], "Did you mean 'trials'?"),
        ("zzz", ["b", "a"], "Known: a, b."),
        (
            "zzz",
            [f"a{i}" for i in range(10, 22)],
            "Known: a10, a11, a12, a13, a14, a15, a16, a17, a18, a19 and 2 more.",
        ),
        ("zzz", [], "None is known here."),
    ],
)
def test_the_nearest_name_is_offered(name: str, known: list[str], said: str) -> None:
    """Else what is known, in order, ten at most: a message has two lines."""
    assert nearest(name, known) == said


@pytest.mark.parametrize(
    ("error", "first", "typed"),
    [
        (ValueError("no such axis.\nand more"), "no such axis", "ValueError: no such axis"),
        (AssertionError(), "AssertionError", "AssertionError"),
        (RuntimeError("\n\n"), "RuntimeError", "RuntimeError"),
    ],
)
def test_an_exception_is_told_in_a_line_even_if_it_says_nothing(
    error: Exception, first: str, typed: str
) -> None:
    """`assert` and `raise ValueError` in a user's file have no message to cut a line out of."""
    assert (first_line(error), typed_line(error)) == (first, typed)
