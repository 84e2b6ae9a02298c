"""Names with options: what is read, what is filled in, and what a wrong one is told."""

from __future__ import annotations

import pytest

from epochsearch.core.choice import Choice, parse_choice, parse_scalar, pieces, resolve, scalar_text
from epochsearch.core.errors import UsageError

DEFAULTS = {
    "tpe": {"n_startup_trials": 10, "multivariate": True},
    "sgd": {"momentum": 0.0, "kind": "plain", "upper": None},
}


def message(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        resolve(parse_choice(text, "--sampler"), DEFAULTS, "--sampler")
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("tpe", Choice("tpe")),
        (" tpe() ", Choice("tpe")),
        ("tpe(multivariate=false)", Choice("tpe", (("multivariate", False),))),
        ("tpe( b = none , a=1e-3 )", Choice("tpe", (("a", 0.001), ("b", None)))),
        ("x(a='1', b=\"p,q)\")", Choice("x", (("a", "1"), ("b", "p,q)")))),
        ("digits-linear(a=TRUE,)", Choice("digits-linear", (("a", True),))),
    ],
)
def test_a_choice_is_read(text: str, choice: Choice) -> None:
    """A name, then options in any order, spaced as one likes."""
    assert parse_choice(text, "--sampler") == choice


def test_options_stand_in_the_order_of_their_names() -> None:
    """Two spellings of one choice are one value with one text."""
    one, other = parse_choice("x(b=1, a=2)", ""), parse_choice("x(a=2, b=1)", "")

    assert one == other
    assert str(one) == "x(a=2, b=1)"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("None", None),
        ("-3", -3),
        ("1e-3", 0.001),
        ("relu", "relu"),
        ("'5'", "5"),
        ('"true"', "true"),
        ('"a\\"b"', 'a"b'),
        (r'"C:\data"', r"C:\data"),
        ("''", ""),
        ("'", "'"),
    ],
)
def test_a_scalar_is_read(text: str, value: object) -> None:
    """Words, numbers and strings are told apart; quotes make a string of anything."""
    read = parse_scalar(text)

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "value", ["5", "none", "a b", "a,b", "a:b", "x=1", "'", '"', "", "é", "1_0", "\n", "nan"]
)
def test_a_string_is_written_so_that_it_is_read_back(value: str) -> None:
    """A string that would read as a number, a word or two values is put in quotes."""
    assert parse_scalar(scalar_text(value)) == value


def test_commas_inside_quotes_do_not_part() -> None:
    """Only commas outside quotes stand between two values; an apostrophe in a word is no quote."""
    assert pieces("'a,b', \"c,d\" ,don't, won't,,") == ["'a,b'", '"c,d"', "don't", "won't"]


def test_every_option_is_filled_in() -> None:
    """A resolved choice says every option that is in force; whole numbers serve where a fraction is meant."""
    resolved = resolve(parse_choice("sgd(momentum=1)", ""), DEFAULTS, "--optimiser")

    assert resolved == Choice("sgd", (("kind", "plain"), ("momentum", 1.0), ("upper", None)))
    assert isinstance(resolved.values["momentum"], float)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tpo", "--sampler tpo: there is no such sampler. Did you mean 'tpe'?"),
        ("qqqqqq", "--sampler qqqqqq: there is no such sampler. Known: sgd, tpe."),
        (
            "tpe(n_startup=3)",
            "--sampler tpe(n_startup=...): tpe has no such option. Did you mean 'n_startup_trials'?",
        ),
        ("tpe(multivariate=1)", "--sampler tpe(multivariate=1): must be true or false. Correct the value."),
        (
            "tpe(n_startup_trials=true)",
            "--sampler tpe(n_startup_trials=true): must be like 10. Correct the value.",
        ),
        (
            "tpe(n_startup_trials=2.5)",
            "--sampler tpe(n_startup_trials=2.5): must be a value like 10. Correct the value.",
        ),
        (
            "tpe(n_startup_trials=none)",
            "--sampler tpe(n_startup_trials=none): must be a value like 10. Correct the value.",
        ),
        (
            "tpe(n_startup_trials)",
            "--sampler 'n_startup_trials': an option must be key=value. Example: tpe(option=1)",
        ),
        ("tpe(a=1, a=x)", "--sampler 'tpe(a=1, a=x)': a is given twice. Leave one of them out."),
        (
            "(x)",
            "--sampler '(x)': must be a name or name(option=value, ...). Example: tpe(multivariate=false)",
        ),
    ],
)
def test_a_wrong_choice_is_told_where_what_the_rule_and_what_to_do(text: str, told: str) -> None:
    """The message has four parts, with the nearest right name where there is one."""
    assert message(text) == told
