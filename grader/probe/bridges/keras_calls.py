"""Arguments, methods and results of Keras that have changed."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from wrapt import wrap_function_wrapper

from grader.probe.bridges.bridge import Bridge, Say

ACCURACIES = {"acc": "accuracy", "val_acc": "val_accuracy"}
# `fit` no longer takes them: how batches are made in parallel is the data set's business now.
QUEUE = ("workers", "use_multiprocessing", "max_queue_size", "pickle_safe", "max_q_size")
STEPS = ("steps_per_epoch", "validation_steps", "steps")
# Of `fit_generator`, `evaluate_generator`, `predict_generator`, after the generator.
FIT = ("steps_per_epoch", "epochs", "verbose", "callbacks", "validation_data", "validation_steps", "validation_freq")
TEST = ("steps", "callbacks")


class Renamed(dict[str, Any]):
    """Results of training in which `acc` also finds `accuracy`."""

    def __init__(self, values: Any, say: Say) -> None:
        super().__init__(values)
        self._say = say

    def __missing__(self, key: str) -> Any:
        if ACCURACIES.get(key) not in self:
            raise KeyError(key)
        self._say()
        return self[ACCURACIES[key]]

    def get(self, key: str, default: Any = None) -> Any:
        """As of a dict, with the old names."""
        try:
            return self[key]
        except KeyError:
            return default

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)  # students save it in a file


def learning_rate(_keras: Any, say: Say) -> None:
    """`Adam(lr=0.01)` and `optimizer.lr`."""
    from keras.src.optimizers.base_optimizer import BaseOptimizer

    def init(original: Any, _: Any, args: Any, kwargs: Any) -> None:
        if "lr" in kwargs:
            say()
            kwargs = dict(kwargs)
            kwargs["learning_rate"] = kwargs.pop("lr")
        original(*args, **kwargs)

    def get(optimizer: Any) -> Any:
        say()
        return optimizer.learning_rate

    def put(optimizer: Any, value: Any) -> None:
        say()
        optimizer.learning_rate = value

    wrap_function_wrapper(BaseOptimizer, "__init__", init)
    BaseOptimizer.lr = property(get, put)


def average_pooling(keras: Any, say: Say) -> None:
    """`AveragePooling2D()` halves the sides, as it did and as `MaxPooling2D()` does."""

    def init(original: Any, _: Any, args: Any, kwargs: Any) -> None:
        if not args and "pool_size" not in kwargs:
            say()
            kwargs = {"pool_size": 2, **kwargs}
        original(*args, **kwargs)

    for sides in (1, 2, 3):
        wrap_function_wrapper(getattr(keras.layers, f"AveragePooling{sides}D"), "__init__", init)


def generators(keras: Any, say: Say) -> None:
    """`fit_generator`, `evaluate_generator` and `predict_generator`: the methods without `_generator` do the same."""

    def method(name: str, order: tuple[str, ...]) -> Any:
        def old(model: Any, generator: Any, *args: Any, **kwargs: Any) -> Any:
            say()
            given = _todays({**dict(zip(order, args, strict=False)), **kwargs})
            return getattr(model, name)(generator, **given)

        return old

    for name, order in (("fit", FIT), ("evaluate", TEST), ("predict", TEST)):
        setattr(keras.Model, f"{name}_generator", method(name, order))


def fit_arguments(_keras: Any, say: Say) -> None:
    """Arguments that `fit`, `evaluate` and `predict` took once, and numbers of steps that are no whole numbers."""
    from keras.src.backend.tensorflow.trainer import TensorFlowTrainer

    def call(original: Any, _: Any, args: Any, kwargs: Any) -> Any:
        given = _todays(kwargs)
        if given != kwargs:
            say()
        return original(*args, **given)

    for name in ("fit", "evaluate", "predict"):
        wrap_function_wrapper(TensorFlowTrainer, name, call)


def _todays(arguments: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in arguments.items() if name not in QUEUE}
    if "nb_epoch" in given:
        given["epochs"] = given.pop("nb_epoch")
    return {name: int(value) if _is_fraction(name, value) else value for name, value in given.items()}


def _is_fraction(name: str, value: Any) -> bool:
    return name in STEPS and isinstance(value, float | np.floating)


def predict_classes(keras: Any, say: Say) -> None:
    """`predict_classes` and `predict_proba`, as their documentation said to replace them."""

    def classes(model: Any, x: Any, batch_size: int | None = None, verbose: Any = 0) -> Any:
        say()
        scores = model.predict(x, batch_size=batch_size, verbose=verbose)
        return scores.argmax(axis=-1) if scores.shape[-1] > 1 else (scores > 0.5).astype("int32")

    def probabilities(model: Any, x: Any, batch_size: int | None = None, verbose: Any = 0) -> Any:
        say()
        return model.predict(x, batch_size=batch_size, verbose=verbose)

    keras.Sequential.predict_classes = classes
    keras.Sequential.predict_proba = probabilities


def accuracy_names(keras: Any, say: Say) -> None:
    """`history.history["acc"]`, `logs.get("acc")`, `monitor="val_acc"`, `{val_acc:.2f}` in names of files."""
    from keras.src.callbacks.monitor_callback import MonitorCallback
    from keras.src.utils import python_utils

    def made(original: Any, history: Any, args: Any, kwargs: Any) -> None:
        original(*args, **kwargs)
        history.history = Renamed({}, say)

    def results(original: Any, _: Any, args: Any, kwargs: Any) -> Any:
        return Renamed(original(*args, **kwargs), say)

    def choose(original: Any, callback: Any, args: Any, kwargs: Any) -> None:
        try:
            original(*args, **kwargs)
        except ValueError:
            if callback.monitor not in ACCURACIES:
                raise
            say()
            callback.monitor = ACCURACIES[callback.monitor]
            original(*args, **kwargs)

    def file_path(original: Any, callback: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        epoch, batch, logs = (*args, *kwargs.values())
        wanted = [
            name for name in ACCURACIES if f"{{{name}:" in callback.filepath or f"{{{name}}}" in callback.filepath
        ]
        old = {name: logs[name] for name in wanted if name in (logs or {}) or ACCURACIES[name] in (logs or {})}
        return original(epoch, batch, {**(logs or {}), **old})

    wrap_function_wrapper(keras.callbacks.History, "__init__", made)
    wrap_function_wrapper(python_utils, "pythonify_logs", results)  # what every callback is given
    wrap_function_wrapper(MonitorCallback, "_set_monitor_op", choose)
    wrap_function_wrapper(keras.callbacks.ModelCheckpoint, "_get_file_path", file_path)


def iterators(_keras: Any, say: Say) -> None:
    """`ImageDataGenerator().flow(...).next()`."""
    from keras.src.legacy.preprocessing.image import Iterator

    def following(iterator: Any) -> Any:
        say()
        return next(iterator)

    Iterator.next = following


def layer_shapes(keras: Any, say: Say) -> None:
    """`layer.output_shape` and `layer.input_shape`. A layer's own attribute of that name goes first."""

    class Shape:
        def __init__(self, side: str) -> None:
            self.side = side

        def __get__(self, layer: Any, _kind: type | None = None) -> Any:
            if layer is None:
                return self
            if str(sys._getframe(1).f_globals.get("__name__")).startswith("keras."):
                raise AttributeError(f"{self.side}_shape")  # Keras' own summary asks whether there is one
            say()
            tensors = getattr(layer, self.side)
            single = not isinstance(tensors, list | tuple)
            return tuple(tensors.shape) if single else [tuple(tensor.shape) for tensor in tensors]

    keras.layers.Layer.output_shape = Shape("output")
    keras.layers.Layer.input_shape = Shape("input")


