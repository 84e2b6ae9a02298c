"""How a price is written."""

from __future__ import annotations

import pytest

from epochsearch.core.errors import UsageError
from epochsearch.core.price import parse_price


@pytest.mark.parametrize(
    ("text", "price"), [("2.1/h", 2.1), ("2.1", 2.1), (" 0.5 / hour ", 0.5), ("3/H", 3.0)]
)
def test_a_price_is_money_per_hour(text: str, price: float) -> None:
    """With or without the hour."""
    assert parse_price(text) == price


@pytest.mark.parametrize("text", ["", "0/h", "-1/h", "2/min", "two", "1e400", "nan"])
def test_what_is_no_price_is_refused_with_an_example(text: str) -> None:
    """Minutes too: one unit is enough."""
    with pytest.raises(UsageError, match=r"Example: --price 2\.1/h"):
        parse_price(text)
