"""`epochsearch check TASK`: does a task of one's own obey the laws that a search rests on?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from epochsearch.cli.options import JsonOption, settings_from

if TYPE_CHECKING:
    from epochsearch.cli.console import Fact
    from epochsearch.search.checks.checking import Check


def check(
    task: Annotated[
        str,
        typer.Argument(
            metavar="TASK",
            help="Your own file.py[:Name], a study.toml, or a task's name.",
            show_default=False,
        ),
    ],
    json: JsonOption = False,
) -> None:
    """Look whether a task of your own can be searched.

    It is trained for a few epochs; nothing is stored. What has to be mended is said, and the exit code is 1.
    """
    settings = settings_from({"task": task})
    from epochsearch.cli import console
    from epochsearch.cli.signals import ending_on_signals
    from epochsearch.search.checks.checking import check_task

    found: list[Check] = []
    with ending_on_signals(), console.reserved_for_results():
        for one in check_task(settings):
            found.append(one)
            console.print_progress(f"{one.verdict:6}  {one.name}")
    passed = all(one.verdict != "failed" for one in found)
    if json:
        checks = [
            {"name": one.name, "verdict": one.verdict, "said": one.said, "mend": one.mend} for one in found
        ]
        console.print_document({"task": settings.task, "passed": passed, "checks": checks})
    else:
        console.print_facts(check_facts(str(settings.task), found, passed=passed))
    if not passed:
        raise typer.Exit(1)


def check_facts(task: str, found: list[Check], *, passed: bool) -> list[Fact]:
    """Return what was found for a person, what has to be mended below it."""
    facts = [("Task", task)]
    for one in found:
        head = "" if one.verdict == "ok" else f"{one.verdict.upper()}: "
        facts.append((one.name.capitalize(), f"{head}{one.said}" + (f"\n{one.mend}" if one.mend else "")))
    told = f"PASS: search it with: epochsearch run {task}" if passed else "FAIL: mend what is marked so"
    return [*facts, ("Result", told)]
