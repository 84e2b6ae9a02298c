"""`epochsearch recommend STUDY`: which point to take, how sure that is, and what to do to be surer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from epochsearch.cli.options import (
    JsonOption,
    StorageOption,
    StudyArgument,
    parse_whole,
    require_stored,
    storage_url,
)
from epochsearch.cli.search_options import WorkersOption, option
from epochsearch.cli.words.further_steps import (
    CONFIRM,
    longer_training,
    recommend_command,
    train_command,
    wider_search,
)
from epochsearch.cli.words.next_steps import next_looks, same_command
from epochsearch.core.errors import UsageError
from epochsearch.core.settings import TABLE_PREFIX

if TYPE_CHECKING:
    from epochsearch.search.answers.race_events import RaceEnded
    from epochsearch.search.answers.recommendation import Grounds


def recommend(
    study: StudyArgument,
    confirm: Annotated[
        str | None,
        option("--confirm", "K", "First race the best K configurations on fresh training seeds."),
    ] = None,
    seeds: Annotated[str | None, option("--seeds", "N", "Fresh seeds of the race. [default: 8]")] = None,
    workers: WorkersOption = None,
    storage: StorageOption = None,
    json: JsonOption = False,
) -> None:
    """Recommend a point of a study, and say how sure that is.

    The cheapest point not worse than the best beyond the noise between folds or fresh seeds.
    """
    from epochsearch.cli import console

    count = None if confirm is None else parse_whole(confirm, "--confirm", 1, example=CONFIRM)
    fresh = None if seeds is None else parse_whole(seeds, "--seeds", 2, example=8)
    if fresh is not None and count is None:
        action = f"Type: {recommend_command(sys.argv, study, confirm=CONFIRM)} --seeds {fresh}"
        raise UsageError("--seeds", str(fresh), "nothing is raced without --confirm", action)
    url = storage_url(storage)
    require_stored(url, study)
    race = None
    if count is not None:
        from epochsearch.cli.terminal.racing import watched_race
        from epochsearch.store.archive import study_summary

        measure = study_summary(url, study).spec.measure
        race = watched_race(url, study, measure, count, fresh, workers)
    from epochsearch.search.answers.recommendation import grounds

    found = grounds(url, study)
    stopped = race is not None and race.stopped
    commands = [same_command(sys.argv)] if stopped else next_steps(study, found)
    if json:
        from epochsearch.cli.words.recommend_documents import grounds_document

        console.print_document(grounds_document(study, found, race, commands))
    else:
        _print(study, found, race, commands)
    if stopped:
        raise typer.Exit(130)


def next_steps(study: str, found: Grounds) -> list[str]:
    """Return the commands that come next: what makes surer, what looks further, what shows more."""
    spec, edges = found.spec, found.recommendation.edges
    further = [longer_training(sys.argv, study, spec, edges), wider_search(sys.argv, spec, edges)]
    commands = [command for command in further if command is not None]
    if not found.recommendation.noise.known:
        commands.insert(0, recommend_command(sys.argv, study, confirm=CONFIRM))
    trained = [] if spec.task.startswith(TABLE_PREFIX) else [train_command(sys.argv, study)]
    return [*commands, *trained, next_looks(sys.argv, study)[0]]


def _print(study: str, found: Grounds, race: RaceEnded | None, commands: list[str]) -> None:
    from epochsearch.cli import console
    from epochsearch.cli.words.recommend_texts import (
        RIVAL_COLUMNS,
        race_text,
        recommendation_facts,
        rival_line,
        rival_rows,
    )

    facts = [("Study", study), *recommendation_facts(found)]
    if race is not None:
        facts.append(("Race", race_text(race)))
    following = ("Next", "\n".join(commands))
    if found.rivals is None or len(found.rivals) < 2:
        console.print_facts([*facts, following])
        return
    measure = found.spec.measure
    extras = [name for name, _ in found.spec.space.extras]
    console.print_facts(facts)
    console.print_lines(["", rival_line(found.rivals, found.recommendation.noise)])
    rows = rival_rows(found.rivals, measure)
    if len(rows) > 1:
        columns = (measure.word, *RIVAL_COLUMNS[1:], *extras)
        console.print_table(columns, rows, right=columns, spare=("error", "difference"))
    console.print_lines([""])
    console.print_facts([following])
