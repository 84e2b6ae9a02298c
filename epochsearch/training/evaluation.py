"""The loss that is trained on, and the loss and metrics of a validation pass; all means over examples."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from epochsearch.analysis.row_intervals import Rows
from epochsearch.core.errors import EpochsearchError, TaskError
from epochsearch.core.raised import raised
from epochsearch.tasks.base import Task
from epochsearch.tasks.losses import LossFunction, loss_of, place
from epochsearch.tasks.prepared import Prepared
from epochsearch.training.answers import answers_of, for_functions
from epochsearch.training.batches import Source
from epochsearch.training.counted import counted, mean_of_counted
from epochsearch.training.metrics import MetricSet, Named
from epochsearch.training.models.trained import Head
from epochsearch.training.sealed_rows import SealedRows

Loss = Callable[[Tensor, Tensor], Tensor]
EVALUATION_ROWS = 4096
"""Rows in one forward pass of an evaluation, unless its outputs are too large."""

OUTPUT_BYTES = 2**28
"""What the outputs of one pass may take: a language model gives a number for each word at each position."""


def choose_loss(task: Task, data: Prepared, outputs: Tensor, targets: Tensor) -> Loss:
    """Return the task's loss, or the one that its targets and its model's outputs ask for.

    outputs: what the model gives for a few rows: (rows, classes), (rows, 1), (rows,) or the targets' shape.

    Raises:
        TaskError: The outputs do not fit the targets.
    """
    asked = loss_of(task)
    if callable(asked):
        return _own_loss(asked, f"{place(task)} loss()")
    name = asked or _inferred(data, outputs)
    problem = _misfit(name, data, outputs, targets)
    if problem:
        given = f"model outputs {tuple(outputs.shape)} for targets {tuple(targets.shape)}"
        action = "Mend the model's last layer or give the task a `loss`."
        if data.target == "values" and asked is None:
            action += " Targets that are classes must be whole numbers or texts."
        raise TaskError(place(task), given, problem, action)
    return _LOSSES[name]


def _own_loss(asked: LossFunction, where: str) -> Loss:
    """Return the user's own loss, its mistakes told in words."""
    rule = "a loss takes (outputs, targets) and returns the mean loss of the rows"

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        try:
            found = asked(outputs, targets)
        except EpochsearchError:
            raise
        except Exception as error:
            shapes = f"outputs {tuple(outputs.shape)}, targets {tuple(targets.shape)}"
            given = f"{raised(error)} (of {shapes})"
            raise TaskError(where, given, rule, "Correct the function.") from error
        if not isinstance(found, Tensor):
            shown = "nothing" if found is None else f"a {type(found).__name__}"
            action = "Return a tensor: gradients are had of it."
            raise TaskError(where, f"returned {shown}", rule, action)
        if found.numel() != 1:
            given = f"returned a tensor of shape {tuple(found.shape)}"
            raise TaskError(where, given, rule, "End it with: return loss.mean()")
        if outputs.requires_grad and not found.requires_grad:
            lost = "no gradient leads from it to the outputs"
            raise TaskError(where, "", lost, "Leave detach(), argmax() and the like out.")
        return found.reshape(())

    return loss


def head_of(loss: Loss, data: Prepared) -> Head:
    """Return what a model's outputs are when it was trained on this loss; a user's own may want anything."""
    name = next((name for name, known in _LOSSES.items() if known is loss), "")
    return _HEADS.get(name, "values" if data.target == "values" else "scores")


