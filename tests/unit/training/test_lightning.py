"""A LightningModule and its datamodule: what they are told, what is read of them, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from epochsearch.core.errors import TaskError
from epochsearch.tasks.facts import examine
from epochsearch.tasks.fingerprint import fingerprint
from epochsearch.tasks.loading import load_task
from epochsearch.tasks.prepared import prepare, split_rows
from epochsearch.tasks.raw import raw_data
from epochsearch.training.learner import make_learner
from tests.contract.subjects import identity

pytest.importorskip("lightning", reason="the extra [lightning] is not installed")
SUBJECTS = "tests/contract/lightning_subjects.py"


def task_of(name: str = "WithDataModule", **attributes: Any) -> Any:
    kind = type(load_task(f"{SUBJECTS}:{name}"))
    return type("Mine", (kind,), attributes)()


def module_of(kind: str) -> Any:
    """Return a class of the file that the subjects are in, as `load_task` has run it."""
    import sys

    return getattr(sys.modules[type(load_task(f"{SUBJECTS}:OnArrays")).__module__], kind)


def test_the_parts_are_the_datamodules_own() -> None:
    """Split by it at random, without a generator, and yet the same for every task object."""
    first, second = task_of(), task_of()

    facts = examine(first)

    assert (facts.train_rows, facts.validation_rows, facts.test_rows) == (67, 15, 15)
    assert facts.classes == 3
    assert fingerprint(first) == fingerprint(second)
    splits = [raw_data(task).datamodule.datasets[1].indexes.indices for task in (first, second)]
    assert splits[0] == splits[1]


def test_it_is_told_the_rate_and_the_size() -> None:
    """The module by `model` or by its attribute, the datamodule by its attribute."""
    task, other = task_of(), task_of("OnArrays")

    learner: Any = make_learner(task, identity(task, learning_rate=0.02, batch_size=20))
    told: Any = make_learner(other, identity(other, learning_rate=0.03, batch_size=20))
    learner.run_epoch()

    assert learner._module.hparams.lr == 0.02
    assert told._module.hparams.lr == 0.03
    assert raw_data(task).datamodule.given.batch_size == 20
    assert learner._state["global_step"] == 4  # of 67 rows


def test_what_it_logs_is_what_an_epoch_reports() -> None:
    """val_loss, and val_acc under its full name; the training loss is that of its steps."""
    task = task_of("OnArrays")
    learner: Any = make_learner(task, identity(task, fold=1, folds=3))
    report = learner.run_epoch()
    part = prepare(task, 1, 3).validation

    outputs = torch.as_tensor(learner.trained().outputs(part.x))

    right = torch.as_tensor(part.y)
    assert report.val_loss == pytest.approx(
        float(torch.nn.functional.cross_entropy(outputs, right)), rel=1e-5
    )
    assert dict(report.metrics)["accuracy"] == pytest.approx(
        float((outputs.argmax(1) == right).float().mean())
    )
    assert np.isfinite(report.train_loss)


def test_the_training_loss_is_the_steps_own_whatever_makes_a_step() -> None:
    """At a rate of almost nothing it is the same for one batch a step and for two."""
    bare = net(configure_optimizers=lambda self: torch.optim.SGD(self.parameters(), lr=self.hparams.lr))
    losses = []
    for parts in (1, 2):
        task = task_of("OnArrays", model=lambda self: bare(), trainer={"accumulate_grad_batches": parts})
        losses.append(make_learner(task, identity(task, learning_rate=1e-9)).run_epoch().train_loss)

    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_on_arrays_it_obeys_the_laws_too() -> None:
    """Two epochs, frozen, thawed by another learner, one more: three in one go."""
    task = task_of("OnArrays")
    whole, half, rest = (make_learner(task_of("OnArrays"), identity(task)) for _ in range(3))
    reports = [whole.run_epoch() for _ in range(3)]
    again = [half.run_epoch() for _ in range(2)]

    rest.thaw(half.freeze())
    again.append(rest.run_epoch())

    assert all(a.same_values(b) for a, b in zip(reports, again, strict=True))


def test_a_plain_module_reads_a_datamodule_as_well() -> None:
    """It is a Dataset then, and training is the tool's."""
    task = task_of(model=lambda self: torch.nn.Linear(6, 3), trainer={})

    report = make_learner(task, identity(task, training={"clip_norm": 1.0})).run_epoch()

    assert report.finite


def test_a_datamodule_is_not_split_into_folds() -> None:
    """It has its own parts."""
    with pytest.raises(TaskError, match="--folds 3: its datamodule splits the data itself"):
        split_rows(task_of(), 0, 3)


def net(**methods: Any) -> Any:
    return type("Net", (module_of("Net"),), methods)


def blobs(**methods: Any) -> Any:
    return type("Blobs", (module_of("Blobs"),), methods)


WRONG = {
    "no validation loss": (
        lambda: {"model": lambda self: net(
            validation_step=lambda self, batch, index: None,
            configure_optimizers=lambda self: torch.optim.SGD(self.parameters(), lr=self.hparams.lr),
        )()},
        {}, r"Net logged train_loss.*: the loss of a part is read from what validation_step\(\) logs",
    ),
    "a step that fails": (
        lambda: {"model": lambda self: net(training_step=lambda self, batch, index: 1 / 0)()},
        {}, "Net raised ZeroDivisionError: division by zero: Lightning's trainer must be able",
    ),
    "a schedule of the tool's": (dict, {"schedule": "step"}, "a schedule does not apply to Net"),
    "a technique of the tool's": (
        dict, {"training": {"clip_norm": 1.0}}, "techniques of training do not apply to Net",
    ),
    "a metric that is not logged": (dict, {"metrics": ("f1_macro",)}, "gave no f1_macro"),
    "a batch size that is not read": (
        lambda: {"data": lambda self: blobs(train_dataloader=lambda self: torch.utils.data.DataLoader(
            list(zip(torch.zeros(67, 6), torch.zeros(67).long(), strict=True)), 5))()},
        {}, "that loads batches of 5 where 8 are asked for",
    ),
    "a datamodule that fails": (
        lambda: {"data": lambda self: blobs(setup=lambda self, stage: 1 / 0)()},
        {}, "Blobs that raised ZeroDivisionError: division by zero: the datamodule must be set up",
    ),
    "a loader that is none": (
        lambda: {"data": lambda self: blobs(val_dataloader=lambda self: [1])()},
        {}, r"whose val_dataloader\(\) returns a list",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told(name: str) -> None:
    """With the class and the method, in four parts."""
    attributes, options, message = WRONG[name]
    task = task_of(**attributes())

    with pytest.raises(TaskError, match=message):
        make_learner(task, identity(task, **options)).run_epoch()


def test_a_module_without_a_place_for_the_rate_is_told_to_name_it() -> None:
    """Otherwise searching for it would be for nothing."""
    lightning = pytest.importorskip("lightning.pytorch")
    kind = type("Bare", (lightning.LightningModule,), {})
    task = task_of(model=lambda self: kind())

    with pytest.raises(
        TaskError, match=r"no attribute learning_rate or lr.*def model\(self, learning_rate\)"
    ):
        make_learner(task, identity(task))
