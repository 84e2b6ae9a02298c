"""What every page is made of: the document, sections, tables, figures and links; one file, no network.

Figures travel as JSON and are drawn by `page.js` in the reader's theme; all text is escaped here.
"""

from __future__ import annotations

import html
import json
import math
import os
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

from epochsearch.core.errors import UsageError, room_action

Figures: TypeAlias = dict[str, Any]
"""Figures of one page by the name of their place, as Plotly's JSON."""

EMPTY_ICON = '<link rel="icon" href="data:,">'  # else a browser asks a server for one


def document(title: str, body: Iterable[str], figures: Figures) -> str:
    """Return the whole page as text."""
    from plotly.offline import get_plotlyjs

    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{safe(title)}</title>{EMPTY_ICON}",
            f"<style>{resource('page.css')}</style></head><body>",
            *body,
            f'<script type="application/json" id="figures">{script_json(figures)}</script>',
            f"<script>{get_plotlyjs()}</script>",
            f"<script>{resource('page.js')}</script>",
            "</body></html>",
        ]
    )


def write_document(text: str, file: Path, action: str) -> None:
    """Write a page, making its folder if need be; an old page stays until the new one is whole.

    action: what to do where that cannot be done.

    Raises:
        UsageError: The file cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(text, file)
    except OSError as error:
        rule = f"it cannot be written ({error.strerror})"
        raise UsageError("--html", str(file), rule, room_action(error, action)) from error


def _write_whole(text: str, file: Path) -> None:
    """Write a file beside its place and put it there; what is no file, as a device, is written to."""
    if file.exists() and not file.is_file():
        file.write_text(text, encoding="utf-8")
        return
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def figure(name: str, drawn: Any, caption: str, figures: Figures) -> str:
    """Return the place of a figure with its caption; the figure itself is added to `figures`."""
    figures[name] = json.loads(drawn.to_json())
    figures[name]["layout"].pop("template", None)  # the page has its own, light and dark
    height = figures[name]["layout"].get("height", 400)
    return (
        f"<figure><div class='plot' id='{name}' data-figure='{name}' style='height:{height}px'></div>"
        f"<figcaption>{safe(caption)}</figcaption></figure>"
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; on a narrow screen it is scrolled sideways."""
    head = "".join(f"<th scope='col'>{safe(column)}</th>" for column in columns)
    lines = "".join(f"<tr>{''.join(f'<td>{safe(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<div class='table'><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"


def number(value: float | None) -> str:
    """Return a number with four digits that count, or - for none."""
    return "-" if value is None or not math.isfinite(value) else f"{value:.4g}"


def sentence(text: str) -> str:
    """Return the text with a full stop at its end."""
    return f"{text.rstrip('.')}."


def safe(text: str) -> str:
    """Return text in which nothing is markup."""
    return html.escape(text)


def command(line: str) -> str:
    """Return a command as it is typed; no line is broken after the hyphens of an option."""
    words = (safe(word) for word in line.split(" "))
    return " ".join(f"<span class='option'>{word}</span>" if word.startswith("-") else word for word in words)


def script_json(value: Any) -> str:
    """Return JSON that no text in it can end the script element with."""
    return (
        json.dumps(value, allow_nan=False, separators=(",", ":"))
        .replace("</", "<\\/")
        .replace("<!--", "<\\!--")
    )


def resource(name: str) -> str:
    """Return the text of a file of this room."""
    return (files("epochsearch.report") / name).read_text(encoding="utf-8")
