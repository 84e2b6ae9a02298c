"""A LightningDataModule as a task's data: its own three parts, set up once and the same in every process.

Nothing of `lightning` is imported here: such a datamodule is known by its class.
"""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing import current_process
from typing import Any

from epochsearch.core.errors import EpochsearchError, TaskError
from epochsearch.tasks.joined import Joined, judges_changed_rows, readings
from epochsearch.tasks.kept import same_randomness

_LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A datamodule that is set up, and what its loaders read."""

    given: Any
    datasets: tuple[Any, Any, Any]  # training, validation, test; an empty one where there is no test loader
    loaders: tuple[Any, Any]  # training, validation

    @property
    def parts(self) -> tuple[int, int, int]:
        """The rows of each part."""
        train, validation, test = (len(part) for part in self.datasets)
        return train, validation, test

    def readings(self) -> tuple[Joined, Joined]:
        """Return training and validation rows, numbered through, as training and as validation read them."""
        return readings(*self.datasets[:2])

    def obstacle(self, *, folds: bool) -> tuple[str, str] | None:
        """Return the rule that other training rows than its own would break, and what to do; None: none.

        folds: whether validation rows are others too.
        """
        for loader, name in zip(self.loaders, _LOADERS, strict=False):
            drawn = _own_drawing(loader)
            if drawn and (folds or loader is self.loaders[0]):
                rule = f"its datamodule's {name}() has {drawn}, which knows no other rows than its own"
                return rule, f"Return DataLoader(dataset, self.batch_size, shuffle=True) from {name}()."
        if folds and judges_changed_rows(*self.datasets[:2]):
            rule = "its datamodule changes training rows at random, and each fold is judged by some of them"
            action = "Make both parts Subsets of two Datasets of the same rows, validation's unchanged."
            return rule, action
        return None

    def with_batch_size(self, size: int, where: str) -> Any:
        """Return the datamodule with its batch size set, as its training loader has it.

        where: how a message names the task's method.

        Raises:
            TaskError: It has no attribute of that name, or its loader does not read it.
        """
        given = f"returned a {type(self.given).__name__}"
        rule = "the batch size that is searched must reach its training loader"
        holders = [self.given, getattr(self.given, "hparams", None)]
        holders = [holder for holder in holders if holder is not None and hasattr(holder, "batch_size")]
        if not holders:
            action = "Give it an attribute batch_size that its loaders read."
            raise TaskError(where, f"{given} without batch_size", rule, action)
        for holder in holders:
            holder.batch_size = size
        loader = self.given.train_dataloader()
        got = getattr(loader, "batch_size", None)
        if getattr(loader, "num_workers", 0) and current_process().daemon:
            action = "Give its loaders num_workers=0."
            raise TaskError(where, given, "a worker of the search cannot start others", action)
        if getattr(loader, "batch_sampler", None) is not None and got is None:
            action = "Return DataLoader(dataset, self.batch_size, shuffle=True) from train_dataloader()."
            raise TaskError(where, f"{given} with a batch sampler of its own", rule, action)
        if got != size:
            action = "Read self.batch_size in train_dataloader()."
            raise TaskError(
                where, f"{given} that loads batches of {got} where {size} are asked for", rule, action
            )
        return self.given


def is_datamodule(given: object) -> bool:
    """Return whether it is a LightningDataModule, of `lightning` or `pytorch_lightning`."""
    return _base(type(given)) is not None


def set_up(given: Any, where: str) -> Module:
    """Set a datamodule up, for good.

    It is prepared and set up under one randomness, so that what it splits at random is split alike in every
    process; a trainer that would set it up again finds nothing left to do.

    Raises:
        TaskError: It raises an exception, or its loaders are not of one map-style Dataset each.
    """
    tested = getattr(type(given), _LOADERS[2], None) is not getattr(_base(type(given)), _LOADERS[2], None)
    try:
        with same_randomness():
            given.prepare_data()
            given.setup("fit")
            loaders = [given.train_dataloader(), given.val_dataloader()]
            if tested:
                given.setup("test")
                loaders.append(given.test_dataloader())
    except EpochsearchError:
        raise
    except Exception as error:
        said = f"returned a {type(given).__name__} that raised {type(error).__name__}: {error}"
        rule = "the datamodule must be set up and give its loaders"
        raise TaskError(where, said, rule, "Correct the datamodule.") from error
    given.prepare_data, given.setup, given.teardown = _prepared, _at_stage, _at_stage
    datasets = [_dataset(loader, name, where) for loader, name in zip(loaders, _LOADERS, strict=False)]
    train, validation, *test = datasets
    return Module(given, (train, validation, test[0] if test else ()), (loaders[0], loaders[1]))


def _base(kind: type) -> type | None:
    packages = ("lightning.", "pytorch_lightning.")
    found = (base for base in kind.__mro__ if base.__name__ == "LightningDataModule")
    return next((base for base in found if base.__module__.startswith(packages)), None)


def _prepared() -> None:
    """Stand where data were prepared."""


def _at_stage(stage: str) -> None:
    """Stand where a datamodule was set up, or torn down."""


def _own_drawing(loader: Any) -> str:
    """Return in words what draws rows in a way that cannot be told of others; "": nothing does."""
    from torch.utils.data import BatchSampler, DataLoader, RandomSampler, SequentialSampler

    if not isinstance(loader, DataLoader) or type(loader).__iter__ is not DataLoader.__iter__:
        return f"a {type(loader).__name__}"
    if type(loader.batch_sampler) is not BatchSampler:
        return "a batch sampler of its own" if loader.batch_sampler else "no batches"
    sampler = loader.sampler
    partial = isinstance(sampler, RandomSampler) and (
        sampler.replacement or sampler.num_samples != len(loader.dataset)  # type: ignore[arg-type]
    )
    if partial or type(sampler) not in (RandomSampler, SequentialSampler):
        return f"a {type(sampler).__name__} of its own"
    return ""


def _dataset(loader: Any, name: str, where: str) -> Any:
    from torch.utils.data import IterableDataset

    dataset = getattr(loader, "dataset", None)
    iterable = isinstance(dataset, IterableDataset)
    if iterable or not hasattr(dataset, "__getitem__") or not hasattr(dataset, "__len__"):
        given = f"returned a datamodule whose {name}() returns a {type(loader).__name__}"
        given += " of an IterableDataset" if iterable else ""
        rule = "every part must have a known number of rows"
        raise TaskError(where, given, rule, "Return one DataLoader of a map-style Dataset.")
    return dataset
