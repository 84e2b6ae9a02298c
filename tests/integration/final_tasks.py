"""Tasks of every kind that a final model is made of: each is small, and learns something in a few epochs."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset

import epochsearch

ROWS = 120


def numbers() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(ROWS, 4)).astype(np.float32)


def kinds(x: np.ndarray) -> np.ndarray:
    return (x[:, 0] > 0).astype(int) + (x[:, 1] > 0.5)


class Named(epochsearch.Task):
    """A DataFrame with named columns, and text labels."""

    def data(self):
        import pandas as pd

        x = numbers()
        return pd.DataFrame(x, columns=["a", "b", "c", "d"]), np.array(["low", "mid", "top"])[kinds(x)]

    def model(self):
        return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))


class Values(epochsearch.Task):
    """Real targets in units of their own."""

    standardise_target = True

    def data(self):
        x = numbers()
        return x, 1000.0 + 50.0 * x[:, 0] - 20.0 * x[:, 2]

    def model(self):
        return nn.Linear(4, 1)


class Images(epochsearch.Task):
    """Inputs of three dimensions, one logit for two classes."""

    def data(self):
        x = numbers()
        return x.reshape(ROWS, 1, 2, 2), x[:, 0] > 0

    def model(self):
        return nn.Sequential(nn.Conv2d(1, 3, 2), nn.Flatten(), nn.Linear(3, 1))


class Tokens(epochsearch.Task):
    """Whole numbers for an embedding."""

    standardise = False

    def data(self):
        tokens = np.random.default_rng(0).integers(0, 5, size=(ROWS, 6))
        return tokens, tokens[:, 0]

    def model(self):
        return nn.Sequential(nn.Embedding(5, 4), nn.Flatten(), nn.Linear(24, 5))


class Lazy(Named):
    """The same rows as a Dataset that is read item by item."""

    def data(self):
        x = numbers()
        return TensorDataset(torch.tensor(x), torch.tensor(kinds(x)))


class Gaps(Named):
    """Missing values, filled; scaled to 0 to 1; three of four columns read."""

    training = {"impute": "median", "scaling": "minmax", "select_best": 3}

    def data(self):
        frame, y = super().data()
        frame.loc[::5, "b"] = np.nan
        return frame, y


class Texts(Gaps):
    """A column of texts too, and a model that asks how many columns that makes."""

    training = {"impute": "mean", "one_hot": True}

    def data(self):
        frame, y = super().data()
        frame["e"] = np.array(["red", "blue", None], dtype=object)[np.arange(ROWS) % 3]
        return frame, y

    def model(self, inputs, outputs):
        return nn.Linear(inputs, outputs)


class Tied(Named):
    """Two names of one tensor, and a buffer."""

    def model(self):
        return TiedNetwork()


class TiedNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False)
        self.second.weight = self.first.weight
        self.last = nn.Linear(4, 3)
        self.register_buffer("shift", torch.ones(4))

    def forward(self, x):
        return self.last(self.second(torch.relu(self.first(x + self.shift))))


class Estimator(Named):
    """A scikit-learn classifier with probabilities."""

    def model(self, learning_rate):
        from sklearn.linear_model import SGDClassifier

        return SGDClassifier(loss="log_loss", learning_rate="constant", eta0=learning_rate)


class Hinge(Named):
    """A scikit-learn classifier without probabilities."""

    def model(self):
        from sklearn.linear_model import SGDClassifier

        return SGDClassifier()


class Regressor(Values):
    """A scikit-learn regressor."""

    def model(self):
        from sklearn.linear_model import SGDRegressor

        return SGDRegressor()


class Own(Named):
    """A loss of the task's own."""

    def loss(self, outputs, targets):
        return nn.functional.multi_margin_loss(outputs, targets)


class Extra(Named):
    """Its state holds something that is no tensor."""

    def model(self):
        return Remembering(4, 3)


class Remembering(nn.Linear):
    def get_extra_state(self):
        return {"seen": 1}

    def set_extra_state(self, state):
        pass
