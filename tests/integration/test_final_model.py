"""`train` and `predict` as services: every kind of task becomes a folder that answers as its model did."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from epochsearch.core.curve import CurveIdentity
from epochsearch.core.errors import (
    EpochsearchError,
    NotFoundError,
    SpecDiffersError,
    StorageError,
    UsageError,
)
from epochsearch.core.final import Whole
from epochsearch.core.model import ModelRecord
from epochsearch.core.settings import Settings
from epochsearch.engines.inline import limit_threads
from epochsearch.report.model_card import model_card
from epochsearch.search.answers.recommendation import recommended
from epochsearch.search.final.final_model import FinalEpoch, FinalRequest, ModelMade, train
from epochsearch.search.final.prediction import predict
from epochsearch.search.running.service import search
from epochsearch.store.checkpoints import remove_files
from epochsearch.store.model_folder import read_record
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.prepared import preprocessing, split_rows
from epochsearch.tasks.raw import raw_data
from epochsearch.tasks.treatment import treatment_of
from epochsearch.training.learner import make_learner
from epochsearch.training.models.reading import Predictor
from tests.contract.transformers_subjects import PRETRAINED, SEQUENCES

TASKS = "tests/integration/final_tasks.py"
KINDS = (
    "Named",
    "Values",
    "Images",
    "Tokens",
    "Lazy",
    "Tied",
    "Estimator",
    "Hinge",
    "Regressor",
    "Own",
    "Gaps",
)
AXES = {"epochs": "3", "learning_rate": "0.05", "batch_size": "16"}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    limit_threads(1)


def searched(folder: Path, task: str, **more: Any) -> str:
    url = f"sqlite:///{folder / 'a.db'}"
    given = {"trials": 1, "axes": AXES, "workers": "0", "pruner": "none", "study": "s"} | more
    for _ in search(Settings(task=task, **given), url):
        pass
    return url


def made(storage: str, folder: Path, **more: Any) -> ModelRecord:
    *_, last = train(storage, FinalRequest("s", folder, **more), model_card)
    assert isinstance(last, ModelMade)
    return last.record


def raw_rows(task: Any) -> np.ndarray:
    raw = raw_data(task)
    return np.stack([np.asarray(raw.x[i][0] if raw.lazy else raw.x[i]) for i in range(20)])


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_answers_as_the_model_that_was_trained(kind: str, tmp_path: Path) -> None:
    """Trained in a worker, written, read here: bit for bit what the same training in this process says."""
    reference = f"{TASKS}:{kind}"
    record = made(searched(tmp_path, reference), tmp_path / "m")
    task = load_task(reference)
    x = raw_rows(task)
    np.save(tmp_path / "rows.npy", x)
    learner = make_learner(task, record.identity, Whole())
    for _ in range(record.training.epochs):
        learner.run_epoch()
    done = preprocessing(task, final=True, treatment=treatment_of(task, record.identity))
    expected = Predictor(learner.trained(), done).predict(x)

    answered = predict(tmp_path / "m", tmp_path / "rows.npy")

    assert {name: list(column) for name, column in answered.columns.items()} == {
        name: column.tolist() for name, column in expected.items()
    }
    assert record.training.row_count == len(split_rows(task).train) + len(split_rows(task).validation) == 102


@pytest.mark.parametrize("kind", ["Named", "Estimator"])
def test_who_may_read_the_model_is_the_umasks_business(kind: str, tmp_path: Path) -> None:
    """Each file of the folder has the mode that any new file has."""
    made(searched(tmp_path, f"{TASKS}:{kind}"), tmp_path / "m")
    (tmp_path / "beside").touch()

    modes = {file.name: file.stat().st_mode for file in (tmp_path / "m").iterdir()}

    assert modes == dict.fromkeys(modes, (tmp_path / "beside").stat().st_mode)


def test_a_table_of_the_same_rows_gives_the_same_answers(tmp_path: Path) -> None:
    """CSV, Parquet and arrays hold the same numbers; columns go by name, in any order."""
    import pandas as pd

    made(searched(tmp_path, f"{TASKS}:Named"), tmp_path / "m")
    x = raw_rows(load_task(f"{TASKS}:Named"))
    np.save(tmp_path / "rows.npy", x)
    frame = pd.DataFrame(x, columns=["a", "b", "c", "d"])[["d", "b", "a", "c"]]
    frame.assign(id=range(20)).to_csv(tmp_path / "rows.csv.gz", index=False)
    frame.to_parquet(tmp_path / "rows.parquet")

    answers = [
        predict(tmp_path / "m", tmp_path / "rows.npy").columns,
        predict(tmp_path / "m", tmp_path / "rows.csv.gz", ["id"]).columns,
        predict(tmp_path / "m", tmp_path / "rows.parquet").columns,
    ]

    assert answers[0] == answers[1] == answers[2]
    assert set(answers[0]["class"]) <= {"low", "mid", "top"}


def test_texts_and_gaps_of_new_rows_are_treated_as_those_of_training(tmp_path: Path) -> None:
    """From a table in which a text is new, another is missing, and so is a number."""
    record = made(searched(tmp_path, f"{TASKS}:Texts"), tmp_path / "m")
    (tmp_path / "new.csv").write_text(
        "e,d,c,b,a\ngreen,0.1,0.2,,0.4\n,0.1,0.2,0.3,0.4\nred,0.1,0.2,0.3,0.4\n"
    )
    task = load_task(f"{TASKS}:Texts")
    learner = make_learner(task, record.identity, Whole())
    for _ in range(record.training.epochs):
        learner.run_epoch()
    done = preprocessing(task, final=True, treatment=treatment_of(task, record.identity))
    texts = done.categories[4]
    assert texts == ("", "blue", "red")
    rows = np.array([[0.4, np.nan, 0.2, 0.1, -1], [0.4, 0.3, 0.2, 0.1, 0], [0.4, 0.3, 0.2, 0.1, 2]])

    answered = predict(tmp_path / "m", tmp_path / "new.csv").columns

    expected = Predictor(learner.trained(), done).predict(rows)
    assert {name: column.tolist() for name, column in expected.items()} == {
        name: list(column) for name, column in answered.items()
    }


def test_values_come_in_the_units_of_the_target(tmp_path: Path) -> None:
    """The task's targets lie around 1000; so do the answers."""
    made(searched(tmp_path, f"{TASKS}:Values", axes=AXES | {"epochs": "20"}), tmp_path / "m")
    task = load_task(f"{TASKS}:Values")
    np.save(tmp_path / "rows.npy", raw_rows(task))

    values = predict(tmp_path / "m", tmp_path / "rows.npy").columns["value"]

    assert np.abs(np.array(values) - raw_data(task).y[:20]).mean() < 5  # type: ignore[index]


