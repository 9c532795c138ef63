"""Data sets: a part to train on and a public test are served, a third part is held out without its labels."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.data.entry import Added, added, added_folder
from grader.data.split import Labelled, Parts, stratified
from grader.data.store import digest, ensure
from grader.errors import OperatorError
from grader.records import Profile

QUICK_HELD_OUT = 1000
_SERVED = "served.npz"
_HELD_OUT = "held_out.npy"


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set that comes with the grader.

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
        digest: SHA-256 of all its files: predictions on it say nothing about a set with another one.
    """

    name: str
    folder: Path
    labels: tuple[int, ...]
    stand_in: str
    classes: tuple[str, ...]
    source: str = ""
    digest: str = ""


DATA_SETS: dict[str, DataSet] = {}


def register(data_set: DataSet) -> None:
    """Add a data set to `DATA_SETS`.

    Raises:
        OperatorError: The name is taken.
    """
    if data_set.name in DATA_SETS:
        raise OperatorError(f"a data set named '{data_set.name}' is registered already", "Give it another name")
    DATA_SETS[data_set.name] = data_set


def prepare(names: Iterable[str], store: Path | None = None, profile: Profile = "full") -> tuple[ServedData, ...]:
    """Data sets, ready to be mounted. What somebody added goes before what comes with the grader.

    Args:
        names: Of data sets; one named twice is given once.
        store: Folder of the data store; `$GRADER_DATA` or the user's cache folder by default.
        profile: `quick` holds at most 1,000 pictures out, `full` all of the held-out part. What is served to train
            and test on is the same.

    Raises:
        OperatorError: A name is unknown, an added data set is damaged, the `data` extra is not installed, or the store
            cannot be written.
    """
    own = added(store)
    return tuple(_served(name, own.get(name), store, profile) for name in dict.fromkeys(names))


def write_parts(parts: Parts, about: DataSet | Added, folder: Path) -> None:
    """Write the parts of a data set into an empty folder of the store: labels of the held-out part lie apart.

    Args:
        parts: What to write.
        about: Name, classes, licence, source and what it stands in for.
        folder: Where to.
    """
    served, private = folder / "served", folder / "private"
    served.mkdir()
    private.mkdir()
    (x_train, y_train), (x_test, y_test) = parts.train, parts.test
    np.savez(served / _SERVED, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    meta = {key: getattr(about, key) for key in ("name", "classes", "stand_in", "source", "licence")}
    (served / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")
    _write_held_out(parts.held_out, served, private / "labels.npy")
    if len(parts.held_out[1]) > QUICK_HELD_OUT:
        _write_quick(parts.held_out, served, folder)


def _write_quick(held_out: Labelled, served: Path, folder: Path) -> None:
    """A second folder to mount, with a smaller held-out part and the same served one."""
    quick = folder / "quick"
    quick.mkdir()
    for name in (_SERVED, "meta.json"):
        _link(served / name, quick / name)
    (some,) = stratified(held_out[1], (QUICK_HELD_OUT,), seed=1)
    _write_held_out((held_out[0][some], held_out[1][some]), quick, folder / "private" / "quick.npy")


def _write_held_out(held_out: Labelled, served: Path, labels: Path) -> None:
    np.save(served / _HELD_OUT, held_out[0], allow_pickle=False)
    np.save(labels, held_out[1], allow_pickle=False)


def _link(source: Path, target: Path) -> None:
    """The same bytes twice, on the disk once where the file system can do that."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _served(name: str, own: Added | None, store: Path | None, profile: Profile) -> ServedData:
    about = own if own and own.kind == "data set" else _known(name, store)
    folder = added_folder(about, store) if isinstance(about, Added) else _embedded(about, store)
    quick = profile == "quick" and (folder / "quick").is_dir()
    labels = np.load(folder / "private" / ("quick.npy" if quick else "labels.npy"), allow_pickle=False)
    return ServedData(
        name=name,
        folder=folder / ("quick" if quick else "served"),
        labels=tuple(int(label) for label in labels),
        stand_in=about.stand_in,
        classes=about.classes,
        source=about.source,
        digest=digest(folder),
    )


def _known(name: str, store: Path | None) -> DataSet:
    if name not in DATA_SETS:
        names = sorted({*DATA_SETS, *(about.name for about in added(store).values() if about.kind == "data set")})
        raise OperatorError(f"there is no data set '{name}'", f"There are: {', '.join(names)}")
    return DATA_SETS[name]


def _embedded(data_set: DataSet, store: Path | None) -> Path:
    key = f"{data_set.name}-{data_set.version}"
    return ensure(key, lambda fresh: write_parts(data_set.build(), data_set, fresh), store)
