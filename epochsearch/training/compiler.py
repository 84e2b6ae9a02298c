"""Leaving torch's compiler out: an optimiser imports it when the first is made, a second of a search's start.

They do so only to tell the compiler to keep out of four of their methods. Nothing here is compiled.
"""

from __future__ import annotations

from torch.optim import Optimizer

_MARK = "__dynamo_disable"  # where torch 2.13 keeps a method that its compiler keeps out of
_METHODS = ("add_param_group", "load_state_dict", "state_dict", "zero_grad")


def leave_the_compiler_out() -> None:
    """Make optimisers use these methods as they are.

    A version of torch that does not know the mark imports its compiler again: slower, with the same results.
    """
    for name in _METHODS:
        method = getattr(getattr(Optimizer, name), "__wrapped__", None)
        if method is not None and not hasattr(method, _MARK):
            setattr(method, _MARK, method)
