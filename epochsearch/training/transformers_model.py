"""A model of Hugging Face's kind as a plain module: packed fields of tokens in, its logits out.

Nothing of `transformers` is imported here: such a model is known by its class, and called by its fields.
"""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import Tensor, nn

from epochsearch.core.errors import TaskError

_NEXT_TOKEN = ("ForCausalLM", "LMHeadModel")  # how classes end whose logits are of the token after each


def is_pretrained(model: object) -> bool:
    """Return whether it is a `transformers.PreTrainedModel`."""
    return any(
        kind.__name__ == "PreTrainedModel" and kind.__module__.startswith("transformers.")
        for kind in type(model).__mro__
    )


def as_module(model: Any, fields: tuple[str, ...], task: str) -> nn.Module:
    """Return a module that takes one tensor and returns one: the model, or what wraps it.

    fields: of the task's data, if they are tokenised. task: how a message names it.

    Raises:
        TaskError: The model is of a kind that needs its labels to compute its outputs.
    """
    module: nn.Module = Packed(model, fields, f"{task} model()") if is_pretrained(model) else model
    return module


class Packed(nn.Module):
    """The model behind `model(x)`; its loss is the tool's own, which equals the model's."""

    def __init__(self, model: Any, fields: tuple[str, ...], where: str) -> None:
        """fields: names of what is packed in x (rows, fields, length); none: x goes in as it is.

        Raises:
            TaskError: The model is of a kind that needs its labels to compute its outputs.
        """
        super().__init__()
        self.model = model
        if getattr(model.config, "is_encoder_decoder", False):
            given = f"returned a {type(model).__name__}"
            rule = "models with an encoder and a decoder need the labels for their outputs"
            action = "Train it in a learner of your own: epochsearch init DIR --template custom"
            raise TaskError(where, given, rule, action)
        taken = inspect.signature(model.forward).parameters
        self._places = {name: place for place, name in enumerate(fields) if name in taken}
        self._next_token = type(model).__name__.endswith(_NEXT_TOKEN)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits: (rows, classes), or (rows, classes, length) where each token has some.

        x: int64 (rows, fields, length). Of a model of the next token the logits of a place are those that the
        token at this place is foretold by; the first place has none.
        """
        fields = {name: x[:, place] for name, place in self._places.items()}
        logits: Tensor = (self.model(**fields) if fields else self.model(x)).logits
        if logits.ndim < 3:
            return logits
        if self._next_token:
            logits = torch.cat([torch.zeros_like(logits[:, :1]), logits[:, :-1]], dim=1)
        return logits.movedim(-1, 1)
