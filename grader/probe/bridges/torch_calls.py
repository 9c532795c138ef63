"""Arguments, methods and names of PyTorch and torchvision that have changed."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from wrapt import wrap_function_wrapper

from grader.probe.bridges.bridge import Bridge, Say
from grader.probe.offers import give
from grader.probe.torch_loaders import Pass

TRANSFORMS = {"Scale": "Resize", "RandomSizedCrop": "RandomResizedCrop"}


def scheduler_verbose(module: Any, say: Say) -> None:
    """`ReduceLROnPlateau(optimizer, verbose=True)`: it printed the rate, nothing more."""

    def init(original: Any, _: Any, args: Any, kwargs: Any) -> None:
        if "verbose" in kwargs:
            say()
            kwargs = {name: value for name, value in kwargs.items() if name != "verbose"}
        original(*args, **kwargs)

    for kind in [value for value in vars(module).values() if isinstance(value, type)]:
        if issubclass(kind, module.LRScheduler) and "__init__" in vars(kind):
            wrap_function_wrapper(kind, "__init__", init)


def loader_next(module: Any, say: Say) -> None:
    """`iter(loader).next()`."""

    def following(iterator: Any) -> Any:
        say()
        return next(iterator)

    kinds: tuple[Any, ...] = (module._BaseDataLoaderIter, Pass)  # the second is what the watcher puts around it
    for kind in kinds:
        kind.next = following


def transforms(module: Any, say: Say) -> None:
    """`transforms.Scale` and `transforms.RandomSizedCrop`."""

    def lookup(name: str) -> Any:
        if name not in TRANSFORMS:
            raise AttributeError(name)
        say()
        return getattr(module, TRANSFORMS[name])

    give(module, lookup)


def load(module: Any, say: Say) -> None:
    """`torch.load` of a whole model, which the code itself has saved: it takes `weights_only=False` today.

    That runs code from the file. It is the student's code and the student's file, and it is in the sandbox.
    """

    def whole(original: Any, _: Any, args: Any, kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs)
        except Exception as error:
            if "weights_only" in kwargs or "Weights only load failed" not in str(error):
                raise
        say()
        if hasattr(args[0] if args else kwargs["f"], "seek"):
            (args[0] if args else kwargs["f"]).seek(0)
        return original(*args, weights_only=False, **kwargs)

    wrap_function_wrapper(module, "load", whole)


def _hub() -> Mapping[str, Any]:
    return {"load_state_dict_from_url": importlib.import_module("torch.hub").load_state_dict_from_url}


BRIDGES = (
    Bridge(
        "scheduler_verbose",
        "verbose, which learning rate schedulers no longer take, was left out",
        scheduler_verbose,
        ("torch.optim.lr_scheduler",),
    ),
    Bridge(
        "torch_next",
        "next() of a DataLoader's iterator no longer exists: next(iterator) was called",
        loader_next,
        ("torch.utils.data.dataloader",),
    ),
    Bridge(
        "transforms",
        "transforms.Scale and RandomSizedCrop no longer exist: Resize and RandomResizedCrop were used",
        transforms,
        ("torchvision.transforms", "torchvision.transforms.transforms"),
    ),
    Bridge("torch_load", "torch.load of a whole model was called with weights_only=False", load, ("torch",)),
    Bridge(
        "model_utils",
        "torchvision.models.utils no longer exists: load_state_dict_from_url was taken from torch.hub",
        offers={r"torchvision\.models\.utils": _hub},
    ),
)
