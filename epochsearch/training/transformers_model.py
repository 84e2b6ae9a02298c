"""A model of Hugging Face's kind as a plain module: packed fields of tokens in, its logits out.

Nothing of `transformers` is imported here: such a model is known by its class, and called by its fields.
"""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from epochsearch.core.errors import TaskError
from epochsearch.tasks.arrays import Array
from epochsearch.tasks.prepared import Part
from epochsearch.tasks.tokenised import IGNORED, Packing

_NEXT_TOKEN = ("ForCausalLM", "LMHeadModel")  # how classes end whose logits are of the token after each


def is_pretrained(model: object) -> bool:
    """Return whether it is a `transformers.PreTrainedModel`."""
    return any(
        kind.__name__ == "PreTrainedModel" and kind.__module__.startswith("transformers.")
        for kind in type(model).__mro__
    )


def has_decoder(model: Any) -> bool:
    """Return whether it is a `transformers.PreTrainedModel` that encodes one sequence and says another."""
    return is_pretrained(model) and bool(model.config.is_encoder_decoder) and bool(model.can_generate())


def as_module(model: Any, packing: Packing, task: str) -> nn.Module:
    """Return a module that takes one tensor and returns one: the model, or what wraps it.

    packing: of the task's data. task: how a message names it.

    Raises:
        TaskError: The model says sequences, and the data have none to say.
    """
    if not is_pretrained(model):
        module: nn.Module = model
        return module
    if has_decoder(model):
        return Answering(model, packing, f"{task} model()")
    return Packed(model, packing)


def says_sequences(module: nn.Module) -> bool:
    """Return whether a module answers with tokens, one after the other."""
    return isinstance(module, Answering)


def as_read(module: nn.Module, part: Part) -> Part:
    """Return a part as the module is trained and judged on it: what is to say sequences is told them too."""
    return module.told(part) if isinstance(module, Answering) else part


class Packed(nn.Module):
    """The model behind `model(x)`; its loss is the tool's own, which equals the model's."""

    def __init__(self, model: Any, packing: Packing) -> None:
        """packing: of x (rows, fields, length); without fields x goes in as it is."""
        super().__init__()
        self.model = model
        taken = inspect.signature(model.forward).parameters
        self._places = {name: place for place, name in enumerate(packing.fields) if name in taken}
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


class Answering(Packed):
    """A model with an encoder and a decoder: it foretells each token of an answer, or says its own answer.

    Which token comes first, the model's own configuration says.
    """

    def __init__(self, model: Any, packing: Packing, where: str) -> None:
        """where: how a message names the model.

        Raises:
            TaskError: The data have no answers.
        """
        super().__init__(model, packing)
        self._packing = packing
        if not packing.answer:
            given = f"returned a {type(model).__name__}"
            rule = "a model with an encoder and a decoder says sequences, and the data have none to say"
            action = "Return a tokenised dataset whose labels are tokens, or another model."
            raise TaskError(where, given, rule, action)

    def told(self, part: Part) -> Part:
        """Return a part with the answers among its inputs, int64 (rows, fields + 1, the longer length).

        Labels that are the tokens themselves came without the first, which only a model of the next token
        cannot foretell.
        """
        x, y = part.x, part.y
        assert y is not None, "tokens are in memory"
        if (y[:, 0] == IGNORED).all() and y.shape[1] == x.shape[2] and _same_tokens(y, x[:, 0]):
            y = np.column_stack([x[:, 0, 0], y[:, 1:]])
        both = np.full((len(x), x.shape[1] + 1, max(x.shape[2], y.shape[1])), IGNORED, dtype=np.int64)
        both[:, :-1, : x.shape[2]] = x
        both[:, -1, : y.shape[1]] = y
        return replace(part, x=both, y=y)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (rows, tokens, answer); without answers, the likeliest, int64 (rows, answer).

        x: of a part that is `told`; without answers int64 (rows, fields, length). What follows the end of an
        answer is padding.
        """
        fields = {name: x[:, place, : self._packing.length] for name, place in self._places.items()}
        if x.shape[1] == len(self._packing.fields):
            said = self.model.generate(**fields, max_new_tokens=self._packing.answer, do_sample=False)[:, 1:]
            padding = self.model.generation_config.pad_token_id or 0
            return functional.pad(said, (0, self._packing.answer - said.shape[1]), value=padding)
        answers = x[:, -1, : self._packing.answer].contiguous()
        logits: Tensor = self.model(**fields, labels=answers).logits
        return logits.movedim(-1, 1)


def _same_tokens(labels: Array, tokens: Array) -> bool:
    return bool(((labels == tokens) | (labels == IGNORED)).all())
