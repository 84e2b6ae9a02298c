"""A loss and a metric of one's own: the nine-in-ten bound of a disease's progress, by the pinball loss."""

import torch
from sklearn.datasets import load_diabetes
from torch import nn

import epochsearch

QUANTILE = 0.9


def pinball(outputs, targets):
    """Return the mean loss whose lowest point is the quantile; lower is better."""
    error = targets - outputs.reshape(targets.shape)
    return torch.maximum(QUANTILE * error, (QUANTILE - 1) * error).mean()


def covered(outputs, targets):
    """Return how far the share of targets below the bound is from what it should be."""
    below = (targets <= outputs.reshape(targets.shape)).float().mean()
    return abs(float(below) - QUANTILE)


covered.higher_is_better = False  # so that `--optimise covered` knows


class Bound(epochsearch.Task):
    """442 patients, 10 measures."""

    epochs = "5:100"
    learning_rate = "1e-4:1e-1"
    batch_size = "16,32,64"
    hyperparameters = {"width": "16,32,64"}  # model() gets those it names

    loss = pinball  # (outputs, targets) -> mean loss over the rows
    metrics = (covered, "mae")  # computed each epoch on the validation rows

    standardise_target = True  # fitted on the training rows, like the columns
    optimiser = "adamw(weight_decay=0.01)"
    training = {"clip_norm": 1.0}

    def data(self):
        """Return measures (442, 10) and the progress after a year (442,)."""
        return load_diabetes(return_X_y=True)

    def model(self, width):
        """Return any nn.Module, or a scikit-learn estimator with partial_fit."""
        return nn.Sequential(nn.Linear(10, width), nn.ReLU(), nn.Linear(width, 1))