def rows_at_once(outputs: Tensor, rows: int) -> int:
    """Return how many rows one forward pass of an evaluation may have, from its outputs for some."""
    return max(1, min(EVALUATION_ROWS, OUTPUT_BYTES * rows // max(1, outputs.nbytes)))


@torch.inference_mode()
def evaluate(
    model: nn.Module,
    source: Source,
    loss: Loss,
    data: Prepared,
    metrics: MetricSet,
    rows: int = EVALUATION_ROWS,
) -> tuple[float, Named]:
    """Return the mean loss over the rows of `source` and the metrics, with the model in eval mode.

    Of labels of single tokens the mean is over those that count, however the rows fall into passes of `rows`.
    """
    model.eval()
    total, weights, measure = 0.0, 0, 0.0
    kept: list[tuple[Tensor, Tensor]] = []
    for x, y in source.ordered(rows):
        outputs = model(x)
        weight = counted(y)
        total += loss(outputs, y).item() * weight
        weights += weight
        measure += _metric_sum(data, outputs, y)
        if metrics.needs_all_rows:
            kept.append((outputs.cpu(), y.cpu()))
    return total / weights if weights else math.nan, _measured(metrics, measure / source.rows, kept, data)


@torch.inference_mode()
def evaluate_rows(
    model: nn.Module, source: Source, loss: Loss, data: Prepared, metrics: MetricSet, rows: int
) -> SealedRows:
    """Return what `evaluate` sums up, row by row."""
    model.eval()
    kept: list[tuple[Tensor, Tensor]] = []
    losses: list[Tensor | None] = []
    for x, y in source.ordered(rows):
        outputs = model(x)
        losses.append(_row_losses(loss, outputs, y))
        kept.append((outputs.cpu(), y.cpu()))
    outputs, targets = (torch.cat(parts) for parts in zip(*kept, strict=True))
    known = [one for one in losses if one is not None]
    by_row = [_metric_sum(data, outputs[i : i + 1], targets[i : i + 1]) for i in range(len(outputs))]

    prepared = metrics.over_rows(*for_functions(data, outputs, targets))

    def others(drawn: Rows) -> Named:
        some, right = outputs[drawn], targets[drawn]
        default = _metric_sum(data, some, right) / len(drawn)
        known = {name: of(drawn) for name, of in prepared.items()}
        return metrics.of(default, answers_of(data, some, right), *for_functions(data, some, right), known)

    return SealedRows(
        rows=source.rows,
        losses=torch.cat(known).numpy() if len(known) == len(losses) else None,
        default=metrics.of_default(float(np.mean(by_row))),
        default_rows=np.array(by_row),
        others=others if metrics.needs_all_rows else None,
    )


def _row_losses(loss: Loss, outputs: Tensor, targets: Tensor) -> Tensor | None:
    """Return the loss of each row, float64 on the CPU; None where the loss of all is not their mean."""
    try:
        found = [loss(outputs[i : i + 1], targets[i : i + 1]).double().cpu() for i in range(len(outputs))]
        together = float(loss(outputs, targets))
    except Exception:  # a user's own loss may need several rows
        return None
    rows = torch.stack(found).reshape(-1)
    return rows if math.isclose(float(rows.mean()), together, rel_tol=1e-4, abs_tol=1e-7) else None


def _measured(metrics: MetricSet, default: float, kept: list[tuple[Tensor, Tensor]], data: Prepared) -> Named:
    if not kept:
        return metrics.of_default(default)
    outputs, targets = (torch.cat(parts) for parts in zip(*kept, strict=True))
    return metrics.of(default, answers_of(data, outputs, targets), *for_functions(data, outputs, targets))


def _metric_sum(data: Prepared, outputs: Tensor, targets: Tensor) -> float:
    """Return the sum of absolute errors (values) or of right answers (classes); NaN where meaningless."""
    if data.target == "values":
        if outputs.numel() != targets.numel():
            return float("nan")
        errors = (outputs.reshape(targets.shape) - targets).abs().reshape(len(targets), -1).mean(dim=1)
        return errors.sum().item() * data.target_scale
    if outputs.numel() == targets.numel():  # one logit for each target
        right = (outputs.reshape(targets.shape) > 0) == (targets > 0.5)
        return right.reshape(len(targets), -1).double().mean(dim=1).sum().item()
    if outputs.ndim != targets.ndim + 1:
        return float("nan")
    right = outputs.argmax(dim=1) == targets
    if targets.ndim > 1 and (targets < 0).any():  # labels that do not count
        known = (targets >= 0).flatten(1).sum(dim=1).clamp(min=1)
        return (right.flatten(1).sum(dim=1).double() / known).sum().item()
    return (right.sum() if right.ndim == 1 else right.double().flatten(1).mean(dim=1).sum()).item()


def _inferred(data: Prepared, outputs: Tensor) -> str:
    if data.target == "values":
        return "mse"
    single = outputs.ndim == 1 or outputs.shape[-1] == 1
    two = data.target == "classes" and data.outputs == 2
    return "binary-cross-entropy" if data.target == "binary" or (two and single) else "cross-entropy"


def _misfit(name: str, data: Prepared, outputs: Tensor, targets: Tensor) -> str:
    if len(outputs) != len(targets):
        return "the model must return one row for each row of its input"
    if name == "cross-entropy" and (outputs.ndim < 2 or outputs.shape[1] < data.outputs):
        return f"cross-entropy over {data.outputs} classes needs {data.outputs} outputs a row"
    if name == "cross-entropy" and outputs.shape[2:] != targets.shape[1:]:
        return "cross-entropy needs the outputs of each class at every position that has a target"
    if name != "cross-entropy" and outputs.numel() != targets.numel():
        return f"{name} needs one output for each target"
    return ""


def _cross_entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    if targets.ndim == 1:
        return functional.cross_entropy(outputs, targets)
    return mean_of_counted(functional.cross_entropy(outputs, targets, reduction="none"), targets)


def _binary_cross_entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(
        outputs.reshape(targets.shape), targets.to(outputs.dtype)
    )


def _mse(outputs: Tensor, targets: Tensor) -> Tensor:
    return functional.mse_loss(outputs.reshape(targets.shape), targets)


_LOSSES: dict[str, Loss] = {
    "cross-entropy": _cross_entropy,
    "binary-cross-entropy": _binary_cross_entropy,
    "mse": _mse,
}

_HEADS: dict[str, Head] = {"cross-entropy": "softmax", "binary-cross-entropy": "sigmoid", "mse": "values"}
