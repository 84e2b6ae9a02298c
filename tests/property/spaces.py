"""Hypothesis strategies for the nouns: choices, axes, spaces and specs as a user may write them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from epochsearch.core.axis import Choices, Range
from epochsearch.core.choice import Choice
from epochsearch.core.measure import WEIGHTS, Measure
from epochsearch.core.patience import Patience
from epochsearch.core.point import CORE_AXES
from epochsearch.core.recipe import Recipe
from epochsearch.core.space import Space
from epochsearch.core.spec import OBJECTIVES, StudySpec
from epochsearch.core.techniques import TECHNIQUES, Technique

NAMES = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True).filter(lambda name: name not in CORE_AXES)
WHOLE = st.integers(1, 500)
RATES = st.floats(1e-7, 10.0)
REALS = st.floats(-1e6, 1e6, allow_subnormal=False)
WORDS = st.none() | st.text(max_size=6) | st.booleans()


def choices() -> st.SearchStrategy[Choice]:
    """Return names with options of every type."""
    values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    options = st.dictionaries(NAMES, values, max_size=4).map(lambda found: tuple(found.items()))
    return st.builds(Choice, st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,8}", fullmatch=True), options)


def lists(values: st.SearchStrategy[Any], most: int = 4) -> st.SearchStrategy[Choices]:
    """Return lists of 1 to `most` distinct values."""
    return st.lists(values, min_size=1, max_size=most, unique=True).map(lambda found: Choices(tuple(found)))


def ranges(values: st.SearchStrategy[Any], **kind: bool) -> st.SearchStrategy[Range]:
    """Return ranges with two different ends."""
    ends = st.tuples(values, values).filter(lambda pair: pair[0] != pair[1]).map(sorted)
    return ends.map(lambda pair: Range(*pair, **kind))


def steps(spans: st.SearchStrategy[Range]) -> st.SearchStrategy[Choices]:
    """Return ranges cut into 1 to 5 steps, as LOW:HIGH:STEPS gives them."""
    return st.builds(lambda span, count: Choices(span.steps(count)), spans, st.integers(1, 5))


def spaces() -> st.SearchStrategy[Space]:
    """Return spaces of ranges, stepped ranges, lists and single values, with up to three further axes."""
    whole = ranges(WHOLE, integer=True)
    rates = ranges(RATES, log=True)
    further = (
        whole
        | ranges(WHOLE, integer=True, log=True)
        | ranges(REALS)
        | ranges(RATES, log=True)
        | steps(ranges(REALS))
        | lists(WORDS)
        | lists(REALS)
    )
    extras = st.dictionaries(NAMES, further, max_size=3).map(lambda found: tuple(found.items()))
    return st.builds(
        Space,
        epochs=whole | steps(whole) | lists(WHOLE),
        learning_rate=rates | steps(rates) | lists(RATES),
        batch_size=whole | steps(whole) | lists(WHOLE),
        extras=extras,
    )


def techniques() -> st.SearchStrategy[dict[str, Any]]:
    """Return some techniques of training with values that they may have."""
    return st.fixed_dictionaries({}, optional={name: _values(one) for name, one in TECHNIQUES.items()})


def _values(technique: Technique) -> st.SearchStrategy[Any]:
    if technique.steps:
        return st.sampled_from(["none", "flip", "rotate(degrees=5)+shift"]).map(technique.checked)
    if technique.words:
        return st.sampled_from(technique.words)
    if isinstance(technique.default, bool):
        return st.booleans()
    if isinstance(technique.default, int):
        return st.integers(int(technique.low), 10**6)
    most = min(technique.below, 1e6)
    return st.floats(technique.low, most, exclude_max=True)


def recipes() -> st.SearchStrategy[Recipe]:
    """Return recipes with any choices and techniques."""
    return st.builds(
        lambda optimiser, schedule, named: Recipe(optimiser, schedule, **named),
        choices(),
        choices(),
        techniques(),
    )


def specs() -> st.SearchStrategy[StudySpec]:
    """Return specs with any choices; their names need not exist."""
    return st.builds(
        StudySpec,
        task=st.text(min_size=1),
        fingerprint=st.text("0123456789abcdef", min_size=64, max_size=64),
        space=spaces(),
        sampler=choices(),
        pruner=choices(),
        objective=st.sampled_from(OBJECTIVES),
        recipe=recipes(),
        seed=st.integers(0, 2**32),
        folds=st.integers(1, 10),
        device=st.sampled_from(["cpu", "cuda", "mps"]),
        threads=st.integers(1, 64),
        measure=st.builds(Measure, NAMES, st.booleans(), st.sampled_from(WEIGHTS)),
        patience=st.builds(Patience, st.integers(0, 9), st.floats(0, 1)),
    )
