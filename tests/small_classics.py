"""Small files laid out as the larger classics are: in a user's folder, and in scikit-learn's cache.

The numbers are made up, the formats are the real ones; SHA256SUMS says that they are of one's own making.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import json
import pickle
import struct
import tarfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import joblib
import numpy as np
import pytest

from epochsearch.tasks.datasets.places import CIFAR_FILES, IDX_FILES, NEWS_FOLDERS, VARIABLE

TRAIN, TEST = 60, 10  # of MNIST's format
EACH = 14  # records of each of CIFAR's six files
DISTRICTS = 80
POSTS = {0: 3, 1: 2}  # of each group, in the training and the test part
GROUPS = [f"topic.{letter}" for letter in "abcdefghijklmnopqrst"]
OFFLINE = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "no_proxy": ""}
"""Settings under which every fetch fails at once, wherever the tests run."""


def grey_images() -> tuple[np.ndarray, np.ndarray]:
    """Return pixels (70, 28, 28) and classes (70,), the ten of the test part last."""
    drawn = np.random.default_rng(0).integers(0, 256, (TRAIN + TEST, 28, 28), dtype=np.uint8)
    return drawn, (np.arange(TRAIN + TEST) % 10).astype(np.uint8)


def colour_images() -> tuple[np.ndarray, np.ndarray]:
    """Return pixels (84, 3, 32, 32) and classes (84,), the fourteen of the test part last."""
    rows = EACH * len(CIFAR_FILES)
    drawn = np.random.default_rng(1).integers(0, 256, (rows, 3, 32, 32), dtype=np.uint8)
    return drawn, (np.arange(rows) % 10).astype(np.uint8)


def districts() -> np.ndarray:
    """Return the nine numbers of each district, (80, 9), as StatLib's file has them."""
    random = np.random.default_rng(2)
    households = random.integers(50, 500, DISTRICTS).astype(float)
    columns = [
        random.uniform(-124, -114, DISTRICTS).round(2),
        random.uniform(32, 42, DISTRICTS).round(2),
        random.integers(1, 52, DISTRICTS).astype(float),
        households * 5 + 1,
        households + 7,
        households * 3 - 2,
        households,
        random.uniform(0.5, 15, DISTRICTS).round(4),
        random.integers(15, 500, DISTRICTS) * 1000.0,
    ]
    return np.column_stack(columns)


def posts() -> dict[str, str]:
    """Return texts by path, as in the archive: part/group/number."""
    texts = {}
    for part, count in POSTS.items():
        for group in GROUPS:
            for number in range(count):
                name = f"{NEWS_FOLDERS[part]}/{group}/{100 * part + number}"
                texts[name] = (
                    f"From: someone@{group}\nSubject: {group}\n\n"
                    f"In article <7> you wrote:\n> quoted {group}\n"
                    f"a word on {group.replace('.', ' ')} number {number}, caf\xe9\n--\nA. Name, {group}\n"
                )
    return texts


def idx(array: np.ndarray) -> bytes:
    """Return unsigned bytes in IDX's format."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


def write_grey(folder: Path) -> None:
    """Write the four files of MNIST's format, images in gzip's."""
    images, labels = grey_images()
    parts = (images[:TRAIN], labels[:TRAIN], images[TRAIN:], labels[TRAIN:])
    for name, part in zip(IDX_FILES, parts, strict=True):
        content = idx(part)
        file = folder / (f"{name}.gz" if "images" in name else name)
        write(file, gzip.compress(content) if "images" in name else content)


def write_colour(folder: Path) -> None:
    """Write the six files of CIFAR-10's binary version."""
    images, labels = colour_images()
    records = np.column_stack([labels[:, None], images.reshape(len(images), -1)])
    for name, batch in zip(CIFAR_FILES, np.split(records, len(CIFAR_FILES)), strict=True):
        write(folder / name, batch.tobytes())


def write_districts(folder: Path) -> None:
    """Write the file of the California housing data."""
    lines = [",".join(f"{number:f}" for number in row) for row in districts()]
    write(folder / "cal_housing.data", ("\n".join(lines) + "\n").encode())


def write_posts(folder: Path) -> None:
    """Write the two folders of the 20 newsgroups."""
    for name, text in posts().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode("latin-1"))