def test_as_many_updates_or_as_many_epochs(tmp_path: Path) -> None:
    """84 rows in batches of 16 are 6 updates an epoch, 102 rows are 7: 20 epochs become 17, or stay 20."""
    storage = searched(tmp_path, f"{TASKS}:Named", axes=AXES | {"epochs": "20"})

    same, epochs = (
        made(storage, tmp_path / "same", trial=0),
        made(storage, tmp_path / "epochs", trial=0, updates="epochs"),
    )

    assert (same.training.searched_updates, same.training.updates, same.training.epochs) == (120, 119, 17)
    assert (epochs.training.updates, epochs.training.epochs) == (140, 20)


def test_a_run_that_is_kept_is_the_run_that_was_searched(tmp_path: Path) -> None:
    """From its checkpoint, from a lost one, or trained again: the same weights to the last bit."""
    storage = searched(tmp_path, f"{TASKS}:Named", objective="best", axes=AXES | {"epochs": "6"})
    kept = made(storage, tmp_path / "kept", keep=True)
    (folder,) = tmp_path.glob("*.checkpoints")
    remove_files(folder, [file.name for file in folder.iterdir()])

    lost = made(storage, tmp_path / "lost", keep=True)
    again = made(storage, tmp_path / "again", rows="training")

    assert kept.written.files[0] == lost.written.files[0] == again.written.files[0]
    assert kept.training.kept
    assert kept.training.row_count == 84
    assert (kept.validation_loss, kept.training.epochs) == (again.validation_loss, again.training.epochs)


