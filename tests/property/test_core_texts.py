"""Whatever is written as text is read back as the same value: choices, spaces, specs and study files."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from epochsearch.core.choice import Choice, Scalar, parse_choice, parse_scalar, scalar_text
from epochsearch.core.settings import Settings
from epochsearch.core.space import Space, parse_space
from epochsearch.core.spec import StudySpec, differences
from epochsearch.search.settings.study_file import read_study_file
from tests.property.spaces import NAMES, choices, spaces, specs, techniques


@given(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text())
def test_a_scalar_is_read_back(value: Scalar) -> None:
    """Type and value survive, however odd the string."""
    read = parse_scalar(scalar_text(value))

    assert read == value
    assert type(read) is type(value)


@given(choices())
def test_a_choice_is_read_back(choice: Choice) -> None:
    """A name with any options is the same after writing and reading."""
    assert parse_choice(str(choice), "--sampler") == choice


@given(spaces())
def test_a_space_is_read_back(space: Space) -> None:
    """Ranges, logarithms, lists and lists of strings keep their kind."""
    assert parse_space(space.written()) == space


@given(specs())
def test_a_spec_is_read_back_from_json(spec: StudySpec) -> None:
    """A study that goes on finds the spec it was made under, without a difference."""
    read = StudySpec.from_dict(json.loads(json.dumps(spec.to_dict())))

    assert read == spec
    assert differences(read, spec) == ()


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
COUNT = st.integers(1, 10**6)
ITEM = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6) | st.booleans() | TEXT
WRITTEN = TEXT | st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6) | st.lists(ITEM, max_size=4)
SETTINGS = st.builds(
    Settings,
    axes=st.dictionaries(NAMES, WRITTEN, max_size=4),
    training=techniques(),
    **{
        name: st.none() | TEXT for name in ("task", "sampler", "pruner", "objective", "optimiser", "schedule")
    },
    **{name: st.none() | COUNT for name in ("trials", "epoch_budget", "seed", "folds", "threads")},
    **{name: st.none() | TEXT for name in ("device", "workers", "study")},
    time_limit=st.none() | COUNT.map(float),
    weights=st.none() | TEXT,
    patience=st.none() | COUNT,
    min_delta=st.none() | COUNT.map(float),
)
TABLES = {
    "budget": {"trials": "trials", "epochs": "epoch_budget", "time": "time_limit"},
    "training": {name: name for name in ("optimiser", "schedule", "weights", "patience", "min_delta")},
}


def toml(settings: Settings) -> str:
    """Return a study file that says these settings; a JSON string, number or list is TOML's too."""
    nested = {field for table in TABLES.values() for field in table.values()} | {"axes", "training", "where"}
    top = {item.name: item.name for item in dataclasses.fields(settings) if item.name not in nested}
    lines = _lines(settings, top)
    for table, keys in TABLES.items():
        lines += [f"[{table}]", *_lines(settings, keys)]
    lines += [f"{name} = {json.dumps(value)}" for name, value in settings.training.items()]
    axes = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in settings.axes.items()]
    return "\n".join([*lines, "[space]", *axes])


def _lines(settings: Settings, keys: dict[str, str]) -> list[str]:
    values = {key: getattr(settings, field) for key, field in keys.items()}
    return [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in values.items()
        if value is not None
    ]


@given(SETTINGS)
def test_a_study_file_says_what_was_written_into_it(settings: Settings) -> None:
    """Every key of a study file comes out in its field, and each field that is said has a place."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "study.toml"
        path.write_text(toml(settings), encoding="utf-8")
        read = read_study_file(str(path))

    assert dataclasses.replace(read, where={}) == settings
    said = {item.name for item in dataclasses.fields(settings) if getattr(settings, item.name) is not None}
    techniques = {f"training.{name}" for name in settings.training}
    assert read.where.keys() == said - {"axes", "training", "where"} | settings.axes.keys() | techniques
