"""What to type next is something that can be typed."""

from __future__ import annotations

from epochsearch.cli.words.next_steps import go_on_command, next_commands


def test_going_on_is_the_same_command_with_the_study_named() -> None:
    """A study that named itself is named in the command that goes on."""
    command = go_on_command(["/usr/bin/epochsearch", "run", "digits", "--trials", "50"], "digits-tpe-0")

    assert command == "epochsearch run digits --trials 50 --study digits-tpe-0"


def test_a_study_that_was_named_is_not_named_twice() -> None:
    """The command is what was typed."""
    assert go_on_command(["epochsearch", "run", "--study=mine"], "mine") == "epochsearch run --study=mine"


def test_words_that_a_shell_would_split_are_quoted() -> None:
    """The command can be pasted."""
    command = go_on_command(
        ["epochsearch", "run", "--sampler", "tpe(multivariate=false)", "--study", "a b"], "a b"
    )

    assert command == "epochsearch run --sampler 'tpe(multivariate=false)' --study 'a b'"


def test_the_module_is_called_as_it_was() -> None:
    """`python -m epochsearch` puts the path of __main__.py first."""
    command = go_on_command(["epochsearch/__main__.py", "run"], "s")

    assert command == "python -m epochsearch run --study s"


def test_a_storage_on_the_command_line_is_named_again() -> None:
    """Without it the next command would look elsewhere."""
    commands = next_commands(["epochsearch", "run", "--storage", "a.db"], "s", interrupted=False)

    assert commands == [f"epochsearch {what} --storage a.db" for what in ("show s", "report s", "dashboard")]


def test_after_an_interruption_going_on_comes_first() -> None:
    """It is what one most likely wants."""
    commands = next_commands(["epochsearch", "run"], "s", interrupted=True)

    assert commands[0] == "epochsearch run --study s"
