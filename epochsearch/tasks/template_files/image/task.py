"""Images: handwritten digits and a small convolutional network."""

from sklearn.datasets import load_digits
from torch import nn

import epochsearch


class Digits(epochsearch.Task):
    """1,797 images of 8x8 pixels, 10 classes."""

    epochs = "5:40"
    learning_rate = "1e-4:1e-1"
    batch_size = "32,64,128"
    hyperparameters = {"channels": "8,16,32"}  # model() gets those it names

    # Training images are changed anew every epoch; validation and test images never are.
    training = {"augment": "rotate(degrees=10)+shift(share=0.1)"}

    def data(self):
        """Return images (rows, channels, height, width) scaled to 0..1, and their classes."""
        # Yours may be larger than memory: return a map-style torch Dataset whose items are (image, class).
        pixels, digits = load_digits(return_X_y=True)
        return (pixels / 16).reshape(-1, 1, 8, 8).astype("float32"), digits

    def model(self, channels):
        """Return two convolutions, each halving the image, and a linear layer."""
        return nn.Sequential(
            nn.Conv2d(1, channels, kernel_size=3, padding=1),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.MaxPool2d(2),  # (batch, channels, 4, 4)
            nn.Conv2d(channels, 2 * channels, kernel_size=3, padding=1),
            nn.BatchNorm2d(2 * channels),
            nn.ReLU(),
            nn.MaxPool2d(2),  # (batch, 2 channels, 2, 2)
            nn.Flatten(),
            nn.Linear(8 * channels, 10),
        )
