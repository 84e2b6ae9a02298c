"""A table of numbers: which of three growers a wine is from."""

from sklearn.datasets import load_wine
from torch import nn

import epochsearch


class Wine(epochsearch.Task):
    """178 wines, 13 measures, 3 growers."""

    # What is searched unless a study or the command line says otherwise: LOW:HIGH, LOW:HIGH:STEPS or A,B,C.
    epochs = "5:60"
    learning_rate = "1e-4:1e-1"
    batch_size = "8,16,32"
    hyperparameters = {"width": "16,32,64", "dropout": "0.0:0.5"}  # model() gets those it names

    # Shares of training, validation and test rows. Columns are standardised on the training rows alone.
    split = (0.70, 0.15, 0.15)

    def data(self):
        """Return inputs and targets: arrays, tensors or DataFrames. Whole numbers or text are classes."""
        # Yours: frame = pandas.read_csv("my.csv"); return frame.drop(columns="label"), frame["label"]
        return load_wine(return_X_y=True)

    def model(self, width, dropout):
        """Return a fresh model: one output for each class (for real targets: one, and y as floats)."""
        return nn.Sequential(nn.Linear(13, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, 3))
