"""A trained nn.Module: its weights as safetensors, which hold numbers and no code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from epochsearch.core.errors import TaskError
from epochsearch.tasks.arrays import Array
from epochsearch.training.models.trained import Head

ROWS_AT_ONCE = 4096
"""Rows in one forward pass."""


class Network:
    """A model of torch's, on its device."""

    kind = "network"
    weights_file = "weights.safetensors"

    def __init__(self, module: nn.Module, head: Head, where: str) -> None:
        """where: how a message names the task."""
        self.module, self.head = module, head
        self._where = f"{where} model()"

    @property
    def parameters(self) -> int:
        """Return how many weights it has."""
        return sum(weight.numel() for weight in self.module.parameters())

    @torch.inference_mode()
    def outputs(self, x: Array) -> Array:
        """Return the module's outputs in eval mode, (rows, ...)."""
        self.module.eval()
        device = next((weight.device for weight in self.module.parameters()), torch.device("cpu"))
        found = [
            self.module(torch.as_tensor(x[start : start + ROWS_AT_ONCE]).to(device)).cpu()
            for start in range(0, len(x), ROWS_AT_ONCE)
        ]
        outputs = torch.cat(found)
        return np.asarray(outputs.float() if outputs.dtype == torch.bfloat16 else outputs)

    def write(self, folder: Path) -> None:
        """Write all that `state_dict` holds; two names of one tensor become two tensors of the same values.

        Raises:
            TaskError: The state holds something else than tensors.
            OSError: The folder cannot be written.
        """
        from safetensors.torch import save

        state = self.module.state_dict()
        for name, value in state.items():
            if not isinstance(value, Tensor):
                rule = "only tensors can be written to a file that is safe to read"
                given = f"state '{name}' is a {type(value).__name__}"
                raise TaskError(self._where, given, rule, "Keep it in a buffer, or rebuild it in __init__.")
        tensors = {name: value.detach().cpu().contiguous().clone() for name, value in state.items()}
        (folder / self.weights_file).write_bytes(save(tensors))  # `save_file` lets nobody else read it

    def read(self, folder: Path) -> None:
        """Take the weights in a folder; each must have its place in the module.

        Raises:
            TaskError: Names or shapes differ, or the file is damaged.
            OSError: It cannot be read.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        file = folder / self.weights_file
        try:
            self.module.load_state_dict(load_file(file))
        except (RuntimeError, SafetensorError) as error:
            said = str(error).splitlines()[-1].strip()
            rule = f"its weights do not fit what {self._where} makes ({said})"
            raise TaskError("MODEL", str(folder), rule, "Bring back the code it was trained with.") from error
