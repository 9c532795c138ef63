"""A stand-in for `tensorflow_datasets`, which is not installed: `load`, `builder` and `as_numpy` for what is served."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from grader.probe.offers import offer
from grader.probe.recorder import Recorder
from grader.probe.served import OFFLINE, Part, Served, missing, serve

NAME = "tensorflow_datasets"
SERVED_NAMES = {"svhn_cropped": "svhn"}
# A split or a slice of one, as in https://www.tensorflow.org/datasets/splits: `train`, `train[:80%]`, `test[100:]`.
SLICE = re.compile(r"(\w+)(?:\[\s*(-?\d+%?)?\s*:\s*(-?\d+%?)?\s*\])?")


@dataclass(frozen=True)
class Label:
    """The feature `label`: the names of the classes."""

    names: list[str]
    shape: tuple[int, ...] = ()

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return len(self.names)

    def int2str(self, index: int) -> str:
        """Name of a class."""
        return self.names[int(index)]

    def str2int(self, name: str) -> int:
        """Number of a class."""
        return self.names.index(name)


@dataclass(frozen=True)
class Image:
    """The feature `image`."""

    shape: tuple[int, ...]
    dtype: Any = np.uint8


@dataclass(frozen=True)
class Split:
    """A part of a data set, in its description."""

    name: str
    num_examples: int


@dataclass(frozen=True)
class Info:
    """What `with_info=True` gives beside the data."""

    name: str
    features: Mapping[str, Any]
    splits: Mapping[str, Split]
    supervised_keys: tuple[str, str] = ("image", "label")


class Builder:
    """A data set of the store, as `tensorflow_datasets.builder` gives it."""

    def __init__(self, served: Served) -> None:
        self._served = served
        splits = {part: Split(part, len(served.part(part)[1])) for part in ("train", "test")}
        features = {"image": Image(self._pictures("train").shape[1:]), "label": Label(list(served.classes))}
        self.info = Info(served.name, features, splits)

    def download_and_prepare(self, *_: Any, **__: Any) -> None:
        """Nothing is to be done."""

    def as_dataset(
        self, split: Any = None, *, as_supervised: bool = False, batch_size: int | None = None, **_: Any
    ) -> Any:
        """One `tf.data.Dataset` per split that is asked for, nested as `split` is; all of them if it is None."""
        if split is None:
            split = {part: part for part in ("train", "test")}
        if isinstance(split, dict):
            return {key: self._one(value, as_supervised, batch_size) for key, value in split.items()}
        if isinstance(split, list | tuple):
            return type(split)(self._one(value, as_supervised, batch_size) for value in split)
        return self._one(split, as_supervised, batch_size)

    def _one(self, split: Any, as_supervised: bool, batch_size: int | None) -> Any:
        import tensorflow as tf

        pieces = [self._piece(text) for text in str(split).split("+")]
        images, labels = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        rows = (images, labels) if as_supervised else {"image": images, "label": labels}
        if batch_size == -1:
            return tf.nest.map_structure(tf.convert_to_tensor, rows)
        made = tf.data.Dataset.from_tensor_slices(rows)
        return made.batch(batch_size) if batch_size else made

    def _piece(self, text: str) -> tuple[Any, Any]:
        match = SLICE.fullmatch(text.strip())
        if match is None or match[1] not in {"train", "test"}:
            raise ValueError(f"Unknown split {text!r}. Should be one of ['test', 'train'].")
        part = cast("Part", match[1])
        images, labels = self._pictures(part), self._served.part(part)[1]
        chosen = slice(*(_place(bound, len(labels)) for bound in match.groups()[1:]))
        return images[chosen], labels[chosen]

    def _pictures(self, part: Part) -> Any:
        images = self._served.part(part)[0]
        return images if images.ndim == 4 else images[..., None]


def install(recorder: Recorder) -> None:
    """Offer the stand-in, unless the real package is there (which would look for its own files)."""
    if importlib.util.find_spec(NAME) is None:
        offer(lambda name: name == NAME, lambda _: _contents(recorder))


def _contents(recorder: Recorder) -> dict[str, Any]:
    message = "tensorflow_datasets is not installed here: a small stand-in gives the data sets of the grader's store"
    recorder.note("substitution", message, NAME)

    def builder(name: str, **_: Any) -> Builder:
        plain = name.partition(":")[0].replace("/", "_")
        plain = SERVED_NAMES.get(plain, plain)
        served = serve(recorder, plain)
        if served is None:
            missing(recorder, name)
            raise ConnectionError(f"Failed to download {name}: {OFFLINE}")
        return Builder(served)

    def load(name: str, *, split: Any = None, with_info: bool = False, **options: Any) -> Any:
        made = builder(name)
        wanted = {key: options[key] for key in ("as_supervised", "batch_size") if key in options}
        data = made.as_dataset(split, **wanted)
        return (data, made.info) if with_info else data

    return {
        "load": load,
        "builder": builder,
        "as_numpy": as_numpy,
        "disable_progress_bar": lambda: None,
        "__version__": "0",
    }


def as_numpy(data: Any) -> Any:
    """Tensors become arrays, data sets iterables of arrays."""
    import tensorflow as tf

    if isinstance(data, tf.data.Dataset):
        return _Arrays(data)
    return tf.nest.map_structure(_arrays, data)


def _arrays(part: Any) -> Any:
    return part.numpy() if hasattr(part, "numpy") else as_numpy(part)


class _Arrays:
    """A data set that gives arrays, as often as it is iterated."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def __iter__(self) -> Iterator[Any]:
        return iter(self._data.as_numpy_iterator())

    def __len__(self) -> int:
        return len(self._data)


def _place(bound: str | None, length: int) -> int | None:
    """Where a slice begins or ends; percentages are rounded to the nearest row."""
    if bound is None:
        return None
    return round(length * int(bound[:-1]) / 100) if bound.endswith("%") else int(bound)
