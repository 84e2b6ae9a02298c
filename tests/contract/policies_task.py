"""A task with further hyperparameters of every kind."""

import torch
from torch import nn

import epochsearch


class Further(epochsearch.Task):
    """A small classifier whose shape is searched."""

    def data(self):
        x = torch.randn(90, 6, generator=torch.Generator().manual_seed(0))
        return x, (x[:, 0] > 0).long() + (x[:, 1] > 0).long()

    def model(self, dropout, width, kind):
        middle = nn.ReLU() if kind == "a" else nn.Tanh()
        return nn.Sequential(nn.Linear(6, width), middle, nn.Dropout(dropout), nn.Linear(width, 3))
