"""The text of options becomes values, or a message that says what to type."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochsearch.cli.options import (
    parse_parameters,
    parse_training,
    parse_whole,
    settings_from,
    sqlite_file,
    storage_url,
)
from epochsearch.core.duration import parse_duration
from epochsearch.core.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("10m", 600),
        ("1h30m", 5400),
        ("1h", 3600),
        ("0.5m", 30),
        ("2m30", 150),
        ("1H 5M", 3900),
    ],
)
def test_a_duration_reads_hours_minutes_and_seconds(text: str, seconds: float) -> None:
    """Plain numbers are seconds."""
    assert parse_duration(text, "--time-limit") == seconds


@pytest.mark.parametrize("text", ["", "0", "5x", "m", "10m1h", "-3", "nan", "1e3"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    """A time limit of nothing is no limit either."""
    with pytest.raises(UsageError, match="Example: --time-limit 10m"):
        parse_duration(text, "--time-limit")


@pytest.mark.parametrize("text", ["x", "1.5", "0", "-1", ""])
def test_a_count_must_be_a_whole_number_from_its_least(text: str) -> None:
    """The message names the option, what was given, the rule and an example."""
    with pytest.raises(
        UsageError, match=r"--trials .*: must be a whole number, at least 1. Example: --trials 10"
    ):
        parse_whole(text, "--trials", 1)


def test_a_seed_may_be_zero() -> None:
    """The least value is allowed."""
    assert parse_whole("0", "--seed", 0) == 0


@pytest.mark.parametrize("text", ["dropout", "=0.1", "dropout=", "2x=1"])
def test_a_parameter_must_be_a_name_and_a_range(text: str) -> None:
    """The name must be one that a model can take as an argument."""
    with pytest.raises(UsageError, match="must be NAME=RANGE"):
        parse_parameters([text])


def test_a_parameter_given_twice_is_refused() -> None:
    """Which of the two would hold is not for the tool to guess."""
    with pytest.raises(UsageError, match="given twice"):
        parse_parameters(["dropout=0.1", "dropout=0.2"])


def test_an_axis_with_its_own_option_is_no_parameter() -> None:
    """The message says which option to use."""
    with pytest.raises(UsageError, match="Type: --batch-size 16,32"):
        parse_parameters(["batch_size=16,32"])


def test_settings_hold_only_what_was_said() -> None:
    """Everything else is left to the study file and the defaults."""
    settings = settings_from(
        {"task": "digits", "epochs": "5:50", "trials": "20", "param": ["dropout=0.0:0.5"]}
    )

    assert settings.task == "digits"
    assert settings.axes == {"epochs": "5:50", "dropout": "0.0:0.5"}
    assert (settings.trials, settings.sampler, settings.seed) == (20, None, None)


def test_settings_know_how_a_message_names_them() -> None:
    """Where it was said is the option as typed."""
    settings = settings_from(
        {"task": "digits", "epoch_budget": "20", "learning_rate": "0.1", "param": ["a=1,2"]}
    )

    assert settings.where == {
        "task": "TASK",
        "epoch_budget": "--epoch-budget",
        "learning_rate": "--learning-rate",
        "a": "--param a",
    }


def test_the_storage_is_the_option_then_the_environment_then_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A bare path is a SQLite file."""
    monkeypatch.delenv("EPOCHSEARCH_STORAGE", raising=False)
    default = storage_url(None)
    monkeypatch.setenv("EPOCHSEARCH_STORAGE", "elsewhere.db")

    assert default == "sqlite:///studies/epochsearch.db"
    assert storage_url(None) == "sqlite:///elsewhere.db"
    assert storage_url("postgresql://host/name") == "postgresql://host/name"