BRIDGES = (
    Bridge(
        "lr", "lr, the old name of an optimizer's learning_rate, was taken for today's name", learning_rate, ("keras",)
    ),
    Bridge(
        "average_pooling",
        "AveragePooling without a pool_size got its old default of 2, which today's Keras no longer has",
        average_pooling,
        ("keras",),
    ),
    Bridge(
        "generators",
        "fit_generator, evaluate_generator or predict_generator no longer exist: fit, evaluate or predict was called",
        generators,
        ("keras",),
    ),
    Bridge(
        "fit_arguments",
        "old arguments (workers, nb_epoch, steps that are no whole number) were left out, renamed or rounded down",
        fit_arguments,
        ("keras",),
    ),
    Bridge(
        "predict_classes",
        "predict_classes and predict_proba no longer exist: predict was called",
        predict_classes,
        ("keras",),
    ),
    Bridge(
        "accuracy_names",
        "acc and val_acc, old names in the history of a training, were taken for accuracy and val_accuracy",
        accuracy_names,
        ("keras",),
    ),
    Bridge(
        "keras_next", "next() of a Keras iterator no longer exists: next(iterator) was called", iterators, ("keras",)
    ),
    Bridge(
        "layer_shapes",
        "output_shape and input_shape of a layer no longer exist: those of its tensors were given",
        layer_shapes,
        ("keras",),
    ),
)
