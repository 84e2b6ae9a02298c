"""The built-in tasks by name; one is imported when it is asked for: listing them imports no model library.

A test compares the figures here with the data and the models.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

from epochsearch.core.errors import NotFoundError, nearest
from epochsearch.tasks.base import Task
from epochsearch.tasks.classics import CLASSICS
from epochsearch.tasks.entry import Entry, Origin
from epochsearch.tasks.near_files import nearest_file

_DIGITS = Origin("Alpaydin and Kaynak 1998, UCI, in scikit-learn", "CC BY 4.0")
_PRETRAINED = Origin(f"{_DIGITS.source}; weights: EfficientNet-Lite0", "CC BY 4.0, Apache-2.0")
_BREAST_CANCER = Origin("Wolberg et al. 1993, UCI, in scikit-learn", "CC BY 4.0")
_DIABETES = Origin("Efron et al. 2004, in scikit-learn", "none stated")
_SUNSPOTS = Origin("National Geophysical Data Center, in statsmodels", "public domain")
_PYTHON = Origin("Python's standard library, as installed", "PSF-2.0")

ENTRIES: Mapping[str, Entry] = {
    "digits": Entry(
        "digits:Digits", "Handwritten digits, MLP", "64-128-128-10 ReLU",
        _DIGITS, 1797, (64,), 10, 26122, 0.005,
    ),
    "digits-linear": Entry(
        "digits:DigitsLinear", "Handwritten digits, softmax regression", "one layer",
        _DIGITS, 1797, (64,), 10, 650, 0.002,
    ),
    "digits-cnn": Entry(
        "digits:DigitsCnn", "Handwritten digits, CNN", "two convolutions, batch norm",
        _DIGITS, 1797, (1, 8, 8), 10, 6138, 0.04,
    ),
    "digits-resnet": Entry(
        "digits:DigitsResnet", "Handwritten digits, residual network", "two residual blocks",
        _DIGITS, 1797, (1, 8, 8), 10, 19706, 0.2,
    ),
    "digits-segmentation": Entry(
        "digits_segmentation:DigitsSegmentation", "Pixels of digits in scenes, U-Net", "U-Net, 8-16-32",
        _DIGITS, 898, (1, 28, 28), 11, 26939, 0.5,
    ),
    "digits-detection": Entry(
        "digits_detection:DigitsDetection", "Boxes and classes of digits in scenes", "CNN on a grid of 7x7",
        _DIGITS, 898, (1, 28, 28), 10, 61375, 0.3, boxes=True,
    ),
    "digits-transfer": Entry(
        "digits_transfer:DigitsTransfer", "Digits 5 to 9 after 0 to 4, fine-tuned", "CNN, frozen then slower",
        _DIGITS, 896, (1, 8, 8), 5, 5493, 0.1,
    ),
    "digits-transfer-100": Entry(
        "digits_transfer:DigitsTransfer100", "The same with 100 training rows", "CNN, frozen then slower",
        _DIGITS, 896, (1, 8, 8), 5, 5493, 0.02,
    ),
    "digits-transfer-20": Entry(
        "digits_transfer:DigitsTransfer20", "The same with 20 training rows", "CNN, frozen then slower",
        _DIGITS, 896, (1, 8, 8), 5, 5493, 0.02,
    ),
    "digits-scratch": Entry(
        "digits_transfer:DigitsScratch", "Digits 5 to 9 from scratch", "the same CNN",
        _DIGITS, 896, (1, 8, 8), 5, 5493, 0.1,
    ),
    "digits-scratch-100": Entry(
        "digits_transfer:DigitsScratch100", "The same with 100 training rows", "the same CNN",
        _DIGITS, 896, (1, 8, 8), 5, 5493, 0.02,
    ),
    "digits-scratch-20": Entry(
        "digits_transfer:DigitsScratch20", "The same with 20 training rows", "the same CNN",
        _DIGITS, 896, (1, 8, 8), 5, 5493, 0.02,
    ),
    "digits-pretrained": Entry(
        "digits_pretrained:DigitsPretrained", "200 digits after ImageNet, fine-tuned", "EfficientNet-Lite0",
        _PRETRAINED, 1797, (1, 8, 8), 10, 3383818, 2.0,
    ),
    "digits-sgd": Entry(
        "digits:DigitsSgd", "Handwritten digits, scikit-learn", "SGDClassifier, log loss",
        _DIGITS, 1797, (64,), 10, 650, 0.02,
    ),
    "breast-cancer": Entry(
        "breast_cancer:BreastCancer", "Breast cancer, MLP", "30-64-64-2 ReLU",
        _BREAST_CANCER, 569, (30,), 2, 6274, 0.002,
    ),
    "breast-cancer-linear": Entry(
        "breast_cancer:BreastCancerLinear", "Breast cancer, logistic regression", "one output",
        _BREAST_CANCER, 569, (30,), 2, 31, 0.001,
    ),
    "diabetes": Entry(
        "diabetes:Diabetes", "Diabetes progression, MLP", "10-64-64-1 ReLU",
        _DIABETES, 442, (10,), None, 4929, 0.002,
    ),
    "diabetes-linear": Entry(
        "diabetes:DiabetesLinear", "Diabetes progression, linear regression", "one layer",
        _DIABETES, 442, (10,), None, 11, 0.001,
    ),
    "sunspots-gru": Entry(
        "sunspots:SunspotsGru", "Next year's sunspots, GRU", "GRU of 16 cells",
        _SUNSPOTS, 297, (12,), None, 929, 0.01,
    ),
    "sunspots-linear": Entry(
        "sunspots:SunspotsLinear", "Next year's sunspots, autoregression", "one layer",
        _SUNSPOTS, 297, (12,), None, 13, 0.003,
    ),
    "docstrings-lstm": Entry(
        "docstrings:DocstringsLstm", "Package of a docstring, LSTM", "LSTM of 32 cells",
        _PYTHON, 1680, (64,), 8, 404744, 0.15,
    ),
    "docstrings-transformer": Entry(
        "docstrings:DocstringsTransformer", "Package of a docstring, Transformer", "encoder, one layer",
        _PYTHON, 1680, (64,), 8, 416504, 0.4,
    ),
    "characters-rnn": Entry(
        "characters:CharactersRnn", "Next character of a source, recurrent network", "recurrent, 64 cells",
        _PYTHON, 4096, (128,), 97, 674145, 2.0,
    ),
    "characters-gru": Entry(
        "characters:CharactersGru", "Next character of a source, GRU", "GRU of 64 cells",
        _PYTHON, 4096, (128,), 97, 686689, 3.3,
    ),
    "characters-lstm": Entry(
        "characters:CharactersLstm", "Next character of a source, LSTM", "LSTM of 64 cells",
        _PYTHON, 4096, (128,), 97, 692961, 2.3,
    ),
    "characters-transformer": Entry(
        "characters:CharactersTransformer", "Next character of a source, Transformer", "decoder, one layer",
        _PYTHON, 4096, (128,), 97, 681633, 2.7,
    ),
    **CLASSICS,
}  # fmt: skip


def built_in_task(name: str) -> Task:
    """Return a new object of the built-in task.

    Raises:
        NotFoundError: There is no task of that name.
    """
    if name not in ENTRIES:
        near = nearest_file(Path(name))
        meant = f"Did you mean '{near}'?" if near else nearest(name, ENTRIES)
        action = f"{meant} A file of your own: FILE.py:Name; recorded curves: table:PATH"
        raise NotFoundError("task", name, "there is no built-in task of that name", action)
    module, _, class_name = ENTRIES[name].target.partition(":")
    task: Task = getattr(importlib.import_module(f"epochsearch.tasks.{module}"), class_name)()
    task.reference = name
    return task