def test_a_file_is_looked_for_at_home_where_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell leaves the tilde of --storage=~/a.db to the program."""
    monkeypatch.setenv("HOME", "/data/me")

    assert storage_url("~/a.db") == "sqlite:////data/me/a.db"


def test_an_empty_storage_is_refused() -> None:
    """A variable that was never set in a script must not mean the working directory."""
    with pytest.raises(UsageError, match="must be a database URL"):
        storage_url("")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///a/b.db", "a/b.db"),
        ("sqlite:////tmp/b.db", "/tmp/b.db"),
        ("sqlite:///b.db?timeout=1", "b.db"),
        ("sqlite:///:memory:", None),
        ("postgresql://host/name", None),
        (storage_url("what?%20 é#.db"), "what?%20 é#.db"),
    ],
)
def test_the_file_of_a_storage_is_found_in_its_url(url: str, path: str | None) -> None:
    """Only SQLite has one."""
    file = sqlite_file(url)

    assert (None if file is None else str(file)) == path


def test_techniques_are_settings_of_training() -> None:
    """`--training` as often as wanted, `--accumulate` beside it; the values are read like any others."""
    settings = settings_from({"training": ["clip_norm=1", "precision=bf16"], "accumulate": "4"})

    assert settings.training == {"clip_norm": 1, "precision": "bf16", "accumulate": 4}
    assert settings.where["training.accumulate"] == "--accumulate"
    assert settings.where["training.clip_norm"] == "--training clip_norm"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("clip_norm", r"--training clip_norm: must be NAME=VALUE. Example: --training clip_norm=1.0"),
        ("clip=1", r"--training clip: there is no such technique of training. Did you mean 'clip_norm'\?"),
        ("optimiser=sgd", "this has its own option. Type: --optimiser sgd"),
    ],
)
def test_what_is_no_technique_is_refused_with_what_to_type(text: str, message: str) -> None:
    """A typing error gets the nearest name."""
    with pytest.raises(UsageError, match=message):
        parse_training([text])


def test_a_strategy_is_a_sampler_by_another_name() -> None:
    """With its options; a message names the option that was typed."""
    settings = settings_from({"strategy": "staged(explore=9)"})

    assert settings.sampler == "staged(explore=9)"
    assert settings.where["sampler"] == "--strategy"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"strategy": "stage"}, "--strategy stage: there is no such strategy. Did you mean 'staged'?"),
        ({"strategy": "tpe"}, "--strategy tpe: there is no such strategy"),
        ({"strategy": "staged", "sampler": "tpe"}, "Give either --strategy or --sampler"),
    ],
)
def test_what_is_no_strategy_is_refused(said: dict[str, str], message: str) -> None:
    """A strategy takes the sampler's place."""
    with pytest.raises(UsageError) as error:
        settings_from(said)

    assert message in error.value.message


def test_a_study_file_may_say_a_strategy(tmp_path: Path) -> None:
    """Its table holds each stage's budget; a sampler on the command line goes before it."""
    file = tmp_path / "mine.toml"
    file.write_text('[strategy]\nexplore = 9\nexplore_rows = 0.5\ntried = "wsd(cooldown=0.3)"\n')

    alone, other = settings_from({"task": str(file)}), settings_from({"task": str(file), "sampler": "tpe"})

    assert alone.sampler == 'staged(explore=9, explore_rows=0.5, tried="wsd(cooldown=0.3)")'
    assert alone.where["sampler"] == f"{file} [strategy]"
    assert other.sampler == "tpe"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[strategy]\nexplor = 9", "[strategy]: unknown key 'explor'. Did you mean 'explore'?"),
        ('[strategy]\nname = "stages"', "[strategy] name = 'stages': there is no such strategy"),
        ("[strategy]\nexplore = 'x'", "[strategy] explore = 'x': must be a whole number or a number"),
        ('sampler = "tpe"\n[strategy]\nexplore = 9', "a strategy is in the sampler's place"),
    ],
)
def test_a_wrong_strategy_in_a_study_file_is_refused(text: str, message: str, tmp_path: Path) -> None:
    """The message names the file, the table and the key."""
    file = tmp_path / "mine.toml"
    file.write_text(text)

    with pytest.raises(UsageError) as error:
        settings_from({"task": str(file)})

    assert message in error.value.message
    assert error.value.message.startswith(str(file))
