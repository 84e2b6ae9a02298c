"""The built-in tasks for the contract tests, each on few of its rows: quick, and trained as it stands."""

from __future__ import annotations

import tempfile
from pathlib import Path

from epochsearch.tasks.california_housing import CaliforniaHousing, CaliforniaHousingLinear
from epochsearch.tasks.characters import CharactersGru, CharactersLstm, CharactersRnn, CharactersTransformer
from epochsearch.tasks.digits import DigitsResnet
from epochsearch.tasks.digits_detection import DigitsDetection
from epochsearch.tasks.digits_pretrained import DigitsPretrained
from epochsearch.tasks.digits_segmentation import DigitsSegmentation
from epochsearch.tasks.digits_transfer import DigitsTransfer
from epochsearch.tasks.docstrings import DocstringsLstm, DocstringsTransformer
from epochsearch.tasks.images import Cifar10, FashionMnist, Mnist
from epochsearch.tasks.newsgroups import Newsgroups
from epochsearch.tasks.sunspots import SunspotsGru, SunspotsLinear
from tests.small_classics import WRITERS, only_in


class _Few:
    """One row in sixteen."""

    def data(self):
        x, y = super().data()
        return x[::16], y[::16]

    def groups(self):
        groups = super().groups()
        return None if groups is None else groups[::16]


class FewDigitsResnet(_Few, DigitsResnet):
    """A residual network."""


class FewScenesToSegment(_Few, DigitsSegmentation):
    """A class at each pixel, a U-Net."""


class FewScenesToDetectIn(_Few, DigitsDetection):
    """Boxes with their classes, a loss and metrics of the task's own."""


class FewDigitsToTransfer(_Few, DigitsTransfer):
    """A backbone that was trained before, frozen up to the fourth epoch and slower from there on."""

    train_rows = 30

    def model(self):
        return super().model(unfreeze=4, backbone_rate=0.3)


class FewDigitsAfterImageNet(_Few, DigitsPretrained):
    """A large backbone from a package, frozen up to the fourth epoch."""

    train_rows = 10

    def model(self):
        return super().model(unfreeze=4)


class FewDocstringsLstm(_Few, DocstringsLstm):
    """Padded rows in batches of like length, an LSTM."""


class FewDocstringsTransformer(_Few, DocstringsTransformer):
    """The same with attention."""


class _FewCharacters:
    """One row in 64: they are long."""

    def data(self):
        x, y = super().data()
        return x[::64], y[::64]

    def groups(self):
        return super().groups()[::64]


class FewCharactersRnn(_FewCharacters, CharactersRnn):
    """A class at each position, recurrent networks."""


class FewCharactersGru(_FewCharacters, CharactersGru):
    """Another cell."""


class FewCharactersLstm(_FewCharacters, CharactersLstm):
    """Another cell."""


class FewCharactersTransformer(_FewCharacters, CharactersTransformer):
    """The same with attention."""


class FewSunspots(_Few, SunspotsGru):
    """A real target, rows in the order of time."""


class FewSunspotsLinear(_Few, SunspotsLinear):
    """The same with one layer."""


class _FromSmallFiles:
    """Files of the real format, few rows in them."""

    files: str

    def data(self):
        with tempfile.TemporaryDirectory() as folder, only_in(Path(folder)):
            WRITERS[self.files](Path(folder) / self.files)
            return super().data()


class FewImagesOfMnist(_FromSmallFiles, Mnist):
    """The published test part, a CNN."""

    files = "mnist"


class FewClothes(_FromSmallFiles, FashionMnist):
    """The same."""

    files = "fashion-mnist"


class FewPhotographs(_FromSmallFiles, Cifar10):
    """Three channels."""

    files = "cifar10"


class FewDistricts(_FromSmallFiles, CaliforniaHousing):
    """A standardised target."""

    files = "california-housing"


class FewDistrictsLinear(_FromSmallFiles, CaliforniaHousingLinear):
    """The same, one layer."""

    files = "california-housing"


class FewPosts(_FromSmallFiles, Newsgroups):
    """The published test part, a bag of embeddings."""

    files = "20newsgroups"


TASKS: dict[str, str] = {
    name: f"tests/contract/task_subjects.py:{name}" for name in list(globals()) if name.startswith("Few")
}
"""Name -> task reference."""
