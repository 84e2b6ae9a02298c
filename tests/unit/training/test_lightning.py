"""A LightningModule and its datamodule: what they are told, what is read of them, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from epochsearch.core.errors import TaskError
from epochsearch.core.final import Whole
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


def test_lightning_says_nothing_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    """Of devices, loggers and checkpoints: what a person sees is the search."""
    task = task_of("OnArrays")

    make_learner(task, identity(task)).run_epoch()

    assert caplog.messages == []


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


def test_a_plain_module_is_judged_in_folds_by_rows_as_validation_reads_them() -> None:
    """And trained on them as training does."""
    data = prepare(task_of("InFolds"), 1, 3)

    x = torch.stack([x for x, _ in data.validation.x])
    changed = torch.stack([x for x, _ in data.train.x])

    assert torch.equal(x, plain_rows()[rows_of(x)])
    assert not (changed == plain_rows()[rows_of(changed)]).all(dim=1).any()


def watching(seen: dict[str, list[Any]]) -> Any:
    """Return a module that keeps the inputs of its batches, by the part they are of."""

    def keeping(part: str, step: Any) -> Any:
        def kept(self: Any, batch: Any, index: int) -> Any:
            seen.setdefault(part, []).append(batch[0].clone())
            return step(self, batch, index)

        return kept

    kind = module_of("Net")
    steps = {"train": "training_step", "validation": "validation_step", "test": "test_step"}
    return net(**{name: keeping(part, getattr(kind, name)) for part, name in steps.items()})()


def rows_of(x: Any) -> list[int]:
    """Return which rows these inputs are: the nearest, as they may be changed a little."""
    return [int(row) for row in torch.cdist(x, plain_rows()).argmin(dim=1)]


def plain_rows() -> Any:
    return torch.as_tensor(module_of("blobs")()[0]).float()


def test_folds_train_on_changed_rows_and_are_judged_by_all_others_as_they_are() -> None:
    """Each row outside the test part once; the test part is the datamodule's own."""
    judged, trained_on, tested = [], [], []
    for fold in range(3):
        seen: dict[str, list[Any]] = {}
        task = task_of("InFolds", model=lambda self, seen=seen: watching(seen))
        learner = make_learner(task, identity(task, fold=fold, folds=3, batch_size=9))

        learner.run_epoch()
        learner.test()

        x, changed = torch.cat(seen["validation"]), torch.cat(seen["train"])
        judged.append(rows_of(x))
        trained_on.append(rows_of(changed))
        assert torch.equal(x, plain_rows()[judged[-1]])
        assert not (changed == plain_rows()[trained_on[-1]]).all(dim=1).any()
        assert [len(batch) for batch in seen["train"]] == ([9] * 5 + [10] if fold else [9] * 6)
        tested.append(rows_of(torch.cat(seen["test"])))
    unsealed = sorted(set(range(97)) - set(tested[0]))
    assert tested[0] == tested[1] == tested[2]
    assert sorted(row for rows in judged for row in rows) == unsealed
    assert all(sorted(one + other) == unsealed for one, other in zip(judged, trained_on, strict=True))


@pytest.mark.parametrize("name", ["WithDataModule", "InFolds"])
def test_a_final_training_sees_all_rows_but_those_of_the_test(name: str) -> None:
    """Of any map-style datasets; with fewer rows, some of the datamodule's own training rows."""
    seen: dict[str, list[Any]] = {}
    few: dict[str, list[Any]] = {}
    task = task_of(name, model=lambda self: watching(seen))
    own = raw_data(task).datamodule.parts[0]

    make_learner(task, identity(task), Whole()).run_epoch()
    less = task_of(name, model=lambda self: watching(few), train_rows=20)
    make_learner(less, identity(less)).run_epoch()

    rows, validation = rows_of(torch.cat(seen["train"])), rows_of(torch.cat(seen["validation"]))
    assert (own, len(set(rows)), len(validation)) == (67, 82, 15)
    assert set(validation) < set(rows)
    assert rows_of(torch.cat(few["validation"])) == validation
    assert len(set(rows_of(torch.cat(few["train"])))) == 20
    assert set(rows_of(torch.cat(few["train"]))) < set(rows) - set(validation)


def drawn(name: str, **options: Any) -> Any:
    """Return a `data` method whose datamodule's loader called `name` has these options."""
    from torch.utils.data import DataLoader

    part = {"train_dataloader": 0, "val_dataloader": 1}[name]

    def loader(self: Any) -> Any:
        rows = self.parts[part]
        return DataLoader(rows, **{key: make(rows, self.batch_size) for key, make in options.items()})

    kind = type("Drawn", (module_of("TwoReadings"),), {name: loader})
    return lambda self: kind()


def weighted(rows: Any, size: int) -> Any:
    return torch.utils.data.WeightedRandomSampler(torch.ones(len(rows)), len(rows))


def test_a_sampler_of_its_own_trains_as_it_is_and_on_no_other_rows() -> None:
    """It knows the rows that it was made for."""
    data = drawn("train_dataloader", batch_size=lambda rows, size: size, sampler=weighted)
    task = task_of("InFolds", data=data)
    rule = r"train_dataloader\(\) has a WeightedRandomSampler of its own, which knows no other rows"

    assert make_learner(task, identity(task)).run_epoch().finite
    with pytest.raises(TaskError, match=f"--folds 3: its datamodule's {rule}"):
        split_rows(task, 0, 3)
    with pytest.raises(TaskError, match=rule):
        make_learner(task, identity(task), Whole())


def test_batches_of_its_own_hide_the_batch_size_and_validate_no_fold() -> None:
    """Those of the training loader are refused in any case, as the searched size must reach it."""
    batches = {"batch_sampler": lambda rows, size: [list(range(len(rows)))]}
    trained = task_of("InFolds", data=drawn("train_dataloader", **batches))
    judged = task_of("InFolds", data=drawn("val_dataloader", **batches))

    with pytest.raises(TaskError, match="with a batch sampler of its own: the batch size that is searched"):
        make_learner(trained, identity(trained)).run_epoch()
    with pytest.raises(TaskError, match=r"val_dataloader\(\) has a batch sampler of its own"):
        split_rows(judged, 0, 3)
    assert make_learner(judged, identity(judged), Whole()).run_epoch().finite


def test_no_fold_is_judged_by_rows_that_only_training_reads() -> None:
    """They would be changed at random; whose items nobody changes are joined as they are."""
    plain = blobs(train_dataloader=lambda self: torch.utils.data.DataLoader(
        module_of("Rows")(self.train, noisy=False), self.batch_size, shuffle=True
    ))  # fmt: skip

    with pytest.raises(TaskError, match="--folds 3: its datamodule changes training rows at random"):
        split_rows(task_of(), 0, 3)
    task = task_of(data=lambda self: plain())
    assert len(split_rows(task, 0, 3).validation) == 28
    assert make_learner(task, identity(task, fold=0, folds=3)).run_epoch().finite


def net(**methods: Any) -> Any:
    return type("Net", (module_of("Net"),), methods)


class Stream(torch.utils.data.IterableDataset):
    def __iter__(self):
        return iter([(torch.zeros(6), torch.tensor(0))])

    def __len__(self):
        return 1


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
    "rows of an unknown number": (
        lambda: {"data": lambda self: blobs(
            val_dataloader=lambda self: torch.utils.data.DataLoader(Stream()))()},
        {}, r"whose val_dataloader\(\) returns a DataLoader of an IterableDataset: every part",
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
