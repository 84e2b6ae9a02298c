"""The least that a study's curves can cost: tensors in memory, batches by index, fused Adam, one thread.

Reads the document of `epochsearch show STUDY --json` from standard input, trains every curve as far as that
study trained it, stores nothing, and prints {"seconds", "epochs"}: the time of the loops alone.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn
from torch.nn import functional

Part = tuple[Tensor, Tensor]
Loss = Callable[[Tensor, Tensor], Tensor]


def load() -> tuple[Part, Part]:
    """Return the training and the validation part of digits, standardised on the former."""
    x, y = load_digits(return_X_y=True)
    x_train, x_rest, y_train, y_rest = train_test_split(x, y, test_size=0.3, random_state=0, stratify=y)
    x_val, _, y_val, _ = train_test_split(x_rest, y_rest, test_size=0.5, random_state=0, stratify=y_rest)
    scaler = StandardScaler().fit(x_train)

    def part(inputs: Any, targets: Any) -> Part:
        return torch.tensor(scaler.transform(inputs), dtype=torch.float32), torch.tensor(targets)

    return part(x_train, y_train), part(x_val, y_val)


def run_epoch(
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    loss: Loss,
    training: Part,
    validation: Part,
    batches: Iterable[Tensor],
    further: Callable[[Tensor, Tensor], object] | None = None,
) -> float:
    """Train on batches of row numbers and return the validation loss.

    further: what else is computed of the outputs on the validation rows and of their targets.
    """
    (x, y), (x_val, y_val) = training, validation
    model.train()
    for rows in batches:
        optimiser.zero_grad()
        loss(model(x[rows]), y[rows]).backward()
        optimiser.step()
    model.eval()
    with torch.inference_mode():
        outputs = model(x_val)
        if further is not None:
            further(outputs, y_val)
        return loss(outputs, y_val).item()


def train(learning_rate: float, batch_size: int, epochs: int, training: Part, validation: Part) -> float:
    """Return the validation loss after `epochs` epochs."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))
    optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate, fused=True)
    value = float("nan")
    for _ in range(epochs):
        batches = torch.randperm(len(training[0])).split(batch_size)
        value = run_epoch(model, optimiser, functional.cross_entropy, training, validation, batches)
    return value


def main() -> None:
    """Train all curves and print how long that took."""
    torch.set_num_threads(1)
    trials = json.load(sys.stdin)["trials"]
    training, validation = load()
    train(1e-3, 64, 2, training, validation)  # torch's first calls are slow
    started = time.perf_counter()
    for trial in trials:
        train(trial["learning_rate"], trial["batch_size"], trial["epochs_trained"], training, validation)
    epochs = sum(trial["epochs_trained"] for trial in trials)
    print(json.dumps({"seconds": time.perf_counter() - started, "epochs": epochs}))


if __name__ == "__main__":
    main()