def write_archive(file: Path, contents: Mapping[str, bytes]) -> None:
    """Write a .tar.gz of these contents by their paths."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    write(file, made.getvalue())


def write(file: Path, content: bytes) -> None:
    """Write a file and its line in SHA256SUMS beside it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    with file.with_name("SHA256SUMS").open("a") as sums:
        sums.write(f"{hashlib.sha256(content).hexdigest()}  {file.name}\n")


WRITERS = {
    "mnist": write_grey,
    "fashion-mnist": write_grey,
    "cifar10": write_colour,
    "california-housing": write_districts,
    "20newsgroups": write_posts,
}
"""Name of a data set -> what writes it into a folder."""


def write_all(home: Path) -> Path:
    """Write every data set below `home`, as EPOCHSEARCH_DATA wants it, and return `home`."""
    for name, write_into in WRITERS.items():
        if not (home / name).exists():
            write_into(home / name)
    return home


@contextmanager
def only_in(home: Path) -> Iterator[None]:
    """Let data be found in this folder alone: no other way has any, and nothing can be fetched."""
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv(VARIABLE, str(home))
        settings.setenv("SCIKIT_LEARN_DATA", str(home / "cache"))
        for name, value in OFFLINE.items():
            settings.setenv(name, value)
        settings.setattr(urllib.request, "_opener", None)  # the one made now keeps the settings: not after
        yield


def cache_openml(home: Path, number: int, images: np.ndarray, labels: np.ndarray) -> None:
    """Write images as `fetch_openml` keeps a data set: description, features, qualities, data."""
    pixels = images.reshape(len(images), -1)
    names = [f"pixel{i + 1}" for i in range(pixels.shape[1])]
    arff = "@RELATION small\n" + "".join(f"@ATTRIBUTE {name} real\n" for name in names)
    arff += "@ATTRIBUTE class {0,1,2,3,4,5,6,7,8,9}\n@DATA\n"
    arff += "".join(f"{','.join(map(str, row))},{label}\n" for row, label in zip(pixels, labels, strict=True))
    path = f"data/v1/download/{number}/small.arff"
    description = {
        "id": str(number), "name": "small", "version": "1", "format": "ARFF", "status": "active",
        "file_id": str(number), "url": f"https://www.openml.org/{path}", "description": "small",
        "md5_checksum": hashlib.md5(arff.encode(), usedforsecurity=False).hexdigest(),
    }  # fmt: skip
    features = [feature(i, name, "numeric", "false") for i, name in enumerate(names)]
    features.append(feature(len(names), "class", "nominal", "true"))
    qualities = [{"name": "NumberOfInstances", "value": str(len(pixels))}]
    api = home / "openml" / "openml.org" / "api/v1/json/data"
    keep(api / f"{number}.gz", json.dumps({"data_set_description": description}))
    keep(api / "features" / f"{number}.gz", json.dumps({"data_features": {"feature": features}}))
    keep(api / "qualities" / f"{number}.gz", json.dumps({"data_qualities": {"quality": qualities}}))
    keep(home / "openml" / "openml.org" / f"{path}.gz", arff)


def cache_housing(home: Path) -> None:
    """Write the districts as `fetch_california_housing` keeps them."""
    home.mkdir(parents=True, exist_ok=True)
    joblib.dump(districts()[:, [8, 7, 2, 3, 4, 5, 6, 1, 0]], home / "cal_housing_py3.pkz", compress=6)


def cache_news(home: Path) -> None:
    """Write the texts as `fetch_20newsgroups` keeps them: what `load_files` makes of the two folders."""
    from sklearn.datasets import load_files

    unpacked = home / "20news_home"
    write_posts(unpacked)
    kept = {
        part: load_files(str(unpacked / folder), encoding="latin1")
        for part, folder in zip(("train", "test"), NEWS_FOLDERS, strict=True)
    }
    (home / "20news-bydate_py3.pkz").write_bytes(codecs.encode(pickle.dumps(kept), "zlib_codec"))


def feature(index: int, name: str, kind: str, target: str) -> dict[str, str]:
    """Return what OpenML says of a column."""
    return {
        "index": str(index), "name": name, "data_type": kind, "is_target": target, "is_ignore": "false",
        "is_row_identifier": "false", "number_of_missing_values": "0",
    }  # fmt: skip


def keep(file: Path, text: str) -> None:
    """Write a text in gzip's format."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(text.encode()))
