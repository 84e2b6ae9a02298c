"""A trained network as a program that needs neither the task's code nor this package: torch.export and ONNX.

The program takes raw rows, as the task's `data` has them, and gives what `predict` gives: probabilities, or
values in the units of the target. So nobody has to repeat the preprocessing by hand. Of texts it takes the
numbers, tokens or those of categories; `vocabulary` says which text has which.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from epochsearch.core.errors import TaskError, first_line
from epochsearch.tasks.preprocessing import Preprocessing
from epochsearch.training.models.network import Network
from epochsearch.training.models.trained import Head, TrainedModel

FILES: Mapping[str, str] = {"torch": "model.pt2", "onnx": "model.onnx"}
"""The file of each form."""

_EXAMPLE_ROWS = 3  # more than one, so that the number of rows stays free


class Program(nn.Module):
    """A network between its preprocessing and the answer."""

    mean: Tensor | None
    scale: Tensor | None
    fill: Tensor | None
    numbers: Tensor | None
    coded: Tensor | None
    codes: Tensor | None
    chosen: Tensor | None

    def __init__(self, module: nn.Module, head: Head, done: Preprocessing) -> None:
        super().__init__()
        self.module, self.head = module, head
        self.dtype = getattr(torch, done.dtype)
        self.target_mean, self.target_scale = done.target_mean, done.target_scale
        scaled = done.mean is not None
        self.register_buffer("mean", torch.as_tensor(done.mean) if scaled else None)
        self.register_buffer("scale", torch.as_tensor(done.scale) if scaled else None)
        self.register_buffer("fill", None if done.fill is None else torch.as_tensor(done.fill))
        numbers, coded, codes = _columns(done)
        self.register_buffer("numbers", numbers)  # places of columns of numbers
        self.register_buffer("coded", coded)  # of each column of 0 and 1: the place of what it is made of
        self.register_buffer("codes", codes)  # and the code that is 1 in it
        chosen = None if done.selected is None else np.isin(np.arange(done.reads[0]), done.selected)
        self.register_buffer("chosen", None if chosen is None else torch.as_tensor(chosen))

    def forward(self, x: Tensor) -> Tensor:
        """Return probabilities (rows, classes), or of the second class alone; values; or outputs as they are.

        x: raw rows, (rows, ...); in columns of texts the number of each text.
        """
        held = None
        if self.numbers is not None and self.coded is not None and self.codes is not None:
            held = torch.eq(x[:, self.coded], self.codes).double()
            x = x[:, self.numbers]
        if self.fill is not None:
            x = torch.where(x.isnan(), self.fill, x.double())
        if self.mean is not None and self.scale is not None:
            x = (x.double() - self.mean) / self.scale
        if held is not None:
            x = torch.cat([x.double(), held], dim=1)
        if self.chosen is not None:
            x = torch.where(self.chosen, x, 0)
        outputs: Tensor = self.module(x.to(self.dtype))
        if self.head == "softmax":
            return outputs.double().softmax(dim=1)
        if self.head == "sigmoid":
            return outputs.double().sigmoid()
        if self.head == "values":
            return outputs.double() * self.target_scale + self.target_mean
        return outputs


def write_export(model: TrainedModel, done: Preprocessing, folder: Path, form: str) -> str:
    """Write the model in a form of FILES to a folder; return the name of the file.

    Raises:
        TaskError: It is no network, the packages are missing, or torch cannot trace it.
        OSError: The folder cannot be written.
    """
    if not isinstance(model, Network):
        rule = f"a scikit-learn estimator has no {form} program"
        raise TaskError("--export", form, rule, f"Leave it out; {model.weights_file} holds the estimator.")
    program = Program(model.module, model.head, done).cpu().eval()
    treated = done.mean is not None or done.fill is not None or done.categories
    read = done.raw_dtype if treated else done.dtype
    x = torch.zeros((_EXAMPLE_ROWS, *done.shape), dtype=getattr(torch, read))
    rows = {"x": {0: torch.export.Dim("rows", min=1)}}
    try:
        with _hushed():
            traced = torch.export.export(program, (x,), dynamic_shapes=rows)
            _save(traced, folder / FILES[form], form)
    except OSError:
        raise
    except Exception as error:  # torch has a family of its own for each step
        said = first_line(error)
        rule = f"torch cannot trace the model ({said})"
        raise TaskError("--export", form, rule, "Leave it out, or rewrite forward() without it.") from error
    return FILES[form]


def _columns(done: Preprocessing) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Return which columns hold numbers, (numbers,), then column and code of each text, (texts,) twice."""
    if not done.categories:
        return None, None, None
    numbers = [index for index, texts in enumerate(done.categories) if texts is None]
    texts = [
        (index, code)
        for index, known in enumerate(done.categories)
        for code, text in enumerate(known or ())
        if text is not None
    ]
    places = torch.tensor(texts, dtype=torch.int64).reshape(-1, 2)
    return torch.tensor(numbers, dtype=torch.int64), places[:, 0].clone(), places[:, 1].clone()


def _save(traced: torch.export.ExportedProgram, file: Path, form: str) -> None:
    if form == "torch":
        torch.export.save(traced, file)
        return
    program = torch.onnx.export(traced, verbose=False)
    assert program is not None
    program.save(file, external_data=False)


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep what torch says of its own insides from the user."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
