"""Serves torchvision's data sets and pretrained weights from the grader's store, without a network.

The student's text stays as it is, and so do the classes: only what reads files or downloads is replaced.
"""

from __future__ import annotations

import contextlib
import inspect
import json
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlparse

import numpy as np
import wrapt

from grader.probe.recorder import Recorder

if TYPE_CHECKING:
    from torch.utils.data import Dataset

SERVED_NAMES = {
    "MNIST": "mnist",
    "FashionMNIST": "fashion_mnist",
    "KMNIST": "kmnist",
    "CIFAR10": "cifar10",
    "CIFAR100": "cifar100",
}
KEPT = 16
DEPTH = 8


class StandInWeights(dict[str, Any]):
    """Stands for weights that are not in the store: loading it leaves a model as it was initialised."""


class Data:
    """The served data sets of a run, and which of the student's data sets rest on them.

    Attributes:
        instances: Served data set objects that the student's code made, the newest last.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.instances: deque[Any] = deque(maxlen=KEPT)
        self._last_made = ""

    def install(self) -> None:
        """Hook torchvision's data sets and torch's weight loading as soon as they are imported."""
        wrapt.when_imported("torchvision.datasets.mnist")(self._hook_mnist)
        wrapt.when_imported("torchvision.datasets.cifar")(self._hook_cifar)
        wrapt.when_imported("torchvision.datasets.vision")(self._hook_vision)
        wrapt.when_imported("torchvision.datasets.utils")(self._hook_download)
        wrapt.when_imported("torch.nn.modules.module")(_hook_load_state_dict)
        # torchvision binds the loader's name where it is used: each place that may already have it is hooked.
        for place in ("torch.hub", "torchvision._internally_replaced_utils", "torchvision.models._api"):
            wrapt.when_imported(place)(self._hook_weights)

    def name(self, data_set: Any) -> str:
        """Name of the served data set that a data set object rests on; empty if it rests on none."""
        root = self.root(data_set)
        return "" if root is None else _served_name(root)

    def root(self, data_set: Any) -> Any:
        """The served data set object that a data set object is or wraps; None if there is none."""
        return next((part for part in chain(data_set) if self._is_served(part)), None)

    def served_images(self, name: str) -> np.ndarray | None:
        """All images (uint8) that student code is served, test images first."""
        folder = self.recorder.data_folder(name)
        if folder is None:
            return None
        with np.load(folder / "served.npz") as arrays:
            return np.concatenate([arrays["x_test"], arrays["x_train"]])

    def held_out(self, name: str) -> np.ndarray | None:
        """Images (uint8) whose labels are not here."""
        folder = self.recorder.data_folder(name)
        return None if folder is None else np.load(folder / "held_out.npy")

    @contextlib.contextmanager
    def replaced(self, data_set: Dataset, images: np.ndarray) -> Iterator[Any]:
        """A data set with other images at its root, seen through all that the student put around it.

        Yields:
            The data set, whose items 0 to len(images) - 1 are the images as the student's code prepares them.
        """
        import torch
        from torch.utils.data import Subset

        with contextlib.ExitStack() as stack:
            for part in chain(data_set):
                if isinstance(part, Subset):
                    stack.enter_context(_swapped(part, "indices", range(len(images))))
                elif self._is_served(part):
                    tensors = isinstance(part.data, torch.Tensor)
                    labels = [0] * len(images)
                    stack.enter_context(_swapped(part, "data", torch.from_numpy(images) if tensors else images))
                    stack.enter_context(_swapped(part, "targets", torch.tensor(labels) if tensors else labels))
            yield data_set

    def _is_served(self, part: Any) -> bool:
        return any(part is instance for instance in self.instances)

    def _folder(self, data_set: Any) -> Path | None:
        return self.recorder.data_folder(_served_name(data_set))

    def _serve(self, data_set: Any) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """Images, labels and class names for a data set object."""
        folder = self._folder(data_set)
        assert folder is not None  # noqa: S101  # the callers asked
        with np.load(folder / "served.npz") as arrays:
            part = "train" if data_set.train else "test"
            images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        meta = json.loads((folder / "meta.json").read_text())
        if meta.get("stand_in"):
            name = _served_name(data_set)
            self.recorder.note("stand-in", str(meta["stand_in"]), name)
        self.instances.append(data_set)
        return images, labels, list(meta.get("classes", []))

    def _hook_mnist(self, module: Any) -> None:
        import torch

        data = self

        def load(data_set: Any) -> tuple[Any, Any]:
            images, labels, _ = data._serve(data_set)
            return torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64))

        kind = module.MNIST
        for name, answer in (
            ("_check_legacy_exist", lambda _: False),
            ("_check_exists", lambda _: True),
            ("download", lambda _: None),
            ("_load_data", load),
        ):
            setattr(kind, name, self._if_served(getattr(kind, name), answer))
        kind._check_exists = self._noting_absence(kind._check_exists)

    def _if_served(self, original: Callable[[Any], Any], answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def method(data_set: Any) -> Any:
            return (answer if self._folder(data_set) else original)(data_set)

        return method

    def _noting_absence(self, original: Callable[[Any], bool]) -> Callable[[Any], bool]:
        def method(data_set: Any) -> bool:
            there = original(data_set)
            if not there:
                self._missing(_torchvision_name(data_set))
            return there

        return method

    def _hook_cifar(self, module: Any) -> None:
        kind = module.CIFAR10
        kind._check_integrity = self._noting_absence(kind._check_integrity)
        signature = inspect.signature(kind.__init__)

        @wrapt.decorator
        def made(original: Any, data_set: Any, args: Any, kwargs: Any) -> None:
            if self._folder(data_set) is None:
                original(*args, **kwargs)
            else:
                self._make_cifar(data_set, signature.bind(data_set, *args, **kwargs).arguments)

        kind.__init__ = made(kind.__init__)

    def _make_cifar(self, data_set: Any, arguments: dict[str, Any]) -> None:
        from torchvision.datasets.vision import VisionDataset

        transforms = {name: arguments.get(name) for name in ("transform", "target_transform")}
        VisionDataset.__init__(data_set, arguments["root"], **transforms)
        data_set.train = arguments.get("train", True)
        data_set.data, labels, data_set.classes = self._serve(data_set)
        data_set.targets = [int(label) for label in labels]
        data_set.class_to_idx = {name: index for index, name in enumerate(data_set.classes)}

    def _hook_vision(self, module: Any) -> None:
        @wrapt.decorator
        def made(original: Any, data_set: Any, args: Any, kwargs: Any) -> None:
            self._last_made = _torchvision_name(data_set)
            original(*args, **kwargs)

        module.VisionDataset.__init__ = made(module.VisionDataset.__init__)

    def _hook_download(self, module: Any) -> None:
        def retrieve(url: str, *_: Any, **__: Any) -> None:
            self._missing(self._last_made or Path(urlparse(url).path).name)
            raise URLError("[Errno -3] Temporary failure in name resolution")

        module._urlretrieve = retrieve

    def _missing(self, name: str) -> None:
        self.recorder.note("missing", f"the data set {name} is not in the grader's store", name)

    def _hook_weights(self, module: Any) -> None:
        import torch

        def load_state_dict_from_url(
            url: str, _model_dir: Any = None, map_location: Any = None, *_: Any, file_name: str = "", **__: Any
        ) -> dict[str, Any]:
            name = file_name or Path(urlparse(url).path).name
            path = self.recorder.settings.weights.get(name)
            if path:
                return torch.load(path, map_location=map_location, weights_only=True)
            message = f"weights {name} are not in the grader's store: seeded random weights stand in"
            self.recorder.note("stand-in", message, name)
            return StandInWeights()

        module.load_state_dict_from_url = load_state_dict_from_url


def chain(data_set: Any) -> Iterator[Any]:
    """A data set and what it wraps, the outermost first: subsets, concatenations, and the student's own wrappers."""
    from torch.utils.data import Dataset

    for _ in range(DEPTH):
        if not isinstance(data_set, Dataset):
            return
        yield data_set
        attributes = list(getattr(data_set, "__dict__", {}).values())
        nested = [value[0] if isinstance(value, (list, tuple)) and value else value for value in attributes]
        data_set = next((value for value in nested if isinstance(value, Dataset)), None)


def _torchvision_name(data_set: Any) -> str:
    """Name of the torchvision class that a data set object is or extends."""
    kinds = [kind for kind in type(data_set).__mro__ if kind.__module__.startswith("torchvision.datasets")]
    return (kinds[0] if kinds else type(data_set)).__name__


def _served_name(data_set: Any) -> str:
    name = _torchvision_name(data_set)
    return SERVED_NAMES.get(name, name.lower())


def _hook_load_state_dict(module: Any) -> None:
    @wrapt.decorator
    def load(original: Any, _: Any, args: Any, kwargs: Any) -> Any:
        given = args[0] if args else kwargs.get("state_dict")
        return module._IncompatibleKeys([], []) if isinstance(given, StandInWeights) else original(*args, **kwargs)

    module.Module.load_state_dict = load(module.Module.load_state_dict)


@contextlib.contextmanager
def _swapped(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
