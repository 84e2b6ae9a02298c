"""Handwritten digits as small images: the default task, in models of growing strength.

1,797 images of 8x8 pixels (whole numbers 0 to 16), 10 classes, from scikit-learn's copy of the test part of
"Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak, 1998), UCI Machine Learning
Repository, CC BY 4.0.

Published for these images: 0.980 by the nearest neighbour among the 3,823 of the training part, which other
people wrote (the data's own documentation); on their last tenth, trained on the rest, 0.961 by nearest
neighbours and 0.933 by logistic regression (scikit-learn's documentation).
"""

from __future__ import annotations

from typing import Any

from epochsearch.tasks.base import Task


class _Pixels(Task):
    """The data that all of them share."""

    def data(self) -> Any:
        """Return pixels (1797, 64) and digits (1797,)."""
        from sklearn.datasets import load_digits

        return load_digits(return_X_y=True)


class Digits(_Pixels):
    """1,797 rows, 64 standardised pixels, 10 classes; MLP 64-128-128-10 with ReLU. UCI, CC BY 4.0.

    Reaches an accuracy of 0.98 in 20 epochs, the mean of 5 folds (learning rate 0.003, batch size 32).
    """

    name = "digits"

    def model(self) -> Any:
        """Return an MLP with two hidden layers of 128."""
        from torch import nn

        return nn.Sequential(
            nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10)
        )


class DigitsLinear(_Pixels):
    """1,797 rows, 64 standardised pixels, 10 classes; softmax regression. UCI, CC BY 4.0.

    Reaches an accuracy of 0.96 in 20 epochs, the mean of 5 folds (learning rate 0.01, batch size 32).
    """

    name = "digits-linear"

    def model(self) -> Any:
        """Return one linear layer: a convex problem, with a single best loss."""
        from torch import nn

        return nn.Linear(64, 10)


class DigitsCnn(_Pixels):
    """1,797 rows, one channel of 8x8 pixels scaled to 0..1, 10 classes; a small CNN. UCI, CC BY 4.0.

    Reaches an accuracy of 0.98 in 10 epochs, the mean of 5 folds (learning rate 0.01, batch size 32).
    """

    name = "digits-cnn"

    def data(self) -> Any:
        """Return images (1797, 1, 8, 8) and digits (1797,); 16 is the largest value a pixel can have."""
        pixels, digits = super().data()
        return (pixels / 16).reshape(-1, 1, 8, 8).astype("float32"), digits

    def model(self) -> Any:
        """Return two convolutions with batch norm, each halving the image, and a linear layer."""
        from torch import nn

        return nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=3, padding=1, bias=False),  # (batch, 16, 8, 8)
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, kernel_size=3, padding=1, bias=False),  # (batch, 32, 4, 4)
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(32 * 2 * 2, 10),
        )


class DigitsResnet(DigitsCnn):
    """1,797 rows, one channel of 8x8 pixels scaled to 0..1, 10 classes; residual network. UCI, CC BY 4.0.

    Reaches an accuracy of 0.98 in 10 epochs (learning rate 0.01, batch size 32, average 1).
    """

    name = "digits-resnet"
    epochs = "3:30"

    def model(self) -> Any:
        """Return a residual network with two blocks of 16 and 32 channels."""
        from epochsearch.tasks.networks.residual import ResidualNetwork

        return ResidualNetwork(channels=1, width=16, classes=10)


class DigitsSgd(_Pixels):
    """1,797 rows, 64 standardised pixels, 10 classes; scikit-learn's SGDClassifier. UCI, CC BY 4.0.

    Reaches an accuracy of 0.95 in 20 epochs (learning rate 0.03, batch size 32).
    """

    name = "digits-sgd"

    def model(self, learning_rate: float) -> Any:
        """Return one logistic regression per class, trained by plain gradient steps of a constant rate."""
        from sklearn.linear_model import SGDClassifier

        return SGDClassifier(loss="log_loss", learning_rate="constant", eta0=learning_rate)
