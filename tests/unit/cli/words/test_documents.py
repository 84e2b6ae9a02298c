"""What `--json` prints has stable keys and is JSON."""

from __future__ import annotations

import json
import math
from typing import Any

from epochsearch.cli.words.documents import error_document, search_document, studies_document, study_document
from epochsearch.core.trial import Outcome, TrialCurve
from tests.unit.cli.fakes import report, summary, trial

STUDY_KEYS = {
    "study",
    "task",
    "sampler",
    "pruner",
    "objective",
    "spec",
    "best",
    "counts",
    "epochs",
    "seconds",
}
TRIAL_KEYS = {
    "number", "outcome", "epochs", "learning_rate", "batch_size", "value", "seed", "epochs_charged",
    "epochs_trained", "train_loss", "val_loss",
}  # fmt: skip


def test_run_prints_the_keys_that_programs_rely_on() -> None:
    """Keys may be added, none renamed."""
    document = search_document(summary(trial(7), completed=3), "trials")

    assert document.keys() >= STUDY_KEYS
    assert document["best"] | {
        "trial": 7, "epochs": 34, "learning_rate": 0.0012, "batch_size": 64, "value": 0.0831,
        "metrics": {"accuracy": 0.9815},
    } == document["best"]  # fmt: skip
    assert document["counts"] == {"completed": 3, "pruned": 0, "diverged": 0, "failed": 0, "interrupted": 0}
    assert document["epochs"] == {"charged": 340, "trained": 200, "repeated": 0}
    assert document["seconds"] == {"charged": 34.0, "trained": 20.0, "wall": 12.5}


def test_a_search_without_a_completed_trial_has_no_best() -> None:
    """Null, not a made-up point."""
    assert search_document(summary(None, failed=1), "trials")["best"] is None


def test_show_prints_every_trial_with_its_curve() -> None:
    """One list of losses per trial, an entry per epoch."""
    curve = TrialCurve(trial(0), (report(1, 0.5), report(2, 0.25)))

    document = study_document(summary(trial(0), completed=1), [curve])

    assert document.keys() >= STUDY_KEYS | {"trials"}
    assert document["trials"][0].keys() >= TRIAL_KEYS
    assert document["trials"][0]["val_loss"] == [0.5, 0.25]


def test_a_number_that_json_cannot_say_is_null() -> None:
    """A diverged curve does not make the document invalid."""
    diverged = trial(0, value=None, outcome=Outcome.DIVERGED, epochs_done=2)
    curve = TrialCurve(diverged, (report(1, math.inf), report(2, math.nan)))

    text = json.dumps(study_document(summary(None, diverged=1), [curve]), allow_nan=False)

    assert json.loads(text)["trials"][0]["val_loss"] == [None, None]


def test_studies_prints_one_row_per_study() -> None:
    """The best value alone, not its point."""
    rows: list[dict[str, Any]] = studies_document([summary(trial(0), completed=2, interrupted=1)])

    assert rows[0].keys() >= {"study", "task", "sampler", "pruner", "trials", "best", "epochs", "updated"}
    assert (rows[0]["trials"], rows[0]["best"], rows[0]["updated"]) == (
        2,
        0.0831,
        "2025-01-02T03:04:05+00:00",
    )


def test_an_error_says_its_kind_message_and_exit_code() -> None:
    """The shape that stands in place of a result."""
    assert error_document("usage", "no", 2) == {"error": {"kind": "usage", "message": "no", "exit_code": 2}}
