"""Serves torchvision's data sets from the grader's store, without a network.

The student's text stays as it is, and so do the classes: only what reads files or downloads is replaced.
"""

from __future__ import annotations

import contextlib
import inspect
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlparse

import numpy as np
import wrapt

from grader.probe import web
from grader.probe.recorder import Recorder
from grader.probe.served import OFFLINE, Served, folder_of, images_of, missing, serve
from grader.probe.torch_weights import Weights

if TYPE_CHECKING:
    from torch.utils.data import Dataset

SERVED_NAMES = {
    "MNIST": "mnist",
    "FashionMNIST": "fashion_mnist",
    "KMNIST": "kmnist",
    "CIFAR10": "cifar10",
    "CIFAR100": "cifar100",
    "SVHN": "svhn",
    "STL10": "stl10",
}
# Classes that are made, and not loaded, when they are served: each with the module that defines it.
MADE = {"CIFAR10": "cifar", "SVHN": "svhn", "STL10": "stl10"}
# Sets whose pictures are (N, 3, H, W) and whose labels are an array called `labels`.
CHANNELS_FIRST = frozenset({"svhn", "stl10"})
# They have a folder or nothing at all to read from, not a published archive.
NO_DOWNLOAD = frozenset({"VisionDataset", "ImageFolder", "DatasetFolder", "FakeData"})
KEPT = 16
DEPTH = 8


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
        for kind, module in MADE.items():
            hook = partial(self._hook_made, kind)
            wrapt.register_post_import_hook(hook, f"torchvision.datasets.{module}")
        wrapt.when_imported("torchvision.datasets.vision")(self._hook_vision)
        wrapt.when_imported("torchvision.datasets.utils")(self._hook_download)
        wrapt.when_imported("torchvision.datasets")(self._hook_absence)
        Weights(self.recorder).install()

    def name(self, data_set: Any) -> str:
        """Name of the served data set that a data set object rests on; empty if it rests on none."""
        root = self.root(data_set)
        return "" if root is None else _served_name(root)

    def root(self, data_set: Any) -> Any:
        """The served data set object that a data set object is or wraps; None if there is none."""
        return next((part for part in chain(data_set) if self._is_served(part)), None)

    def served_images(self, name: str) -> np.ndarray | None:
        """All images (uint8) that student code is served, test images first."""
        return images_of(self.recorder, name)

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
        from torch.utils.data import Subset

        with contextlib.ExitStack() as stack:
            for part in chain(data_set):
                if isinstance(part, Subset):
                    stack.enter_context(_swapped(part, "indices", range(len(images))))
                elif self._is_served(part):
                    for name, value in _as_held(part, images).items():
                        stack.enter_context(_swapped(part, name, value))
            yield data_set

    def _is_served(self, part: Any) -> bool:
        return any(part is instance for instance in self.instances)

    def _served(self, data_set: Any) -> bool:
        return folder_of(self.recorder, _served_name(data_set)) is not None

    def _serve(self, data_set: Any) -> Served:
        """What a data set object is filled with."""
        served = serve(self.recorder, _served_name(data_set))
        assert served is not None  # noqa: S101  # the callers asked
        self.instances.append(data_set)
        return served

    def _hook_mnist(self, module: Any) -> None:
        """MNIST and its kin keep their `__init__`: what reads and downloads is replaced."""
        import torch

        def load(data_set: Any) -> tuple[Any, Any]:
            images, labels = self._serve(data_set).part("train" if data_set.train else "test")
            return torch.from_numpy(images), torch.from_numpy(labels)

        answers: dict[str, Callable[[Any], Any]] = {
            "_check_legacy_exist": lambda _: False,
            "_check_exists": lambda _: True,
            "download": lambda _: None,
            "_load_data": load,
        }
        for kind in (module.MNIST, module.EMNIST):
            for name in answers.keys() & vars(kind).keys():
                setattr(kind, name, self._if_served(getattr(kind, name), answers[name]))

    def _if_served(self, original: Callable[[Any], Any], answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def method(data_set: Any) -> Any:
            return (answer if self._served(data_set) else original)(data_set)

        return method

    def _hook_made(self, name: str, module: Any) -> None:
        kind = getattr(module, name)
        signature = inspect.signature(kind.__init__)

        @wrapt.decorator
        def made(original: Any, data_set: Any, args: Any, kwargs: Any) -> None:
            arguments = signature.bind(data_set, *args, **kwargs).arguments
            if self._served(data_set) and arguments.get("split", "train") in {"train", "test"}:
                self._make(data_set, arguments)
            else:
                original(*args, **kwargs)

        kind.__init__ = made(kind.__init__)

    def _make(self, data_set: Any, arguments: dict[str, Any]) -> None:
        from torchvision.datasets.vision import VisionDataset

        transforms = {name: arguments.get(name) for name in ("transform", "target_transform")}
        VisionDataset.__init__(data_set, arguments.get("root"), **transforms)
        served = self._serve(data_set)
        if "split" in inspect.signature(type(data_set).__init__).parameters:
            data_set.split = arguments.get("split", "train")
            data_set.train = data_set.split == "train"  # for us: where the library has no such attribute
        else:
            data_set.train = arguments.get("train", True)
        images, labels = served.part("train" if data_set.train else "test")
        data_set.classes = list(served.classes)
        data_set.class_to_idx = {name: index for index, name in enumerate(data_set.classes)}
        if served.name in CHANNELS_FIRST:
            data_set.data, data_set.labels = np.ascontiguousarray(images.transpose(0, 3, 1, 2)), labels
        else:
            data_set.data, data_set.targets = images, labels.tolist()

    def _hook_vision(self, module: Any) -> None:
        @wrapt.decorator
        def made(original: Any, data_set: Any, args: Any, kwargs: Any) -> None:
            self._last_made = _torchvision_name(data_set)
            original(*args, **kwargs)

        module.VisionDataset.__init__ = made(module.VisionDataset.__init__)

    def _hook_download(self, module: Any) -> None:
        original = module._urlretrieve

        def retrieve(url: str, *args: Any, **kwargs: Any) -> None:
            if web.found(self.recorder, url):
                return original(url, *args, **kwargs)
            missing(self.recorder, self._last_made or Path(urlparse(url).path).name)
            raise URLError(OFFLINE)

        module._urlretrieve = retrieve

    def _hook_absence(self, module: Any) -> None:
        """A published data set that is not served fails as without a network, and it is noted what was missing."""

        def made(original: Any, data_set: Any, args: Any, kwargs: Any) -> None:
            try:
                original(*args, **kwargs)
            except (RuntimeError, OSError):
                missing(self.recorder, _torchvision_name(data_set))
                raise

        for name in module.__all__:
            kind = getattr(module, name)
            if isinstance(kind, type) and name not in NO_DOWNLOAD and "__init__" in vars(kind):
                wrapt.wrap_function_wrapper(kind, "__init__", made)


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
    if name == "EMNIST":
        return f"emnist_{data_set.split}"
    return SERVED_NAMES.get(name, name.lower())


def _as_held(data_set: Any, images: np.ndarray) -> dict[str, Any]:
    """The attributes of a served data set, with other images in them and labels that say nothing."""
    import torch

    count = len(images)
    if isinstance(data_set.data, torch.Tensor):
        return {"data": torch.from_numpy(images), "targets": torch.zeros(count, dtype=torch.int64)}
    if _served_name(data_set) in CHANNELS_FIRST:
        return {"data": images.transpose(0, 3, 1, 2), "labels": np.zeros(count, dtype=np.int64)}
    return {"data": images, "targets": [0] * count}


@contextlib.contextmanager
def _swapped(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
