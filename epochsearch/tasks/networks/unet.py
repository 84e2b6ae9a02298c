"""A small U-Net: an image is halved twice and built up again beside what it was at each size.

Source: Ronneberger, Fischer and Brox 2015, "U-Net: convolutional networks for biomedical image segmentation",
MICCAI; here with batch norm and padding, one convolution a step on the way up.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class UNet(nn.Module):
    """A class for each pixel of an image whose sides are multiples of 4."""

    def __init__(self, channels: int, width: int, classes: int) -> None:
        """channels: of the image; width: channels at full size, twice as many at each half."""
        super().__init__()
        self.whole = nn.Sequential(_step(channels, width), _step(width, width))
        self.halved = nn.Sequential(_step(width, 2 * width), _step(2 * width, 2 * width))
        self.quartered = nn.Sequential(_step(2 * width, 4 * width), _step(4 * width, 4 * width))
        self.up_to_half = _step(6 * width, 2 * width)
        self.up_to_full = _step(3 * width, width)
        self.head = nn.Conv2d(width, classes, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, classes, height, width) of images (batch, channels, height, width)."""
        full = self.whole(x)
        half = self.halved(functional.max_pool2d(full, 2))
        quarter = self.quartered(functional.max_pool2d(half, 2))
        half = self.up_to_half(torch.cat([half, _doubled(quarter)], dim=1))
        logits: Tensor = self.head(self.up_to_full(torch.cat([full, _doubled(half)], dim=1)))
        return logits


def _step(given: int, made: int) -> nn.Sequential:
    convolution = nn.Conv2d(given, made, kernel_size=3, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(made), nn.ReLU())


def _doubled(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2, mode="nearest")