@pytest.mark.parametrize("keep", [True, False])
def test_averaged_weights_are_what_is_written_where_the_search_measured_them(
    keep: bool, tmp_path: Path
) -> None:
    """`--weights average`: the record has their score, the folder has them."""
    asked = Settings(training={"average": 2.0}, weights="average")
    storage = searched(tmp_path, f"{TASKS}:Named", training=asked.training, weights=asked.weights)
    record = made(storage, tmp_path / "m", keep=keep)
    task = load_task(f"{TASKS}:Named")
    learner = make_learner(task, record.identity, None if keep else Whole())
    reports = [learner.run_epoch() for _ in range(record.training.epochs)]
    np.save(tmp_path / "rows.npy", raw_rows(task))
    expected = Predictor(learner.trained("average"), preprocessing(task, final=not keep))

    answered = predict(tmp_path / "m", tmp_path / "rows.npy")

    assert record.training.weights == "average"
    assert not keep or record.validation_loss == reports[-1].average_loss
    assert answered.columns["probability_low"] == expected.predict(raw_rows(task))["probability_low"].tolist()


def test_a_kept_model_scores_on_validation_what_the_search_saw(tmp_path: Path) -> None:
    """Its folder, asked about the validation rows, has the accuracy of the record."""
    record = made(searched(tmp_path, f"{TASKS}:Named"), tmp_path / "m", keep=True)
    task = load_task(f"{TASKS}:Named")
    rows, raw = split_rows(task).validation, raw_data(task)
    np.save(tmp_path / "rows.npy", raw.x[rows])

    said = predict(tmp_path / "m", tmp_path / "rows.npy").columns["class"]

    right = np.mean([label == raw.labels[k] for label, k in zip(said, raw.y[rows], strict=True)])  # type: ignore[index]
    assert dict(record.validation_metrics)["accuracy"] == pytest.approx(right)


@pytest.mark.parametrize("form", ["torch", "onnx"])
@pytest.mark.parametrize("kind", ["Named", "Values", "Images", "Tokens", "Gaps"])
def test_an_exported_program_takes_raw_rows_and_says_the_same(kind: str, form: str, tmp_path: Path) -> None:
    """Without the task's code: torch.export's program, and ONNX in its own reference implementation."""
    record = made(searched(tmp_path, f"{TASKS}:{kind}"), tmp_path / "m", exports=(form,))
    x = raw_rows(load_task(f"{TASKS}:{kind}"))
    np.save(tmp_path / "rows.npy", x)
    answered = predict(tmp_path / "m", tmp_path / "rows.npy").columns
    numbers = np.column_stack([column for name, column in answered.items() if name != "class"])

    said = _run_program(tmp_path / "m" / record.written.files[-1].name, x)

    assert said == pytest.approx(numbers[:, -said.shape[1] :], rel=1e-4, abs=1e-6)


def test_a_program_of_a_table_takes_the_numbers_of_its_texts(tmp_path: Path) -> None:
    """Those in the vocabulary beside it; a text that no training row has counts for nothing."""
    made(searched(tmp_path, f"{TASKS}:Texts"), tmp_path / "m", exports=("torch", "onnx"))
    frame = load_task(f"{TASKS}:Texts").data()[0].iloc[:20]
    frame.loc[0, "e"] = "green"
    frame.to_csv(tmp_path / "rows.csv", index=False)
    shares = predict(tmp_path / "m", tmp_path / "rows.csv").columns

    vocabulary = json.loads((tmp_path / "m" / "vocabulary.json").read_text(encoding="utf-8"))
    numbers = [vocabulary["columns"]["e"].get(text, -1) for text in frame["e"].fillna("")]
    x = frame.assign(e=numbers).to_numpy(np.float64)

    assert (numbers[0], vocabulary["unknown"]) == (-1, -1)
    assert len(set(numbers)) == 4
    for name in ("model.pt2", "model.onnx"):
        said = _run_program(tmp_path / "m" / name, x)
        expected = np.column_stack([shares[f"probability_{label}"] for label in ("low", "mid", "top")])
        assert said == pytest.approx(expected, rel=1e-4, abs=1e-6)


def _run_program(file: Path, x: np.ndarray) -> np.ndarray:
    if file.suffix == ".pt2":
        import torch

        return np.asarray(torch.export.load(file).module()(torch.as_tensor(x)).detach())
    from onnx.reference import ReferenceEvaluator

    return np.asarray(ReferenceEvaluator(str(file)).run(None, {"x": x})[0])


