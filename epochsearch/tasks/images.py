"""Images of the larger classics: handwritten digits, clothes, and small photographs.

`mnist`: 70,000 digits of 28x28 grey pixels, 10 classes (LeCun, Cortes and Burges 1998, CC BY-SA 3.0).
`fashion-mnist`: 70,000 clothes of 28x28 grey pixels, 10 classes (Xiao, Rasul and Vollgraf 2017, MIT).
`cifar10`: 60,000 photographs of 32x32 pixels in colour, 10 classes (Krizhevsky 2009, no licence stated).
Pixels are scaled to 0..1. The test part is the published one, the last rows; validation rows are drawn from
the others. Where data may come from: `datasets.places`.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from epochsearch.tasks.arrays import Array
from epochsearch.tasks.base import Task
from epochsearch.tasks.datasets.cifar import read_cifar
from epochsearch.tasks.datasets.fetching import fetched_images
from epochsearch.tasks.datasets.idx import read_idx_images
from epochsearch.tasks.datasets.places import files_of

GREY, COLOUR = (1, 28, 28), (3, 32, 32)


class _Images(Task):
    """What all of them share."""

    data_set: ClassVar[str]  # its name in `datasets.places`
    openml: ClassVar[int]  # its number at OpenML

    epochs = "2:20"
    learning_rate = "1e-4:1e-1"
    batch_size = "32,64,128,256,512"
    split_by = "published"


class _GreyImages(_Images):
    """Images of MNIST's format."""

    split = (5 / 7, 1 / 7, 1 / 7)  # 50,000, 10,000 and the published 10,000

    def data(self) -> Any:
        """Return images (70000, 1, 28, 28) scaled to 0..1 and classes (70000,)."""
        files = files_of(self.data_set)
        if files:
            return _scaled(*read_idx_images(self.data_set, files))
        return _scaled(*fetched_images(self.data_set, self.openml, GREY))

    def model(self, dropout: float = 0.2) -> Any:
        """Return a network with two blocks of convolutions, of 16 and 32 channels."""
        from epochsearch.tasks.networks.convolutions import ConvolutionalNetwork

        return ConvolutionalNetwork(GREY, widths=(16, 32), hidden=64, classes=10, dropout=dropout)


class Mnist(_GreyImages):
    """70,000 rows, one channel of 28x28 pixels scaled to 0..1, 10 classes; a CNN. LeCun et al. 1998."""

    name = data_set = "mnist"
    openml = 554


class FashionMnist(_GreyImages):
    """70,000 rows, one channel of 28x28 pixels scaled to 0..1, 10 classes; a CNN. Xiao et al. 2017, MIT.

    Reaches an accuracy of 0.91 in 4 epochs and 0.918 in 6 on the validation rows (learning rate 0.001, batch
    size 64), and then 0.907 on the test part; its page lists 0.876 to 0.925 for two convolutions. With 3,000
    of the training rows 0.85 in 4 epochs (learning rate 0.002, batch size 32).
    """

    name = data_set = "fashion-mnist"
    openml = 40996


class Cifar10(_Images):
    """60,000 rows, three channels of 32x32 pixels scaled to 0..1, 10 classes; a CNN. Krizhevsky 2009."""

    name = data_set = "cifar10"
    openml = 40927
    split = (4 / 6, 1 / 6, 1 / 6)  # 40,000, 10,000 and the published 10,000

    def data(self) -> Any:
        """Return images (60000, 3, 32, 32) scaled to 0..1 and classes (60000,)."""
        files = files_of(self.data_set)
        if files:
            return _scaled(*read_cifar(files))
        return _scaled(*fetched_images(self.data_set, self.openml, COLOUR))

    def model(self, dropout: float = 0.2) -> Any:
        """Return a network with three blocks of convolutions, of 32, 64 and 128 channels."""
        from epochsearch.tasks.networks.convolutions import ConvolutionalNetwork

        return ConvolutionalNetwork(COLOUR, widths=(32, 64, 128), hidden=128, classes=10, dropout=dropout)


def _scaled(images: Array, classes: Array) -> tuple[Array, Array]:
    return np.divide(images, 255, dtype=np.float32), classes
