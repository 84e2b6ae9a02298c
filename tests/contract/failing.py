"""A task whose model raises in its third epoch."""

import sys

import torch
from torch import nn

import epochsearch


class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 3)
        self.register_buffer("epochs", torch.zeros((), dtype=torch.int64))

    def train(self, mode=True):
        if mode:
            self.epochs += 1
        return super().train(mode)

    def forward(self, x):
        if self.training and self.epochs >= 3:
            raise ValueError("the third epoch\nand more")
        return self.layer(x)


class RaisesInTheThirdEpoch(epochsearch.Task):
    def data(self):
        return torch.randn(60, 6, generator=torch.Generator().manual_seed(0)), torch.arange(60) % 3

    def model(self):
        return Counting()


class Unkeepable(nn.Linear):
    """Its state cannot be written."""

    def get_extra_state(self):
        return lambda: None

    def set_extra_state(self, state):
        pass


class Unreadable(nn.Linear):
    """Its state can be written, but not be put back."""

    def get_extra_state(self):
        return 1

    def set_extra_state(self, state):
        raise RuntimeError("not today")


class CannotBeFrozen(RaisesInTheThirdEpoch):
    def model(self):
        return Unkeepable(6, 3)


class CannotBeThawed(RaisesInTheThirdEpoch):
    def model(self):
        return Unreadable(6, 3)


class Leaves(RaisesInTheThirdEpoch):
    """Its model calls sys.exit, as scripts do."""

    def model(self):
        sys.exit(3)
