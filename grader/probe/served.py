"""What a data set that student code asks for is answered with: the real one, a stand-in of the same shape, or nothing.

Every library has its own way to hand a data set over (`torch_data`, `keras_data`, `tfds_data`, `sklearn_data`); what is
handed over is decided here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from grader.probe.recorder import Recorder

Part = Literal["train", "test"]
Labelled = tuple[NDArray[Any], NDArray[Any]]

# What the system says when there is no network.
OFFLINE = "[Errno -3] Temporary failure in name resolution"
DIGITS = tuple("0123456789")
OBJECTS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
# In the order of the labels: https://www.cs.toronto.edu/~kriz/cifar.html
HUNDRED = (
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy",
    "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock",
    "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish",
    "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion",
    "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange",
    "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine",
    "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk",
    "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank",
    "telephone", "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale",
    "willow_tree", "wolf", "woman", "worm",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """What a well-known data set looks like.

    Attributes:
        title: Its name for a person.
        classes: Names of its classes, in the order of the labels.
        lengths: How many pictures its published training and test parts have.
        like: Name of a set whose pictures have the same shape and can stand in for it; empty if there is none.
    """

    title: str
    classes: tuple[str, ...]
    lengths: tuple[int, int]
    like: str = ""


KINDS: Mapping[str, Kind] = {
    "mnist": Kind("MNIST", DIGITS, (60_000, 10_000)),
    "fashion_mnist": Kind("FashionMNIST", CLOTHES, (60_000, 10_000), "mnist"),
    "kmnist": Kind("KMNIST", ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"), (60_000, 10_000), "mnist"),
    "emnist_digits": Kind("EMNIST", DIGITS, (240_000, 40_000), "mnist"),
    "emnist_mnist": Kind("EMNIST", DIGITS, (60_000, 10_000), "mnist"),
    "cifar10": Kind("CIFAR10", OBJECTS, (50_000, 10_000)),
    "cifar100": Kind("CIFAR100", HUNDRED, (50_000, 10_000), "cifar10"),
    "svhn": Kind("SVHN", DIGITS, (73_257, 26_032), "cifar10"),
}


@dataclass(frozen=True, slots=True)
class Served:
    """A data set as student code gets it.

    Attributes:
        name: The name that was asked for, as in `KINDS` or in the store.
        classes: Names of its classes, in the order of the labels.
        train: Pictures (N, H, W) or (N, H, W, 3), uint8, and labels (N,), int64. The arrays are the caller's own.
        test: The same for the public test part.
    """

    name: str
    classes: tuple[str, ...]
    train: Labelled
    test: Labelled

    def part(self, part: Part) -> Labelled:
        """One of the two parts."""
        return self.train if part == "train" else self.test


def counts_on_lengths(code: str) -> bool:
    """Whether code holds a number that can be the length of a published data set, or of a part of one."""
    return re.search(r"(?<![\w.])[1-7]\d_?\d00(?![\w.])", code) is not None


def folder_of(recorder: Recorder, name: str) -> Path | None:
    """Folder of a data set, or of the one that stands in for it; None if there is neither."""
    kind = KINDS.get(name)
    return recorder.data_folder(name) or (recorder.data_folder(kind.like) if kind and kind.like else None)


def serve(recorder: Recorder, name: str) -> Served | None:
    """A data set, with a note of what stands in for what; None if nothing can be served under this name."""
    folder = folder_of(recorder, name)
    if folder is None:
        return None
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    parts = _parts(recorder, name, folder)
    if recorder.data_folder(name) is None:
        kind = KINDS[name]
        said = (
            f"{kind.title} is not in the grader's store: pictures of {KINDS[kind.like].title}, turned on their side, "
        )
        recorder.note("stand-in", f"{said}stand in for it, with {kind.title}'s {len(kind.classes)} classes", name)
    if meta.get("stand_in"):
        recorder.note("stand-in", str(meta["stand_in"]), name)
    if name not in recorder.served:
        recorder.served.append(name)
    classes = _classes(recorder, name, meta, parts)
    return Served(name, classes, *(_long(recorder, name, i, part) for i, part in enumerate(parts)))


def images_of(recorder: Recorder, name: str) -> NDArray[np.uint8] | None:
    """All images that student code is served under a name, test images first; None if there are none."""
    folder = folder_of(recorder, name)
    if folder is None:
        return None
    (train, _), (test, _) = _parts(recorder, name, folder)
    return np.concatenate([test, train])


def labelled(recorder: Recorder, name: str) -> Labelled | None:
    """The test images, with their labels, that student code is served under a name; None if there are none."""
    folder = folder_of(recorder, name)
    return None if folder is None else _parts(recorder, name, folder)[1]


def missing(recorder: Recorder, name: str) -> None:
    """Note that a data set is not served."""
    recorder.note("missing", f"the data set {name} is not in the grader's store", name)


def _parts(recorder: Recorder, name: str, folder: Path) -> tuple[Labelled, Labelled]:
    """Training and test part as they lie in the store; of a stand-in, as it stands in."""
    with np.load(folder / "served.npz", allow_pickle=False) as file:
        train, test = ((file[f"x_{part}"], file[f"y_{part}"].astype(np.int64).ravel()) for part in ("train", "test"))
    if recorder.data_folder(name) is not None:
        return train, test
    if len(KINDS[name].classes) == 100:
        train, test = _hundred(*train), _hundred(*test)
    # Turned, so that nobody takes them for the data set that they come from: neither a student nor the watchers.
    return (_turned(train[0]), train[1]), (_turned(test[0]), test[1])


def _turned(images: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(images.swapaxes(1, 2))


def _hundred(images: NDArray[Any], labels: NDArray[np.int64]) -> Labelled:
    """A hundred classes out of ten: each is parted by how bright its pictures are, which a network can learn."""
    brightness = images.reshape(len(images), -1).mean(axis=1)
    finer = np.empty_like(labels)
    for kind in np.unique(labels):
        mine = np.flatnonzero(labels == kind)
        ranks = brightness[mine].argsort(kind="stable").argsort(kind="stable")
        finer[mine] = kind * 10 + ranks * 10 // len(mine)
    return images, finer


def _classes(recorder: Recorder, name: str, meta: dict[str, Any], parts: tuple[Labelled, Labelled]) -> tuple[str, ...]:
    stored = meta.get("classes")
    if recorder.data_folder(name) is not None and isinstance(stored, list) and stored:
        return tuple(map(str, stored))
    if name in KINDS:
        return KINDS[name].classes
    return tuple(map(str, range(1 + max(int(labels.max(initial=0)) for _, labels in parts))))


def _long(recorder: Recorder, name: str, index: int, part: Labelled) -> Labelled:
    """A part of the published length, where the code counts on it (`random_split(data, [50000, 10000])`)."""
    images, labels = part
    kind = KINDS.get(name)
    if kind is None or not recorder.settings.published_lengths or len(images) >= kind.lengths[index]:
        return images, labels
    length = kind.lengths[index]
    words = f"{len(images):,} pictures of {kind.title} are repeated up to the {length:,} that the code counts on"
    recorder.note("substitution", words, f"{name} {('train', 'test')[index]}")
    again = np.arange(length) % len(images)
    return images[again], labels[again]
