"""Serves data sets and pretrained weights to Keras code that would download them."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import json
import sys
import tempfile
from functools import partial
from pathlib import Path, PurePosixPath
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from grader.probe import web
from grader.probe.figures import see_picture
from grader.probe.keras_forward import replace
from grader.probe.keras_training import Call
from grader.probe.recorder import Recorder
from grader.probe.served import Served, serve

STAND_IN = "/grader/stand-in/"
CLASS_INDEX = "imagenet_class_index.json"
DATA_SETS = ("mnist", "fashion_mnist", "cifar10", "cifar100")
# The superclass of each class of CIFAR-100, in the order of the labels: https://www.cs.toronto.edu/~kriz/cifar.html
COARSE = (
    4, 1, 14, 8, 0, 6, 7, 7, 18, 3, 3, 14, 9, 18, 7, 11, 3, 9, 7, 11, 6, 11, 5, 10, 7, 6, 13, 15, 3, 15, 0, 11, 1, 10,
    12, 14, 16, 9, 11, 5, 5, 19, 8, 8, 15, 13, 14, 17, 18, 10, 16, 4, 17, 4, 2, 0, 17, 4, 18, 17, 10, 3, 2, 12, 12, 16,
    12, 1, 9, 19, 2, 10, 0, 1, 16, 12, 9, 13, 15, 13, 16, 19, 2, 4, 6, 19, 5, 5, 8, 19, 18, 1, 2, 15, 6, 0, 17, 8, 14,
    13,
)  # fmt: skip
# What the real `get_file` ends with when there is no network.
OFFLINE = "URL fetch failure on {}: None -- [Errno -3] Temporary failure in name resolution"


class Downloads:
    """Answers instead of the network."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def hook(self) -> None:
        """Replace Keras' downloads. To be called once Keras is imported."""
        from keras.src import datasets
        from keras.src.models.model import Model
        from keras.src.utils import file_utils, model_visualization

        rebind(replace(file_utils, "get_file", self._get_file), file_utils.get_file)
        for name in DATA_SETS:
            module = getattr(datasets, name)
            rebind(replace(module, "load_data", partial(self._load_data, name)), module.load_data)
        replace(Model, "load_weights", self._load_weights)
        rebind(replace(model_visualization, "plot_model", self._plot_model), model_visualization.plot_model)

    def _get_file(self, get_file: Call, fname: Any = None, origin: Any = None, *args: Any, **kwargs: Any) -> str:
        """A served file; a mark in place of unserved pretrained weights; else the error that there is no network."""
        if not isinstance(origin, str) or urlsplit(origin).scheme == "file":
            return str(get_file(fname, origin, *args, **kwargs))
        name = PurePosixPath(urlsplit(origin).path).name
        if name == "mnist.npz" and (served := serve(self.recorder, "mnist")):
            return archive(served)
        if path := self._file(name, str(fname)):
            return path
        if web.found(self.recorder, origin):
            hashes = ("file_hash", "md5_hash")  # an instructor's copy need not be the published file
            return str(get_file(fname, origin, *args, **{k: v for k, v in kwargs.items() if k not in hashes}))
        if name == CLASS_INDEX:
            return class_index(self.recorder)
        if is_pretrained(name, origin):
            return STAND_IN + name
        self.recorder.note("missing", f"there is no network here to get {origin}", asked_data_set() or name)
        raise Exception(OFFLINE.format(origin))  # noqa: TRY002  as Keras does

    def _file(self, *names: str) -> str | None:
        """The weights that are served under one of these names."""
        return next((path for name in names if (path := self.recorder.settings.weights.get(name))), None)

    def _plot_model(self, plot: Call, *args: Any, **kwargs: Any) -> Any:
        """Keras draws with pydot and Graphviz, which may be absent: then there is no picture, and it is said."""
        from keras.src.utils.model_visualization import check_graphviz

        if not check_graphviz():
            message = "plot_model drew nothing: pydot or Graphviz is not installed in this grading environment"
            self.recorder.note("missing", message, "pydot")
        drawn = plot(*args, **kwargs)
        file = Path(kwargs.get("to_file", args[1] if len(args) > 1 else "model.png"))
        if file.suffix == ".png" and file.is_file():
            with contextlib.suppress(Exception):  # the student has the picture, whatever the probe makes of it
                see_picture(file)
        return drawn

    def _load_data(self, name: str, load: Call, *args: Any, **kwargs: Any) -> Any:
        """A data set as `keras.datasets` gives it: ((x_train, y_train), (x_test, y_test)), all uint8."""
        served = serve(self.recorder, name)
        if served is None:
            return load(*args, **kwargs)
        coarse = name == "cifar100" and "coarse" in (*args, *kwargs.values())
        return tuple((images, _labels(name, labels, coarse)) for images, labels in (served.train, served.test))

    def _load_weights(self, load: Call, model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        """Weights that are not served leave the model as it was initialised, from the seed of the run."""
        name = PurePosixPath(str(filepath)).name
        if not str(filepath).startswith(STAND_IN) and (Path(filepath).exists() or "_weights_tf_" not in name):
            return load(model, filepath, *args, **kwargs)
        if path := self.recorder.settings.weights.get(name):
            return load(model, path, *args, **kwargs)
        message = f"the pretrained weights {name} are not available here: the network kept its random initial weights"
        self.recorder.note("stand-in", message, name)
        return None


def _labels(name: str, labels: NDArray[Any], coarse: bool) -> NDArray[Any]:
    """Labels in the shape and type of `keras.datasets`: those of CIFAR stand in a column."""
    if name == "cifar100":
        return (np.array(COARSE)[labels] if coarse else labels).reshape(-1, 1)
    return labels.astype(np.uint8).reshape((-1, 1) if name == "cifar10" else -1)


def archive(served: Served) -> str:
    """Path of a file like `mnist.npz`, the code's own copy."""
    path = Path(tempfile.gettempdir()) / f"{served.name}.npz"
    (x_train, y_train), (x_test, y_test) = served.train, served.test
    np.savez(path, x_train=x_train, y_train=y_train.astype(np.uint8), x_test=x_test, y_test=y_test.astype(np.uint8))
    return str(path)


def class_index(recorder: Recorder) -> str:
    """Path of a file like `imagenet_class_index.json`: torchvision's names of the 1,000 classes, with made-up codes."""
    names = imagenet_names()
    made = {str(index): [f"n{index:08d}", name.replace(" ", "_")] for index, name in enumerate(names)}
    path = Path(tempfile.gettempdir()) / CLASS_INDEX
    path.write_text(json.dumps(made), encoding="utf-8")
    words = "the names of ImageNet's classes come from torchvision" if names[0] != "class 0" else "classes have numbers"
    recorder.note(
        "stand-in", f"{CLASS_INDEX} is not here: {words}, and codes such as n00000281 are made up", CLASS_INDEX
    )
    return str(path)


def imagenet_names() -> list[str]:
    """Names of ImageNet's classes, read from torchvision's text: importing it after TensorFlow ends the process."""
    spec = importlib.util.find_spec("torchvision")
    if spec is not None and spec.origin is not None:
        text = (Path(spec.origin).parent / "models" / "_meta.py").read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_IMAGENET_CATEGORIES":
                return list(ast.literal_eval(node.value))
    return [f"class {index}" for index in range(1000)]


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
