"""`verify`: what is stored is what training gives, or it says which number is not."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from epochsearch.core.errors import SpecDiffersError
from epochsearch.core.settings import Settings
from epochsearch.search.checks.verification import Verification, verify
from epochsearch.search.running.service import search
from epochsearch.store.used_curves import used_curves
from tests.command import run
from tests.contract.subjects import HERE, write_table

AXES = {"epochs": "2:6", "batch_size": "8,32"}
CURVE = "(select curve_id from epochsearch_trial_curves where trial_id = 2 and fold = 0)"
ROW = f"where epoch = 2 and curve_id = {CURVE}"


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the study `s`: six trials of two folds each."""
    file = tmp_path_factory.mktemp("verify") / "a.db"
    settings = Settings(
        task=f"{HERE}:Noisy", trials=6, folds=2, axes=AXES, workers="0", pruner="none", study="s"
    )
    for _ in search(settings, f"sqlite:///{file}"):
        pass
    return file


@pytest.fixture
def file(searched: Path, tmp_path: Path) -> Path:
    """A copy of it that may be altered."""
    return Path(shutil.copy(searched, tmp_path / "a.db"))


def verified(file: Path, sample: int = 0, study: str = "s") -> Verification:
    *_, last = verify(f"sqlite:///{file}", study, sample, workers=2)
    assert isinstance(last, Verification)
    return last


def altered(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute(statement).rowcount == 1
        connection.commit()


def test_an_honest_ledger_passes_and_is_not_written(file: Path) -> None:
    """Every epoch of every fold is trained again; the file and its folder stay as they were."""
    before = {path.name: path.read_bytes() for path in file.parent.iterdir() if path.suffix == ".db"}

    result = verified(file)

    epochs = sum(one.trial.epochs_done for one in used_curves(f"sqlite:///{file}", "s"))
    assert result.passed
    assert (result.trials, result.curves, result.epochs) == (6, 12, 2 * epochs)
    assert {path.name: path.read_bytes() for path in file.parent.iterdir()} == before


def test_a_sample_is_drawn_by_its_seed(file: Path) -> None:
    """Two of six, the same two each time."""
    first, again = verified(file, sample=2), verified(file, sample=2)

    assert first.passed
    assert len(first.sampled) == 2
    assert first.sampled == again.sampled


@pytest.mark.parametrize(
    ("statement", "number", "expected_from"),
    [
        (f"update epochsearch_epochs set train_loss = train_loss + 1e-12 {ROW}", "train_loss", "re-trained"),
        (f"update epochsearch_epochs set val_loss = val_loss * 1.0000001 {ROW}", "val_loss", "re-trained"),
        (f"""update epochsearch_epochs set metrics = '{{}}' {ROW}""", "accuracy", "re-trained"),
        (f"delete from epochsearch_epochs {ROW}", "train_loss", "re-trained"),
        ("update epochsearch_trials set value = value - 1e-9 where number = 1", "value", "on its curve"),
        ("update trial_intermediate_values set intermediate_value = 0 where trial_id = 2 and step = 2",
         "val_loss", "reported to Optuna"),
    ],
    ids=["train_loss", "val_loss", "metric", "missing", "value", "Optuna's copy"],
)  # fmt: skip
def test_one_altered_value_fails(file: Path, statement: str, number: str, expected_from: str) -> None:
    """Wherever it lies, it is found, and the first difference names trial, epoch and both values."""
    altered(file, statement)

    found = verified(file).difference

    assert found is not None
    assert (found.trial, found.number, found.expected_from) == (1, number, expected_from)
    assert found.stored != found.expected


@pytest.mark.slow
def test_the_command_says_pass_or_fail(file: Path) -> None:
    """Exit code 0 or 1, the numbers with every digit."""
    command = ["verify", "s", "--sample", "1", "--workers", "1", "--storage", str(file)]
    good = run(*command)
    altered(file, f"update epochsearch_epochs set val_loss = 0.25 {ROW}")
    bad, as_json = run(*command, "--sample", "all"), run(*command, "--sample", "all", "--json")

    assert (good.returncode, bad.returncode, as_json.returncode) == (0, 1, 1), good.stderr
    assert "PASS: the same bit for bit" in good.stdout
    assert "FAIL: trial 1, epoch 2: val_loss\n" in bad.stdout
    difference = json.loads(as_json.stdout)["difference"]
    assert (difference["trial"], difference["epoch"], difference["stored"]) == (1, 2, 0.25)
    assert repr(difference["expected"]) in bad.stdout


def test_recorded_curves_are_compared_with_their_table(tmp_path: Path) -> None:
    """An altered loss fails; an altered table is refused, since nothing could be compared."""
    table, file = write_table(tmp_path / "recorded.csv"), tmp_path / "a.db"
    for _ in search(Settings(task=f"table:{table}", trials=8, study="s"), f"sqlite:///{file}"):
        pass
    honest = verified(file)
    altered(file, f"update epochsearch_epochs set val_loss = 0.25 where epoch = 1 and curve_id = {CURVE}")
    failed = verified(file)
    table.write_text(table.read_text().replace("2.", "3."))

    assert honest.passed
    assert failed.difference is not None
    assert (failed.difference.number, failed.difference.stored) == ("val_loss", 0.25)
    with pytest.raises(SpecDiffersError, match="code or data"):
        verified(file)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace('"torch":"', '"torch":"0.'), "torch was 0."),
        (lambda text: text.replace('"device":"cpu', '"device":"cpu-other'), "the arithmetic was cpu-other"),
    ],
    ids=["torch", "device"],
)
def test_what_another_torch_or_processor_trained_is_refused(
    file: Path, change: Callable[[str], str], words: str
) -> None:
    """Nothing could be compared; the message says what differs."""
    with closing(sqlite3.connect(file)) as connection:
        for key, text in connection.execute("select curve_id, identity from epochsearch_curves").fetchall():
            connection.execute(
                "update epochsearch_curves set identity = ? where curve_id = ?", (change(text), key)
            )
        connection.commit()

    with pytest.raises(SpecDiffersError) as caught:
        verified(file)

    assert words in caught.value.message
    assert caught.value.exit_code == 4
