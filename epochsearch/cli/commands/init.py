"""`epochsearch init DIR`: a task that works, to make one's own of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from epochsearch.cli.options import JsonOption


def init(
    folder: Annotated[
        str,
        typer.Argument(
            metavar="DIR", help="Where the files go; made if it is not there.", show_default=False
        ),
    ],
    template: Annotated[
        str, typer.Option("--template", metavar="NAME", help="tabular, image, text, lightning or custom.")
    ] = "tabular",
    json: JsonOption = False,
) -> None:
    """Write a task of your own to begin with, its study and its test.

    All three work as they are; the comments say what to change.
    """
    from epochsearch.cli import console
    from epochsearch.tasks.templates import TEMPLATES, write_template

    written = write_template(template, Path(folder).expanduser())
    if json:
        console.print_document({"template": template, "files": [path.as_posix() for path in written]})
        return
    commands = [f"cd {Path(folder).as_posix()}", "epochsearch check task.py", "epochsearch run study.toml"]
    console.print_facts(
        [
            ("Template", f"{template}: {TEMPLATES[template]}"),
            ("Files", "\n".join(path.as_posix() for path in written)),
            ("Next", "\n".join(commands)),
        ]
    )
