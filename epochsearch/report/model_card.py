"""The card beside a trained model: which data, which search, what scores under which conditions, what limits.

Markdown, since it is the README of the model's folder. Every figure comes from the model's record.

Source: Mitchell et al. 2019, "Model cards for model reporting", FAT* 2019.
"""

from __future__ import annotations

from collections.abc import Iterator

from epochsearch.core.choice import Scalar, scalar_text
from epochsearch.core.model import Metrics, ModelRecord


def model_card(record: ModelRecord) -> str:
    """Return the card of a model as Markdown."""
    sections = (_head, _use, _data, _search, _training, _scores, _limits, _conditions)
    return "\n".join(line for section in sections for line in (*section(record), ""))


def _head(record: ModelRecord) -> Iterator[str]:
    written = record.written
    weights = f", {written.parameters:,} trained numbers" if written.parameters else ""
    yield f"# Model of {record.task}"
    yield ""
    yield f"A {_kind(record)}{weights}, made by `epochsearch train {record.search.study}` on {record.made}."


def _use(record: ModelRecord) -> Iterator[str]:
    yield "## How to use it"
    yield ""
    yield "```"
    yield "epochsearch predict THIS_FOLDER FILE [--out FILE]"
    yield "```"
    yield ""
    shape = " x ".join(map(str, record.data.inputs))
    yield f"FILE holds raw rows of {shape} numbers, as the task's `data` has them: CSV, Parquet, .npy, .npz."
    yield f"The code of `{record.task}` builds the model; the file of weights holds numbers and no code."
    yield ""
    for file in record.written.files:
        yield f"- `{file.name}`: {_FILES.get(file.name, 'part of the model')} ({file.bytes:,} bytes)"


def _data(record: ModelRecord) -> Iterator[str]:
    data = record.data
    target = f"{data.classes} classes" if data.classes else "real numbers"
    yield "## Data"
    yield ""
    yield f"- Task `{record.task}`; targets: {target}"
    yield f"- {data.train_rows:,} training, {data.validation_rows:,} validation, {data.test_rows:,} test rows"
    yield f"- Fingerprint of code and data: `{data.fingerprint}`"


def _search(record: ModelRecord) -> Iterator[str]:
    search = record.search
    outcomes = ", ".join(f"{count} {name}" for name, count in search.outcomes if count)
    yield "## Search"
    yield ""
    yield f"- Study `{search.study}`: {search.trials} trials ({outcomes}) by {search.sampler},"
    yield f"  pruner {search.pruner}; objective: {search.objective}"
    yield f"- Searched: {', '.join(f'{name} {axis}' for name, axis in search.space)}"
    yield f"- {search.epochs_charged:,} epochs charged, {search.epochs_trained:,} trained"
    if search.folds > 1:
        yield f"- Cross-validated in {search.folds} folds"
    yield f"- Chosen: trial {search.trial} ({search.chosen})"


def _training(record: ModelRecord) -> Iterator[str]:
    training, identity = record.training, record.identity
    configuration = identity.configuration
    values: dict[str, Scalar] = {
        "learning rate": configuration.learning_rate,
        "batch size": configuration.batch_size,
        **dict(configuration.extras),
    }
    yield "## Training"
    yield ""
    yield f"- epochs {training.epochs}, {', '.join(f'{k} {scalar_text(v)}' for k, v in values.items())}"
    yield f"- On {training.row_count:,} rows: {training.rows}"
    yield f"- {_length(record)}"
    recipe = identity.recipe
    yield f"- Optimiser {recipe.optimiser}; schedule {recipe.schedule}; seed {identity.seed}"
    if training.weights == "average":
        yield "- The weights are the average of those along the way, as the search measured them"
    if training.train_loss is not None:
        yield f"- Training loss of the last epoch: {_text(training.train_loss)}"
    if training.seconds:
        yield f"- {training.seconds:.1f} s of training"


def _length(record: ModelRecord) -> str:
    training = record.training
    if training.kept:
        return (
            f"The searched run itself, as it was after epoch {training.epochs} ({training.updates:,} updates)"
        )
    if training.rows == "training":
        return f"The searched run trained again: {training.updates:,} updates"
    searched = f"the searched run had {training.searched_updates:,} in {training.searched_epochs} epochs"
    rounded = "to whole epochs rounded" if training.epochs != training.searched_epochs else ""
    return f"{training.updates:,} updates; {searched}" + (f" ({rounded})" if rounded else "")


def _scores(record: ModelRecord) -> Iterator[str]:
    validation = {"loss": record.validation_loss, **dict(record.validation_metrics)}
    data, search = record.data, record.search
    yield "## Scores"
    yield ""
    epoch = record.training.searched_epochs
    yield f"Of the run that was searched, trained on training rows only, after epoch {epoch}:"
    yield ""
    yield "| part | rows | " + " | ".join(validation) + " |"
    yield "|---|---|" + "---|" * len(validation)
    shown = " | ".join(_text(value) for value in validation.values())
    folds = f" (mean over {search.folds} folds)" if search.folds > 1 else ""
    yield f"| validation{folds} | {data.validation_rows:,} | {shown} |"
    if record.test is not None:
        yield f"| test | {data.test_rows:,} | {_test_cells(record, list(validation))} |"
    yield ""
    yield f"The validation score is the best that {search.trials} trials were chosen by, so it is optimistic."
    if record.test is None:
        yield f"The test part has not been looked at: `epochsearch test {search.study}`."
    else:
        yield f"The test part of this study had been looked at {_times(record.test.looks)} by then."
    if record.training.rows != "training":
        yield "This model was trained on the validation rows as well; it has no score of its own."


def _test_cells(record: ModelRecord, names: list[str]) -> str:
    assert record.test is not None
    values: Metrics = (("loss", record.test.loss), *record.test.metrics)
    intervals = {name: (low, high) for name, low, high in record.test.intervals}
    cells = []
    for name in names:
        cell = _text(dict(values).get(name))
        if name in intervals:
            low, high = intervals[name]
            cell += f" (95 % interval {_text(low)} to {_text(high)})"
        cells.append(cell)
    return " | ".join(cells)


def _limits(record: ModelRecord) -> Iterator[str]:
    yield "## Limits"
    yield ""
    yield "- It knows rows like those it was trained on. Nothing here says how it does on others, or on"
    yield "  groups of people or things within them."
    if record.written.head in ("softmax", "sigmoid", "probabilities"):
        yield "- Probabilities are the model's own and have not been calibrated."
    yield "- One training with one seed; another seed gives another model."


def _conditions(record: ModelRecord) -> Iterator[str]:
    identity = record.identity
    yield "## Conditions"
    yield ""
    yield f"- {', '.join(f'{name} {number}' for name, number in record.versions)}"
    yield f"- {identity.device}, {identity.threads} thread{'s' if identity.threads > 1 else ''}"
    yield "- The same bits again need the same versions, kind of processor and number of threads."


_FILES = {
    "weights.safetensors": "the weights",
    "estimator.skops": "the fitted estimator",
    "preprocessing.json": "what was fitted on its training rows: means, scales, fills, labels, names",
    "model.pt2": "a torch.export program that takes raw rows",
    "model.onnx": "an ONNX program that takes raw rows",
    "vocabulary.json": "which number stands for which text: a program takes numbers only",
}


def _kind(record: ModelRecord) -> str:
    return {"network": "PyTorch network", "estimator": "scikit-learn estimator"}[record.written.kind]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _text(value: float | None) -> str:
    return "not a number" if value is None else f"{value:.4g}"
