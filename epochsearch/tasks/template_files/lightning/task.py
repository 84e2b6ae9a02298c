"""A LightningModule and its datamodule as they are: pip install 'epochsearch[lightning]'."""

import lightning.pytorch as lightning
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

import epochsearch


class DigitsData(lightning.LightningDataModule):
    """1,797 images of 8x8 pixels, 10 classes, split by the datamodule itself."""

    def __init__(self, batch_size=32):
        super().__init__()
        self.batch_size = batch_size  # epochsearch sets it to what it searches; the loaders read it

    def setup(self, stage):
        """Split the rows; a generator of its own makes it the same split everywhere."""
        pixels, digits = load_digits(return_X_y=True)
        rows = TensorDataset(torch.tensor(pixels / 16, dtype=torch.float32), torch.tensor(digits))
        generator = torch.Generator().manual_seed(0)
        self.train, self.validation, self.sealed = random_split(rows, [0.7, 0.15, 0.15], generator)

    def train_dataloader(self):
        return DataLoader(self.train, self.batch_size, shuffle=True)

    def val_dataloader(self):
        return DataLoader(self.validation, batch_size=512)

    def test_dataloader(self):
        return DataLoader(self.sealed, batch_size=512)


class DigitsNet(lightning.LightningModule):
    """A small network with an optimiser and a schedule of its own."""

    def __init__(self, lr=1e-3, width=64, dropout=0.1):
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, 10))

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        return nn.functional.cross_entropy(self(x), y)

    def validation_step(self, batch, batch_idx):
        self.score(batch, "val")  # val_loss is what the search reads, val_acc a metric: accuracy

    def test_step(self, batch, batch_idx):
        self.score(batch, "test")

    def score(self, batch, part):
        x, y = batch
        outputs = self(x)
        self.log(f"{part}_loss", nn.functional.cross_entropy(outputs, y))
        self.log(f"{part}_acc", (outputs.argmax(dim=1) == y).float().mean())

    def configure_optimizers(self):
        # A schedule in absolute epochs: the first 10 epochs are then the beginning of any longer training.
        optimizer = torch.optim.Adam(self.parameters(), lr=self.hparams.lr)
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.5)]


class Digits(epochsearch.Task):
    """What is searched: epochs, the learning rate, the batch size, and what model() names."""

    epochs = "5:40"
    learning_rate = "1e-4:1e-1"
    batch_size = "16,32,64"
    hyperparameters = {"width": "32,64,128", "dropout": "0.0:0.5"}

    trainer = {"gradient_clip_val": 1.0}  # options of Lightning's Trainer

    def data(self):
        """Return the datamodule; arrays or a Dataset would do as well."""
        return DigitsData()

    def model(self, learning_rate, width, dropout):
        """Return the module, made with what is tried."""
        return DigitsNet(lr=learning_rate, width=width, dropout=dropout)