REFUSED: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "estimator as a program": (
        "Estimator", {}, {"exports": ("torch",)},
        "--export torch: SGDClassifier is a scikit-learn estimator, which torch cannot export",
    ),
    "answers as a program": (
        PRETRAINED[SEQUENCES], {}, {"exports": ("onnx",)},
        "--export onnx: T5ForConditionalGeneration says its answers token by token",
    ),
    "state that is no tensor": (
        "Extra", {}, {}, "state '_extra_state' is a dict: only tensors can be written",
    ),
    "a fold's run": (
        "Named", {"folds": 2}, {"keep": True}, "--keep: the searched run of this study is 2 models",
    ),
    "a fold's rows": (
        "Named", {"folds": 2}, {"rows": "training"}, "--on training: the searched run of this study is",
    ),
    "plateau without validation rows": (
        "Named", {"schedule": "plateau"}, {}, "--on training[+]validation: the plateau schedule looks at the",
    ),
    "an unknown trial": (
        "Named", {}, {"trial": 7}, "--trial 7: study s has no such trial. Its trials are 0 to 0.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_trained_is_refused_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    """In words, and without a folder."""
    kind, settings, asked, message = REFUSED[name]
    if kind == PRETRAINED[SEQUENCES]:
        pytest.importorskip("transformers", reason="the extra [transformers] is not installed")
    storage = searched(tmp_path, kind if ":" in kind else f"{TASKS}:{kind}", **settings)

    with pytest.raises(EpochsearchError, match=message):
        made(storage, tmp_path / "models" / "m", **asked)

    assert not (tmp_path / "models").exists() or not any((tmp_path / "models").iterdir())


@pytest.mark.parametrize("missing", [("onnx",), ("onnxscript",), ("onnx", "onnxscript")], ids=str)
def test_an_export_whose_library_is_missing_says_how_to_get_it(
    missing: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is trained; `train` without it goes on as ever."""
    storage = searched(tmp_path, f"{TASKS}:Named")
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)  # how Python notes that there is no such module

    with pytest.raises(UsageError) as refused:
        made(storage, tmp_path / "m", exports=("torch", "onnx"))

    assert str(refused.value) == (
        f"--export onnx: torch needs {' and '.join(missing)} for it, not installed here. "
        "Type: pip install 'epochsearch[onnx]'"
    )
    assert not (tmp_path / "m").exists()


def test_folds_are_trained_on_together(tmp_path: Path) -> None:
    """The mean over folds chose the point; the model has the rows of all of them."""
    record = made(searched(tmp_path, f"{TASKS}:Named", folds=3), tmp_path / "m")

    assert (record.training.row_count, record.search.folds) == (102, 3)
    assert record.training.searched_updates == 3 * 5  # 68 rows in batches of 16
    assert record.identity == CurveIdentity.from_canonical(record.identity.canonical)
    assert record.identity.folds == 1


def test_what_is_trained_is_what_recommend_recommends(tmp_path: Path) -> None:
    """By the one-standard-error rule where folds tell the noise; another trial where one is asked for."""
    axes = {"epochs": "2:6", "learning_rate": "0.01,0.03,0.1", "batch_size": "16,32"}
    storage = searched(tmp_path, f"{TASKS}:Named", folds=3, trials=6, axes=axes, objective="best")
    advice = recommended(storage, "s")
    other = next(number for number in range(6) if number != advice.recommended.trial)

    record, asked = made(storage, tmp_path / "m"), made(storage, tmp_path / "o", trial=other)

    configuration = record.identity.configuration
    assert configuration == advice.point.configuration
    assert record.training.searched_epochs == advice.point.epochs
    assert record.search.chosen.startswith("recommended: the cheapest of ")
    assert (asked.search.trial, asked.search.chosen) == (other, "asked for by number")


def test_recorded_curves_have_no_model(tmp_path: Path) -> None:
    """The reason is said."""
    from tests.contract.subjects import write_table

    table = write_table(tmp_path / "t.csv")
    storage = searched(tmp_path, f"table:{table}")

    with pytest.raises(UsageError, match="its curves are recorded, and recorded curves have no model"):
        made(storage, tmp_path / "m")


