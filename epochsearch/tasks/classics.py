"""The built-in tasks whose data no installed package carries; `datasets.places` knows the ways to them.

A test compares the figures here with the models, and with the data where they are.
"""

from __future__ import annotations

from collections.abc import Mapping

from epochsearch.tasks.entry import Entry, Origin

_MNIST = Origin("LeCun, Cortes and Burges 1998", "CC BY-SA 3.0", "mnist")
_FASHION = Origin("Xiao, Rasul and Vollgraf 2017, Zalando", "MIT", "fashion-mnist")
_CIFAR = Origin("Krizhevsky 2009", "none stated", "cifar10")
_HOUSING = Origin("Pace and Barry 1997, StatLib", "none stated", "california-housing")
_NEWS = Origin("Lang 1995, Usenet", "none stated", "20newsgroups")

CLASSICS: Mapping[str, Entry] = {
    "mnist": Entry(
        "images:Mnist", "Handwritten digits of MNIST, CNN", "CNN, 16-32, hidden layer",
        _MNIST, 70000, (1, 28, 28), 10, 105914, 12,
    ),
    "fashion-mnist": Entry(
        "images:FashionMnist", "Clothes of Fashion-MNIST, CNN", "CNN, 16-32, hidden layer",
        _FASHION, 70000, (1, 28, 28), 10, 105914, 12,
    ),
    "cifar10": Entry(
        "images:Cifar10", "Small photographs of CIFAR-10, CNN", "CNN, 32-64-128, hidden layer",
        _CIFAR, 60000, (3, 32, 32), 10, 357034, 40,
    ),
    "california-housing": Entry(
        "california_housing:CaliforniaHousing", "House prices of California, MLP", "8-64-64-1 ReLU",
        _HOUSING, 20640, (8,), None, 4801, 0.05,
    ),
    "california-housing-linear": Entry(
        "california_housing:CaliforniaHousingLinear", "House prices of California, linear", "one layer",
        _HOUSING, 20640, (8,), None, 9, 0.02,
    ),
    "20newsgroups": Entry(
        "newsgroups:Newsgroups", "Newsgroup of a text, bag of embeddings", "bag of embeddings",
        _NEWS, 18846, (256,), 20, 1049876, 0.5,
    ),
}  # fmt: skip
