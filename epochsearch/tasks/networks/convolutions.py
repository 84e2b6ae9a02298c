"""A plain convolutional network: blocks that halve the image, then one hidden layer.

Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition", Proceedings of the IEEE
86(11); batch norm after each convolution as in Ioffe and Szegedy 2015, "Batch normalization", ICML.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn


class ConvolutionalNetwork(nn.Module):
    """For each width a convolution, batch norm, ReLU and the maximum of 2x2; a hidden layer; a linear one."""

    def __init__(
        self, shape: tuple[int, int, int], widths: Sequence[int], hidden: int, classes: int, dropout: float
    ) -> None:
        """shape: channels, height and width of an image; widths: channels of each block."""
        super().__init__()
        channels, height, width = shape
        blocks = [_block(given, made) for given, made in zip((channels, *widths), widths, strict=False)]
        self.blocks = nn.Sequential(*blocks)
        halvings = 2 ** len(widths)
        features = widths[-1] * (height // halvings) * (width // halvings)
        self.hidden = nn.Sequential(nn.Linear(features, hidden), nn.ReLU(), nn.Dropout(dropout))
        self.head = nn.Linear(hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, classes) of images (batch, channels, height, width)."""
        features = self.blocks(x).flatten(1)  # (batch, features)
        logits: Tensor = self.head(self.hidden(features))
        return logits


def _block(given: int, made: int) -> nn.Sequential:
    convolution = nn.Conv2d(given, made, kernel_size=3, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(made), nn.ReLU(), nn.MaxPool2d(2))
