"""Where a trained model lies, and what is said where none does."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochsearch.core.errors import NotFoundError
from epochsearch.store.model_folder import read_record


def test_the_nearest_model_is_named_as_it_is_to_be_typed(tmp_path: Path) -> None:
    """With its folder."""
    made = tmp_path / "models" / "mix"
    made.mkdir(parents=True)
    (made / "model.json").touch()

    with pytest.raises(NotFoundError) as told:
        read_record(made.with_name("mxi"))

    assert told.value.action == f"Did you mean '{made}'?"
