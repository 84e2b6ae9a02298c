"""A detector with one answer for each cell of a grid, and the loss of its answers.

Source: Redmon et al. 2016, "You only look once: unified, real-time object detection", CVPR; here with
cross-entropies where there squares are.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

_BOX = 2.0  # weight of the box in the loss


class Detector(nn.Module):
    """Convolutions that halve the image twice, and a linear answer at each place that is left."""

    def __init__(self, channels: int, width: int, classes: int) -> None:
        """channels: of the image; width: channels at full size, twice as many at each half."""
        super().__init__()
        self.features = nn.Sequential(
            _step(channels, width),
            nn.MaxPool2d(2),
            _step(width, 2 * width),
            nn.MaxPool2d(2),
            _step(2 * width, 4 * width),
            _step(4 * width, 4 * width),
        )
        self.head = nn.Conv2d(4 * width, 5 + classes, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, 5 + classes, height / 4, width / 4) of images (batch, channels, height, width).

        A logit of an object, its centre and log size, logits of the classes.
        """
        answers: Tensor = self.head(self.features(x))
        return answers


def detection_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the mean over scenes of the cross-entropies of object and class and the error of the box.

    targets: (scenes, 6, cells, cells): object, centre in the cell, log size, class. Box and class count in
    the cells that have an object.
    """
    there = targets[:, 0]
    objects = functional.binary_cross_entropy_with_logits(outputs[:, 0], there, reduction="sum")
    boxes = functional.smooth_l1_loss(outputs[:, 1:5], targets[:, 1:5], reduction="none").sum(dim=1)
    classes = functional.cross_entropy(outputs[:, 5:], targets[:, 5].long(), reduction="none")
    return (objects + (there * (_BOX * boxes + classes)).sum()) / len(outputs)


def _step(given: int, made: int) -> nn.Sequential:
    convolution = nn.Conv2d(given, made, kernel_size=3, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(made), nn.ReLU())
