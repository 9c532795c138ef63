"""Modules and names of Keras that have moved. `keras` and `tensorflow.keras` have their own modules."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from grader.probe.bridges.bridge import Bridge, Say
from grader.probe.offers import give

TF_KERAS = "keras._tf_keras.keras"
ANY_KERAS = r"(?:tensorflow\.keras|keras|keras\._tf_keras\.keras)"
LAYER_MODULES = (
    "advanced_activations", "convolutional", "core", "embeddings", "local", "merge", "merging", "noise",
    "normalization", "pooling", "recurrent", "regularization", "reshaping", "wrappers",
)  # fmt: skip
UTILITY_MODULES = ("np_utils", "vis_utils")
OPTIMIZERS = {
    name.lower(): name for name in ("Adam", "SGD", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl")
}
# What `keras.optimizers` held in 2021: a module per optimizer.
OPTIMIZER_MODULES = r"(?:adam|gradient_descent|rmsprop|adagrad|adadelta|adamax|nadam|ftrl)_v2"


def public(*modules: str) -> Callable[[], Mapping[str, Any]]:
    """Gives the public names of modules."""

    def names() -> Mapping[str, Any]:
        found = [vars(importlib.import_module(module)) for module in modules]
        return {name: value for held in found for name, value in held.items() if not name.startswith("_")}

    return names


def both(module: str) -> tuple[str, str]:
    """The two modules under one public name."""
    return f"keras.{module}", f"{TF_KERAS}.{module}"


def submodules(names: tuple[str, ...]) -> Callable[[Any, Say], None]:
    """Gives a package attributes for modules that are offered under it."""

    def build(package: Any, _say: Say) -> None:
        def lookup(name: str) -> Any:
            if name not in names:
                raise AttributeError(name)
            return importlib.import_module(f"{package.__name__}.{name}")

        give(package, lookup)

    return build


def from_tf_keras(module: Any, say: Say) -> None:
    """Names that `tensorflow.keras` has kept and `keras` has not."""

    def lookup(name: str) -> Any:
        value = getattr(importlib.import_module(f"{TF_KERAS}.{module.__name__.removeprefix('keras.')}"), name)
        say()
        return value

    give(module, lookup)


def lower_case_optimizers(module: Any, say: Say) -> None:
    """`keras.optimizers.adam` was once another name of the class."""

    def lookup(name: str) -> Any:
        if name not in OPTIMIZERS:
            raise AttributeError(name)
        say()
        return getattr(module, OPTIMIZERS[name])

    give(module, lookup)


def legacy_optimizers(module: Any, say: Say) -> None:
    """`keras.optimizers.legacy.Adam` makes today's `Adam`."""

    def today(name: str) -> Callable[..., Any]:
        def make(*args: Any, **kwargs: Any) -> Any:
            say()
            return getattr(importlib.import_module("keras.optimizers"), name)(*args, **kwargs)

        return make

    for name in OPTIMIZERS.values():
        setattr(module, name, today(name))


BRIDGES = (
    Bridge(
        "image_data_generator",
        "keras.preprocessing.image no longer has ImageDataGenerator: that of tensorflow.keras was used",
        from_tf_keras,
        ("keras.preprocessing.image",),
    ),
    Bridge(
        "backend",
        "functions that keras.backend no longer has were taken from tensorflow.keras.backend",
        from_tf_keras,
        ("keras.backend",),
    ),
    Bridge(
        "np_utils",
        "keras.utils.np_utils and vis_utils no longer exist: their functions were taken from keras.utils",
        submodules(UTILITY_MODULES),
        both("utils"),
        {rf"{ANY_KERAS}\.utils\.(?:{'|'.join(UTILITY_MODULES)})": public("keras.utils")},
    ),
    Bridge(
        "layer_modules",
        "an old module of Keras' layers (such as keras.layers.core) no longer exists: keras.layers was used",
        submodules(LAYER_MODULES),
        both("layers"),
        {
            rf"{ANY_KERAS}\.layers\.(?:{'|'.join(LAYER_MODULES)})(?:\.\w+)?": public("keras.layers"),
            rf"{ANY_KERAS}\.engine(?:\.\w+)*": public("keras.models", "keras.layers"),
        },
    ),
    Bridge(
        "experimental_layers",
        "keras.layers.experimental.preprocessing no longer exists: its layers were taken from keras.layers",
        submodules(("experimental",)),
        both("layers"),
        {
            rf"{ANY_KERAS}\.layers\.experimental": public("keras.layers"),
            rf"{ANY_KERAS}\.layers\.experimental\.preprocessing": public("keras.layers"),
        },
    ),
    Bridge(
        "optimizer_names",
        "an old name of an optimizer (such as keras.optimizers.adam) stands for today's class",
        lower_case_optimizers,
        both("optimizers"),
        {rf"{ANY_KERAS}\.optimizers\.{OPTIMIZER_MODULES}": public("keras.optimizers")},
    ),
    Bridge(
        "legacy_optimizers",
        "keras.optimizers.legacy no longer works: today's optimizer of the same name was used",
        legacy_optimizers,
        both("optimizers.legacy"),
    ),
)
