"""How the price of an hour of compute is written."""

from __future__ import annotations

import math
import re

from epochsearch.core.errors import UsageError

_PRICE = re.compile(r"(\d+(?:\.\d+)?)(?:/h(?:our)?)?")


def parse_price(text: str, where: str = "--price") -> float:
    """Return the money per hour that "2.1/h" (or 2.1) says; the currency is the reader's.

    Raises:
        UsageError: It is not of that form, or not above 0.
    """
    match = _PRICE.fullmatch(text.strip().replace(" ", "").lower())
    price = float(match[1]) if match else 0.0
    if not (price > 0 and math.isfinite(price)):
        rule = "must be a price above 0 for an hour, as 2.1/h"
        raise UsageError(where, text or "''", rule, f"Example: {where} 2.1/h")
    return price
