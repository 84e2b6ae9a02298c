"""The digits with fewer training rows; validation and test rows are the same for all."""

from __future__ import annotations

from epochsearch.tasks.digits import Digits


class Digits40(Digits):
    """40 training rows."""

    name = "digits-40"
    train_rows = 40


class Digits200(Digits):
    """200 training rows."""

    name = "digits-200-rows"
    train_rows = 200


class Digits1000(Digits):
    """1,000 training rows."""

    name = "digits-1000"
    train_rows = 1000
