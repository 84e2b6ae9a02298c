"""A LightningModule and a datamodule as they are written for Lightning alone."""

from __future__ import annotations

import lightning.pytorch as lightning
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, Subset, random_split

import epochsearch

ROWS, COLUMNS = 97, 6


def blobs() -> tuple[np.ndarray, np.ndarray]:
    y = np.arange(ROWS) % 3
    return np.random.default_rng(0).normal(size=(ROWS, COLUMNS)) + y[:, None], y


class Rows(Dataset):
    """Changed at random while training, as images are."""

    def __init__(self, indexes, *, noisy):
        self.indexes, self.noisy = indexes, noisy
        self.x, self.y = (torch.as_tensor(part) for part in blobs())

    def __len__(self):
        return len(self.indexes)

    def __getitem__(self, index):
        row = self.indexes[index]
        x = self.x[row].float()
        return x + 0.1 * torch.randn(COLUMNS) if self.noisy else x, self.y[row]


class Blobs(lightning.LightningDataModule):
    """Splits at random, without a generator, each time that it is set up."""

    def __init__(self, batch_size=32):
        super().__init__()
        self.save_hyperparameters()
        self.batch_size = batch_size

    def setup(self, stage):
        if stage == "fit":
            self.train, self.validation, self.sealed = random_split(range(ROWS), [67, 15, 15])

    def train_dataloader(self):
        return DataLoader(Rows(self.train, noisy=True), self.batch_size, shuffle=True)

    def val_dataloader(self):
        return DataLoader(Rows(self.validation, noisy=False), 10)

    def test_dataloader(self):
        return DataLoader(Rows(self.sealed, noisy=False), 10)


class TwoReadings(Blobs):
    """Its parts are of two datasets of the same rows, of which one is changed at random."""

    def setup(self, stage):
        if stage == "fit":
            noisy, plain = (Rows(range(ROWS), noisy=noisy) for noisy in (True, False))
            parts = random_split(range(ROWS), [67, 15, 15])
            self.parts = [
                Subset(rows, part.indices) for rows, part in zip((noisy, plain, plain), parts, strict=True)
            ]

    def train_dataloader(self):
        return DataLoader(self.parts[0], self.batch_size, shuffle=True)

    def val_dataloader(self):
        return DataLoader(self.parts[1], 10)

    def test_dataloader(self):
        return DataLoader(self.parts[2], 10)


class Net(lightning.LightningModule):
    """Dropout, batch norm, a schedule by step and one by epoch, and gradients that are bounded by a hook."""

    def __init__(self, lr=0.1, width=8):
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(
            nn.Linear(COLUMNS, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(0.2), nn.Linear(width, 3)
        )

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = functional.cross_entropy(self(x), y)
        self.log("train_loss", loss, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        outputs = self(x)
        self.log_dict(
            {
                "val_loss": functional.cross_entropy(outputs, y),
                "val_acc": (outputs.argmax(1) == y).float().mean(),
            }
        )

    def test_step(self, batch, batch_idx):
        x, y = batch
        self.log("test_loss", functional.cross_entropy(self(x), y))

    def configure_optimizers(self):
        optimiser = torch.optim.AdamW(self.parameters(), lr=self.hparams.lr)
        warm = torch.optim.lr_scheduler.LinearLR(optimiser, 0.1, total_iters=6)
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, patience=1)
        return [optimiser], [
            {"scheduler": warm, "interval": "step"},
            {"scheduler": plateau, "monitor": "val_loss"},
        ]


class WithDataModule(epochsearch.Task):
    """Both as they are."""

    hyperparameters = {"width": "8,16"}
    trainer = {"gradient_clip_val": 0.5}

    def data(self):
        return Blobs()

    def model(self, learning_rate, width=8):
        return Net(learning_rate, width)


class InFolds(WithDataModule):
    """The module on other rows than the datamodule's own training part."""

    def data(self):
        return TwoReadings()


class OnArrays(epochsearch.Task):
    """The module on rows that are split and treated here; it is told the rate by its attribute."""

    def data(self):
        return blobs()

    def model(self):
        return Net()