def test_a_model_that_is_there_is_replaced_only_by_force(tmp_path: Path) -> None:
    """And a folder of something else not even then."""
    storage = searched(tmp_path, f"{TASKS}:Named")
    first = made(storage, tmp_path / "m")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")

    with pytest.raises(UsageError, match="add --force to replace it"):
        made(storage, tmp_path / "m")
    second = made(storage, tmp_path / "m", force=True, updates="epochs")
    with pytest.raises(UsageError, match="holds something else than a model, and is left alone"):
        made(storage, tmp_path / "other", force=True)

    assert read_record(tmp_path / "m") == second
    assert first.written.files[0] == second.written.files[0]  # 3 epochs of 7 updates either way
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_training_that_diverges_leaves_the_old_model(tmp_path: Path) -> None:
    """A rate at which the search was lucky may not be survived; the folder stays what it was."""
    storage = searched(tmp_path, f"{TASKS}:Values", optimiser="sgd", axes=AXES | {"epochs": "1"})
    before = made(storage, tmp_path / "m")
    searched(
        tmp_path, f"{TASKS}:Values", study="t", optimiser="sgd",
        axes={"epochs": "1", "learning_rate": "1e19", "batch_size": "64"},
    )  # fmt: skip

    with pytest.raises(EpochsearchError):
        [*train(storage, FinalRequest("t", tmp_path / "m", force=True, updates="epochs"), model_card)]

    assert read_record(tmp_path / "m") == before


def test_a_damaged_or_foreign_folder_is_not_read(tmp_path: Path) -> None:
    """Changed weights, a changed description, another code: each is told apart."""
    mine = tmp_path / "mine.py"
    mine.write_text(Path(TASKS).read_text())
    made(searched(tmp_path, f"{mine}:Named"), tmp_path / "m")
    np.save(tmp_path / "rows.npy", raw_rows(load_task(f"{mine}:Named")))
    weights, described = tmp_path / "m" / "weights.safetensors", tmp_path / "m" / "model.json"
    whole = weights.read_bytes()

    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(StorageError, match=r"it is not the file that model.json describes"):
        predict(tmp_path / "m", tmp_path / "rows.npy")
    weights.write_bytes(whole)
    mine.write_text(mine.read_text().replace("nn.ReLU()", "nn.Tanh()"))
    with pytest.raises(SpecDiffersError, match=r"is not what it was trained with"):
        predict(tmp_path / "m", tmp_path / "rows.npy")
    mine.rename(tmp_path / "moved.py")
    with pytest.raises(NotFoundError, match=r"Say where it is: --task FILE.py:Name"):
        predict(tmp_path / "m", tmp_path / "rows.npy")
    described.write_text(json.dumps(json.loads(described.read_text()) | {"format": 99}))
    with pytest.raises(StorageError, match="its format is 99"):
        predict(tmp_path / "m", tmp_path / "rows.npy")
    with pytest.raises(NotFoundError, match=re.escape(f"Did you mean '{tmp_path / 'm'}'")):
        predict(tmp_path / "mm", tmp_path / "rows.npy")


def test_progress_is_told_epoch_by_epoch(tmp_path: Path) -> None:
    """Plan first, then each epoch with its training loss."""
    storage = searched(tmp_path, f"{TASKS}:Named")

    events = [*train(storage, FinalRequest("s", tmp_path / "m"), model_card)]

    epochs = [event for event in events if isinstance(event, FinalEpoch)]
    assert [(event.epoch, event.epochs) for event in epochs] == [(1, 3), (2, 3), (3, 3)]
    assert isinstance(events[-1], ModelMade)
    assert events[-1].record.training.train_loss == epochs[-1].train_loss


def test_the_card_says_what_the_records_say(tmp_path: Path) -> None:
    """Data, search, training and scores with their conditions; that nobody has looked at the test part."""
    record = made(searched(tmp_path, f"{TASKS}:Named", trials=2, seed=1), tmp_path / "m")

    card = (tmp_path / "m" / "README.md").read_text()

    assert "- 84 training, 18 validation, 18 test rows" in card
    assert "- Study `s`: 2 trials (2 completed)" in card
    assert f"| validation | 18 | {record.validation_loss:.4g} |" in card
    assert "- On 102 rows: training+validation" in card
    assert "The test part has not been looked at: `epochsearch test s`." in card
    assert card == model_card(read_record(tmp_path / "m"))
