"""Every random source is seeded from (seed, fold, epoch) as each epoch starts: this makes curves resumable.

Epoch 0 is the initialisation of the weights. Configurations share these seeds, so that they are compared
under common random numbers.
"""

from __future__ import annotations

import random
import sys

import numpy as np


def seed_libraries(seed: int, fold: int, epoch: int) -> None:
    """Seed `random`, NumPy's global generator and, where it is loaded, torch, for one epoch of one curve."""
    words = np.random.SeedSequence([seed, fold, epoch]).generate_state(4)
    random.seed(int(words[0]))
    np.random.seed(int(words[1]))
    if "torch" in sys.modules:
        _seed_torch((int(words[2]) << 31) ^ int(words[3]))


def batch_seed(seed: int, fold: int, epoch: int) -> int:
    """Return the seed of the order in which an epoch visits the training rows; no other draw shifts it."""
    return int(np.random.SeedSequence([seed, fold, epoch, 1]).generate_state(1)[0])


def _seed_torch(seed: int) -> None:
    """Seed torch on every device in use.

    `torch.manual_seed` takes half a millisecond where CUDA has not been started: it notes a stack trace for
    each call, for later.
    """
    import torch

    if torch.cuda.is_initialized() or torch.backends.mps.is_available():  # type: ignore[no-untyped-call]
        torch.manual_seed(seed)
    else:
        torch.default_generator.manual_seed(seed)
