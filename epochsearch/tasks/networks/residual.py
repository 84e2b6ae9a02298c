"""A small residual network for images of 8x8: identity shortcuts, batch norm before each activation.

Source: He et al. 2016, "Deep residual learning for image recognition", CVPR.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class ResidualNetwork(nn.Module):
    """A stem, one block at full size, one that halves it, the mean over positions, a linear layer."""

    def __init__(self, channels: int, width: int, classes: int) -> None:
        """channels: of the image; width: channels of the first block, the second has twice as many."""
        super().__init__()
        self.stem = nn.Sequential(_convolution(channels, width), nn.BatchNorm2d(width), nn.ReLU())
        self.blocks = nn.Sequential(_Block(width, width), _Block(width, 2 * width, stride=2))
        self.head = nn.Linear(2 * width, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, classes) of images (batch, channels, height, width)."""
        features = self.blocks(self.stem(x))  # (batch, 2 width, height / 2, width / 2)
        logits: Tensor = self.head(features.mean(dim=(2, 3)))
        return logits


class _Block(nn.Module):
    """Two convolutions beside a shortcut, which is a 1x1 convolution where the size changes."""

    def __init__(self, given: int, made: int, stride: int = 1) -> None:
        super().__init__()
        self.first = nn.Sequential(_convolution(given, made, stride), nn.BatchNorm2d(made), nn.ReLU())
        self.second = nn.Sequential(_convolution(made, made), nn.BatchNorm2d(made))
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or given != made:
            projection = nn.Conv2d(given, made, kernel_size=1, stride=stride, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(made))

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.second(self.first(x)) + self.shortcut(x))


def _convolution(given: int, made: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(given, made, kernel_size=3, stride=stride, padding=1, bias=False)
