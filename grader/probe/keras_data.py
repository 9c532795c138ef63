"""Serves data sets and pretrained weights to Keras code that would download them."""

from __future__ import annotations

import json
import sys
from pathlib import Path, PurePosixPath
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from grader.probe.keras_forward import replace
from grader.probe.keras_training import Call
from grader.probe.recorder import Recorder

STAND_IN = "/grader/stand-in/"
# What the real `get_file` ends with when there is no network.
OFFLINE = "URL fetch failure on {}: None -- [Errno -3] Temporary failure in name resolution"


class Downloads:
    """Answers instead of the network.

    Attributes:
        loaded: Names of the served data sets that student code has loaded.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.loaded: list[str] = []

    def hook(self) -> None:
        """Replace Keras' downloads. To be called once Keras is imported."""
        from keras.src.datasets import cifar10
        from keras.src.models.model import Model
        from keras.src.utils import file_utils

        rebind(replace(file_utils, "get_file", self._get_file), file_utils.get_file)
        rebind(replace(cifar10, "load_data", self._load_cifar10), cifar10.load_data)
        replace(Model, "load_weights", self._load_weights)

    def _get_file(self, get_file: Call, fname: Any = None, origin: Any = None, *args: Any, **kwargs: Any) -> str:
        """A served file; a mark in place of unserved pretrained weights; else the error that there is no network."""
        if not isinstance(origin, str) or urlsplit(origin).scheme == "file":
            return str(get_file(fname, origin, *args, **kwargs))
        name = PurePosixPath(urlsplit(origin).path).name
        if name == "mnist.npz" and (folder := self.recorder.data_folder("mnist")):
            return self._serve("mnist", folder)
        if path := self.recorder.settings.weights.get(name) or self.recorder.settings.weights.get(str(fname)):
            return path
        if is_pretrained(name, origin):
            return STAND_IN + name
        self.recorder.note("missing", f"there is no network here to get {origin}", asked_data_set() or name)
        raise Exception(OFFLINE.format(origin))  # noqa: TRY002  as Keras does

    def _serve(self, name: str, folder: Path) -> str:
        """Path of the served arrays of a data set."""
        if name not in self.loaded:
            self.loaded.append(name)
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        if meta.get("stand_in"):
            self.recorder.note("stand-in", str(meta["stand_in"]), name)
        return str(folder / "served.npz")

    def _load_cifar10(self, load: Call) -> Any:
        """CIFAR-10 as `keras.datasets.cifar10.load_data` gives it: labels in a column."""
        folder = self.recorder.data_folder("cifar10")
        if folder is None:
            return load()
        with np.load(self._serve("cifar10", folder), allow_pickle=False) as file:
            train, test = (file["x_train"], file["y_train"]), (file["x_test"], file["y_test"])
        return tuple((images, labels.reshape(-1, 1)) for images, labels in (train, test))

    def _load_weights(self, load: Call, model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        """Weights that are not served leave the model as it was initialised, from the seed of the run."""
        if not str(filepath).startswith(STAND_IN):
            return load(model, filepath, *args, **kwargs)
        name = str(filepath).removeprefix(STAND_IN)
        message = f"the pretrained weights {name} are not available here: the network kept its random initial weights"
        self.recorder.note("stand-in", message, name)
        return None


def served_images(folder: Path) -> NDArray[np.uint8]:
    """All images of a data set that student code can load: (N, H, W) or (N, H, W, C)."""
    with np.load(folder / "served.npz", allow_pickle=False) as file:
        return np.concatenate([file["x_test"], file["x_train"]])


def is_pretrained(name: str, origin: str) -> bool:
    """Whether a URL is that of weights of `keras.applications`."""
    return name.endswith(".h5") and ("keras-applications" in origin or "weights" in name)


def asked_data_set() -> str:
    """Name of the `keras.datasets` module that is asking for a file; empty if none is."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        package, _, name = str(frame.f_globals.get("__name__")).rpartition(".")
        if package == "keras.src.datasets":
            return name
        frame = frame.f_back
    return ""


def rebind(original: Any, replacement: Any) -> None:
    """Replace a function under every name that Keras' modules bound it to when they were imported."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "keras" and module is not None:
            for attribute, value in list(vars(module).items()):
                if value is original:
                    setattr(module, attribute, replacement)
