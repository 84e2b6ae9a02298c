"""A named choice with options, as in `tpe(multivariate=false)`: samplers, pruners, schedules, optimisers.

What may be chosen stands in a table of defaults beside its implementation; `resolve` fills in every option,
so that what is stored says all that was in force.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from epochsearch.core.errors import UsageError, nearest

Scalar = bool | int | float | str | None
Defaults = Mapping[str, Mapping[str, Scalar]]

_QUOTED = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*')"""
_PIECE = re.compile(rf"""\s*(?:[^,="'\s]+\s*=)?\s*{_QUOTED}\s*(?=,|$)|[^,]+""")


@dataclass(frozen=True, slots=True)
class Choice:
    """A name and its options, in the order of their names."""

    name: str
    options: tuple[tuple[str, Scalar], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", tuple(sorted(self.options, key=lambda item: item[0])))

    def __str__(self) -> str:
        if not self.options:
            return self.name
        return f"{self.name}({', '.join(f'{key}={scalar_text(value)}' for key, value in self.options)})"

    @property
    def values(self) -> dict[str, Scalar]:
        """The options as a new dict."""
        return dict(self.options)


def parse_choice(text: str, where: str) -> Choice:
    """Return the Choice that `name` or `name(key=value, ...)` says; `parse_scalar` reads the values.

    Raises:
        UsageError: The text is not of that form, or gives an option twice.
    """
    match = re.fullmatch(r"\s*([A-Za-z][\w-]*)\s*(?:\((.*)\))?\s*", text)
    if match is None:
        raise UsageError(
            where, repr(text), "must be a name or name(option=value, ...)", "Example: tpe(multivariate=false)"
        )
    name, inside = match.group(1), match.group(2) or ""
    options: list[tuple[str, Scalar]] = []
    for part in pieces(inside):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not key:
            raise UsageError(where, repr(part), "an option must be key=value", f"Example: {name}(option=1)")
        if key in dict(options):
            raise UsageError(where, repr(text), f"{key} is given twice", "Leave one of them out.")
        options.append((key, parse_scalar(value)))
    return Choice(name, tuple(options))


def resolve(choice: Choice, defaults: Defaults, where: str) -> Choice:
    """Return `choice` with every option of its kind filled in from `defaults` (name -> option -> default).

    Raises:
        UsageError: Unknown name or option (with the nearest right one), or a value of the wrong type.
    """
    if choice.name not in defaults:
        raise UsageError(
            where, choice.name, f"there is no such {where.lstrip('-')}", nearest(choice.name, defaults)
        )
    known = dict(defaults[choice.name])
    for key, value in choice.options:
        if key not in known:
            raise UsageError(
                where, f"{choice.name}({key}=...)", f"{choice.name} has no such option", nearest(key, known)
            )
        known[key] = _converted(value, known[key], where, f"{choice.name}({key}={scalar_text(value)})")
    return Choice(choice.name, tuple(known.items()))


def pieces(text: str) -> list[str]:
    """Return what stands between the commas of `text`, stripped; a quoted piece may hold commas itself."""
    return [piece.strip() for piece in _PIECE.findall(text) if piece.strip()]


def is_quoted(text: str) -> bool:
    """Return whether `text` is a string in quotes, whatever it spells inside."""
    return re.fullmatch(_QUOTED, text) is not None


def parse_scalar(text: str) -> Scalar:
    """Return the bool, None, int, float or string that `text` spells; in quotes it is always a string."""
    if is_quoted(text):
        return _unquoted(text)
    words: dict[str, Scalar] = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def scalar_text(value: Scalar) -> str:
    """Return the spelling that `parse_scalar` reads back as `value`; a string is quoted where it must be."""
    if isinstance(value, str):
        bare = re.search(r"""[\s,:()="']""", value) is None and parse_scalar(value) == value != ""
        return value if bare else json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:  # single quotes, or a backslash that is no escape
        return text[1:-1]


def _converted(value: Scalar, default: Scalar, where: str, given: str) -> Scalar:
    if default is None:
        return value
    if isinstance(default, bool) != isinstance(value, bool):
        kind = "true or false" if isinstance(default, bool) else f"like {scalar_text(default)}"
        raise UsageError(where, given, f"must be {kind}", "Correct the value.")
    if isinstance(default, float) and isinstance(value, int):
        return float(value)
    if type(default) is not type(value):
        raise UsageError(where, given, f"must be a value like {scalar_text(default)}", "Correct the value.")
    return value
