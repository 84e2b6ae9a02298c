"""Start-up is a feature: what only looks loads no library that trains, samples or draws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from epochsearch.core.settings import Settings
from epochsearch.search.running.service import Stop, search
from tests.command import document, environment

HEAVY = {"torch", "optuna", "plotly", "sklearn", "scipy", "pandas", "pyarrow"}
PROBE = """
import sys
from epochsearch.cli.app import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A storage with one small study, `s`."""
    url = f"sqlite:///{tmp_path_factory.mktemp('start-up') / 'a.db'}"
    for _ in search(
        Settings(task="digits", trials=1, axes={"epochs": "1"}, workers="0", study="s"), url, Stop()
    ):
        pass
    return url


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"], ["tasks"]], ids=" ".join)
def test_what_needs_no_study_loads_no_heavy_library(arguments: list[str], tmp_path: Path) -> None:
    """`--help` and its like answer before torch would have been found on the disk."""
    assert loaded(arguments, tmp_path) & (HEAVY | {"sqlalchemy", "numpy"}) == set()


@pytest.mark.parametrize("arguments", [["studies"], ["show", "s"]], ids=" ".join)
def test_looking_at_studies_loads_no_heavy_library(
    arguments: list[str], storage: str, tmp_path: Path
) -> None:
    """`studies` and `show` read the database and nothing else."""
    assert loaded([*arguments, "--storage", storage], tmp_path) & HEAVY == set()


def test_a_search_is_imported_without_what_trains() -> None:
    """It runs while the server of the workers loads torch: what it loads itself is waited for."""
    probe = "import epochsearch.search.running.service, sys; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", probe], env=environment(), capture_output=True, text=True, check=True
    )

    assert set(ended.stdout.split()) & {"torch", "sklearn", "scipy", "pandas", "plotly"} == set()


def test_curves_are_trained_without_torchs_compiler(tmp_path: Path) -> None:
    """With every optimiser: its import takes as long as torch's own, and nothing here is compiled."""
    storage = f"sqlite:///{tmp_path / 'a.db'}"
    one = ["--learning-rate", "0.01", "--batch-size", "256", "--workers", "0", "--trials", "5"]
    each = ["--sampler", "grid", "--param", "optimiser=adam,adamw,sgd,momentum,nesterov"]

    for epochs in ("1", "2"):  # the second time the curves are thawed
        modules = loaded(["run", "digits", *one, *each, "--epochs", epochs, "--storage", storage], tmp_path)
        said = document("studies", "--storage", storage)

        assert "torch" in modules
        assert "torch._dynamo" not in modules
        assert [study["epochs"]["trained"] for study in said] == [5] * int(epochs)


def loaded(arguments: list[str], directory: Path) -> set[str]:
    """Return the modules that `epochsearch ARGUMENTS` has imported when it ends."""
    ended = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        cwd=directory, env=environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return set(ended.stderr.splitlines()[-1].split())
