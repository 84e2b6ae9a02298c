"""The samplers that freeze and thaw, by name: policies over the open curves of a study, with their options.

To add one: a row in POLICIES, its name in `core.spec.FREEZING`, and a function below; the tests that run on
every policy run on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from epochsearch.core.choice import Choice, Defaults
from epochsearch.core.errors import UsageError
from epochsearch.core.space import Space
from epochsearch.search.freeze_thaw.model import Constants, FreezeThaw
from epochsearch.search.freeze_thaw.policy import Policy, Snap
from epochsearch.search.freeze_thaw.screens import PromotingAsha, Screen

POLICIES: Defaults = {
    "freeze-thaw": {
        "first": 4,  # configurations begun before the model decides
        "least": 2,  # epochs that each gets at first
        "gain": 0.01,  # expected improvement of the loss, as a part of it, below which nothing goes on
    },
    "one-epoch": {"configurations": 50, "best": 3},  # trained for an epoch; of those, so many to the end
    "five-epoch": {"configurations": 20, "best": 3},
    "promoting-asha": {"least": 1, "factor": 3},  # epochs of the lowest rung; between rungs
}
"""Name -> option -> default."""


def make_policy(choice: Choice, space: Space, seed: int, snap: Snap, *, by_seconds: bool = False) -> Policy:
    """Return the policy of a study.

    snap: from a proposed configuration to the one that is trained. by_seconds: whether epochs are paid for by
    the time they take.

    Raises:
        UsageError: An option has a value that makes no sense.
    """
    for name, value in choice.options:
        least = 2 if name == "factor" else 0 if name == "gain" else 1
        if not isinstance(value, (int, float)) or value < least:
            raise UsageError("--sampler", str(choice), f"{name} must be at least {least}", "Correct it.")
    return _MAKERS[choice.name](choice.values, space, seed, snap, by_seconds)


def _freeze_thaw(options: dict[str, Any], space: Space, seed: int, snap: Snap, by_seconds: bool) -> Policy:
    return FreezeThaw(space, seed, snap, Constants(**options), by_seconds=by_seconds)


def _screen(epochs: int) -> Callable[[dict[str, Any], Space, int, Snap, bool], Policy]:
    def made(options: dict[str, Any], space: Space, seed: int, snap: Snap, by_seconds: bool) -> Policy:
        return Screen(space, seed, snap, epochs=epochs, **options)

    return made


def _promoting_asha(options: dict[str, Any], space: Space, seed: int, snap: Snap, by_seconds: bool) -> Policy:
    return PromotingAsha(space, seed, snap, **options)


_MAKERS: dict[str, Callable[[dict[str, Any], Space, int, Snap, bool], Policy]] = {
    "freeze-thaw": _freeze_thaw,
    "one-epoch": _screen(1),
    "five-epoch": _screen(5),
    "promoting-asha": _promoting_asha,
}
