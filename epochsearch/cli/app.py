"""The command line `epochsearch`: one module per command, under one error boundary."""

from __future__ import annotations

import gc
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from epochsearch.cli.boundary import Boundary
from epochsearch.cli.commands.audit import audit
from epochsearch.cli.commands.check import check
from epochsearch.cli.commands.compare import compare
from epochsearch.cli.commands.dashboard import dashboard
from epochsearch.cli.commands.export import export
from epochsearch.cli.commands.extend import extend
from epochsearch.cli.commands.init import init
from epochsearch.cli.commands.predict import predict
from epochsearch.cli.commands.profile import profile
from epochsearch.cli.commands.recommend import recommend
from epochsearch.cli.commands.report import report
from epochsearch.cli.commands.run import run
from epochsearch.cli.commands.show import show
from epochsearch.cli.commands.studies import studies
from epochsearch.cli.commands.tasks import tasks
from epochsearch.cli.commands.test import test
from epochsearch.cli.commands.train import train
from epochsearch.cli.commands.verify import verify
from epochsearch.cli.console import Notes

app = typer.Typer(
    name="epochsearch",
    cls=Boundary,
    help="How many epochs, at which learning rate and batch size, and is it worth training longer?",
    epilog="Start with: epochsearch run",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: half the start-up time, and the README can quote it
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Print the version or, without a command, the help; `--debug` is read by the boundary."""
    if version:
        from epochsearch import __version__
        from epochsearch.cli.console import print_lines

        print_lines([f"epochsearch {__version__}"])
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


COMMANDS = (
    run,
    compare,
    recommend,
    extend,
    profile,
    studies,
    show,
    report,
    train,
    predict,
    test,
    tasks,
    init,
    check,
    export,
    verify,
    audit,
    dashboard,
)
"""In the order in which `--help` lists them."""

for command in COMMANDS:
    app.command()(command)


def main() -> None:
    """Run the command line on this process's arguments and end the process with its exit code."""
    _open_closed_streams()
    _hear_notes()
    try:
        app(prog_name="epochsearch")
    finally:
        gc.freeze()  # the interpreter's last collection walks all of torch: over a second for nothing


def _hear_notes() -> None:
    """Print what the package logs: it is little, and meant for whoever waits."""
    log = logging.getLogger("epochsearch")
    log.addHandler(Notes())
    log.setLevel(logging.INFO)
    log.propagate = False


def _open_closed_streams() -> None:
    """Open on nothing what a shell closed (`2>&-`): no file of ours must get a standard stream's number."""
    while (number := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(number)
    for stream in ("stdout", "stderr"):
        if getattr(sys, stream) is None:
            setattr(sys, stream, Path(os.devnull).open("w"))  # noqa: SIM115 - for the life of the process
