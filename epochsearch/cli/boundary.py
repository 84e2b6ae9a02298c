"""The one error boundary: whatever goes wrong in a command becomes one message and an exit code here.

A traceback reaches a user only with `--debug`, which is accepted anywhere on the command line, like `--json`.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from epochsearch.cli.console import OutputClosedError, print_document, print_error
from epochsearch.cli.words.documents import error_document
from epochsearch.core.errors import EpochsearchError, UsageError, nearest

INTERRUPTED = 130  # the exit code of whatever Ctrl-C ends


class Boundary(TyperGroup):
    """The group of all commands; it alone turns errors into text."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command that `args` (default: this process's) name and exit with its code."""
        given = list(sys.argv[1:] if args is None else args)
        debug, as_json = "--debug" in given, "--json" in given
        wanted = [argument for argument in given if argument != "--debug"]
        try:
            code = super().main(wanted, prog_name, complete_var, False, windows_expand_args, **extra)
        except OutputClosedError:
            _forget_standard_output()
            sys.exit(1)
        except _InterruptedError:
            if as_json:
                print_document(error_document("interrupted", "interrupted.", INTERRUPTED))
            sys.exit(INTERRUPTED)
        except Exception as error:
            if debug:
                traceback.print_exc()
            sys.exit(_report(error, as_json=as_json, debug=debug))
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; Typer hushes every broken pipe and every interrupt, so both are taken here."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise _InterruptedError from None
        except OSError as error:
            raise _UnexpectedError(_text(error)) from error

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that `args` begin with, or raise with the nearest name there is."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            raise UsageError(
                "epochsearch", args[0], "there is no such command", nearest(args[0], self.commands)
            )
        return super().resolve_command(ctx, args)


class _InterruptedError(Exception):
    """Ctrl-C before there was anything to keep."""


class _UnexpectedError(Exception):
    """An error that no command foresaw, already in words."""


def _report(error: Exception, *, as_json: bool, debug: bool) -> int:
    if isinstance(error, EpochsearchError):
        kind, message, code = error.kind, error.message, error.exit_code
    elif isinstance(error, typer.TyperException):
        usage = _usage_error(error)
        kind, message, code = usage.kind, usage.message, usage.exit_code
    elif isinstance(error, typer.Abort):
        kind, message, code = "interrupted", "interrupted.", INTERRUPTED
    else:
        text = str(error) if isinstance(error, _UnexpectedError) else _text(error)
        kind, message, code = "unexpected", f"unexpected: {text}", 1
        message += "" if debug else ". Run again with --debug for the traceback"
    print_error(message)
    if as_json:
        print_document(error_document(kind, message, code))
    return code


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(".: ").replace("\n", " ")


def _usage_error(error: typer.TyperException) -> UsageError:
    """Return what Typer found wrong with the command line in our four parts."""
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", None) or "epochsearch"
    name, parameter = getattr(error, "option_name", None), getattr(error, "param", None)
    message, help_action = error.format_message(), f"See: {command} --help"
    if hasattr(error, "possibilities"):  # only an unknown option has them
        action = _nearest_option(str(name), context) or help_action
        return UsageError(command, str(name), "there is no such option", action)
    if name is not None:
        wanted = "requires an argument" in message
        action = f"Type: {name} VALUE" if wanted else f"Type: {name}"
        return UsageError(str(name), "", "needs a value" if wanted else "takes no value", action)
    if parameter is not None and message.startswith("Missing"):
        usage = context.get_usage() if context is not None else command
        return UsageError(
            command, "", f"{parameter.metavar or parameter.name} is missing", _plain_usage(usage)
        )
    extra = re.search(r"unexpected extra argument.*?\(([^()]*)\)$", message)
    if extra:
        action = "Put a value with spaces in quotes, or give an option its name."
        return UsageError(command, extra.group(1), "this is one argument too many", action)
    return UsageError(command, "", message, help_action)


def _nearest_option(given: str, context: Any) -> str:
    """Return the option that was meant, "" if none is near; the dashes that all begin with do not count."""
    bare = [name.removeprefix("--") for name in _options(context)]
    match = difflib.get_close_matches(given.removeprefix("--"), bare, n=1, cutoff=0.5)
    return f"Did you mean '--{match[0]}'?" if match and given.startswith("--") else ""


def _plain_usage(usage: str) -> str:
    words = " ".join(usage.split()).removeprefix("Usage: ").replace("[OPTIONS] ", "")
    return f"Type: {words.replace('{', '').replace('}', '')}"


def _options(context: Any) -> list[str]:
    command = getattr(context, "command", None)
    if command is None:
        return []
    return [
        name for parameter in command.get_params(context) for name in parameter.opts if name.startswith("--")
    ]


def _forget_standard_output() -> None:
    """Let nothing more be written to a closed pipe when the interpreter flushes at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
