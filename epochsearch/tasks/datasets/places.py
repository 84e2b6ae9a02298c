"""Where the data of the larger tasks may lie: a folder of the user's, Debian's package, scikit-learn's cache.

Names are looked up and nothing is read, so that a list of tasks says at once whether the data are there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from epochsearch.core.errors import NotFoundError
from epochsearch.tasks.datasets.openml_cache import has_openml

VARIABLE = "EPOCHSEARCH_DATA"
DEBIAN = Path("/usr/share/datasets")
Way: TypeAlias = Literal["EPOCHSEARCH_DATA", "Debian", "scikit-learn"]

IDX_FILES = tuple(
    f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
)
CIFAR_FILES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
CIFAR_ARCHIVE = "cifar-10-binary.tar.gz"
HOUSING_ARCHIVE, HOUSING_FILE = "cal_housing.tgz", "cal_housing.data"
NEWS_ARCHIVE = "20news-bydate.tar.gz"
NEWS_FOLDERS = ("20news-bydate-train", "20news-bydate-test")


@dataclass(frozen=True, slots=True)
class DataSet:
    """What is known of data that no installed package carries."""

    layouts: tuple[tuple[str, ...], ...]  # in a user's folder: any of these sets of files or folders, whole
    folders: tuple[str, ...]  # where below the user's folder they may stand
    fetcher: str  # of scikit-learn
    cached: Callable[[Path], bool]  # whether scikit-learn's cache at this folder has them
    package: str = ""  # of Debian


@dataclass(frozen=True, slots=True)
class Place:
    """Where data lie; those in scikit-learn's cache are read by scikit-learn."""

    way: Way
    files: tuple[Path, ...] = ()


_OPENML = "scikit-learn's fetch_openml"

DATA_SETS = {
    "mnist": DataSet(
        (IDX_FILES,),
        ("mnist", "MNIST/raw"),
        _OPENML,
        lambda home: has_openml(home, 554),
    ),
    "fashion-mnist": DataSet(
        (IDX_FILES,),
        ("fashion-mnist", "FashionMNIST/raw"),
        _OPENML,
        lambda home: has_openml(home, 40996),
        "dataset-fashion-mnist",
    ),
    "cifar10": DataSet(
        ((CIFAR_ARCHIVE,), CIFAR_FILES),
        ("cifar10", "cifar-10-batches-bin", ""),
        _OPENML,
        lambda home: has_openml(home, 40927),
    ),
    "california-housing": DataSet(
        ((HOUSING_ARCHIVE,), (HOUSING_FILE,)),
        ("california-housing", "CaliforniaHousing", ""),
        "scikit-learn's fetch_california_housing",
        lambda home: any(home.glob("cal_housing*.pkz")),
    ),
    "20newsgroups": DataSet(
        ((NEWS_ARCHIVE,), NEWS_FOLDERS),
        ("20newsgroups", "20news-bydate", ""),
        "scikit-learn's fetch_20newsgroups",
        lambda home: any(home.glob("20news-bydate*.pkz")),
    ),
}


def find(name: str) -> Place | None:
    """Return where the data of this name lie: the first of the three ways that has them whole."""
    known = DATA_SETS[name]
    for folder in _own_folders(known):
        for layout in known.layouts:
            files = tuple(file for plain in layout if (file := _present(folder, plain)))
            if len(files) == len(layout):
                return Place("EPOCHSEARCH_DATA", files)
    if known.package:
        files = tuple(DEBIAN / name / f"{plain}.gz" for plain in known.layouts[0])
        if all(file.is_file() for file in files):
            return Place("Debian", files)
    return Place("scikit-learn") if known.cached(scikit_learn_home()) else None


def files_of(name: str) -> tuple[Path, ...]:
    """Return the files of the data of this name; none: scikit-learn has them, or may fetch them.

    Raises:
        NotFoundError: A folder of the user's has some of them and not all.
    """
    place = find(name)
    if place is None or place.way != "EPOCHSEARCH_DATA":
        for folder in _own_folders(DATA_SETS[name]):
            for layout in DATA_SETS[name].layouts:
                absent = [plain for plain in layout if _present(folder, plain) is None]
                if 0 < len(absent) < len(layout):
                    rule = f"{folder} has some of their files and no {absent[0]}"
                    raise NotFoundError("the data of", name, rule, "Put it there, or move the others away.")
    return place.files if place else ()


def missing(name: str, reason: str) -> NotFoundError:
    """Return the error of data that are on none of the three ways; reason: why they could not be fetched."""
    known = DATA_SETS[name]
    given = os.environ.get(VARIABLE)
    looked = f"are not in {given}" if given else "are not on this machine"
    rule = f"they {looked}, and fetching them failed ({reason})"
    wanted = " or ".join(_some(known.folders[0], layout) for layout in known.layouts)
    package = known.package or "dataset-fashion-mnist"
    debian = f"apt-get install {package}" if known.package else f"run fashion-mnist with Debian's {package}"
    action = f"Set {VARIABLE} to a folder with {wanted}; {debian}; or go online once ({known.fetcher})."
    return NotFoundError("the data of", name, rule, action)


def _own_folders(known: DataSet) -> Iterator[Path]:
    given = os.environ.get(VARIABLE)
    if given:
        home = Path(given).expanduser()
        yield from (home / folder for folder in known.folders)


def _present(folder: Path, plain: str) -> Path | None:
    """Return the file or folder of this name, or the file in gzip's format, if it is there."""
    return next((file for file in (folder / plain, folder / f"{plain}.gz") if file.exists()), None)


def _some(folder: str, layout: tuple[str, ...]) -> str:
    more = {1: "", 2: f" and {layout[-1]}"}.get(len(layout), f" and {len(layout) - 1} more")
    return f"{folder}/{layout[0]}{more}"


def scikit_learn_home() -> Path:
    """Return the folder that `sklearn.datasets.get_data_home` names, without making it."""
    return Path(os.environ.get("SCIKIT_LEARN_DATA") or Path("~", "scikit_learn_data")).expanduser()
