"""Records one forward pass of a Keras model in inference mode: its layers and plain functions in call order."""

from __future__ import annotations

import inspect
import math
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any

import numpy as np

from grader.probe.keras_functions import functions
from grader.probe.work import flops_of

Call = Callable[..., Any]

MOST_LAYERS = 2000
TRIALS = (1, 2, 5)
TRIAL_FLOPS = 100e9
TRIAL_ELEMENTS = 2**25
UNTOLD = {"name", "trainable", "dtype", "build_config", "registered_name"}


@dataclass
class Composite:
    """A model, or a layer of the student's own, whose call is running."""

    layer: Any
    start: int
    source: int


@dataclass
class Pass:
    """What one forward pass called.

    Attributes:
        layers: `grader.records.Layer` in JSON form.
        error: `grader.records.ForwardError` in JSON form, of the innermost call that failed.
    """

    layers: list[dict[str, Any]] = field(default_factory=list)
    error: dict[str, Any] | None = None
    _stack: list[Composite] = field(default_factory=list)
    _hidden: bool = False
    _made: dict[int, int] = field(default_factory=dict)
    _alive: list[Any] = field(default_factory=list)  # an id means something only while its tensor lives
    _counted: set[int] = field(default_factory=set)

    def layer(self, call: Call, layer: Any, *args: Any, **kwargs: Any) -> Any:
        """A layer is called: a leaf is one record, a composite is what it calls."""
        import tensorflow as tf

        if self._hidden or not tf.executing_eagerly():
            return call(layer, *args, **kwargs)
        if is_keras_own(layer) and not is_model(layer):
            return self._leaf(call, layer, args, kwargs)
        return self._composite(call, layer, args, kwargs)

    def operation(self, call: Call, operation: Any, *args: Any, **kwargs: Any) -> Any:
        """A node of a functional model is run: layers have their own way, the others are plain functions."""
        from keras.src.layers.layer import Layer

        if isinstance(operation, Layer) or self._hidden or not self._stack:
            return call(operation, *args, **kwargs)
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(operation).__name__).lower()
        return self._function(partial(call, operation), name, settings(operation), args, kwargs)

    def function(self, name: str, call: Call, *args: Any, **kwargs: Any) -> Any:
        """A plain function is called: it counts where the student's own `call` calls it, not inside of Keras."""
        import tensorflow as tf

        keras_calls = not self._stack or is_keras_own(self._stack[-1].layer)
        if self._hidden or keras_calls or not tf.executing_eagerly():
            return call(*args, **kwargs)
        return self._function(call, name, scalar_arguments(call, args, kwargs), args, kwargs)

    def _leaf(self, call: Call, layer: Any, args: Any, kwargs: Any) -> Any:
        inputs = tensors(args, kwargs)
        sources = [self._source(value) for value in inputs]
        name = self._path(layer)
        with self._inside(name, type(layer).__name__, shapes(args, kwargs)):
            output = call(layer, *args, **kwargs)
        if type(layer).__name__ != "InputLayer" and tensors(output):
            self._keep(self._layer_entry(layer, name, inputs, sources), output)
        return output

    def _composite(self, call: Call, layer: Any, args: Any, kwargs: Any) -> Any:
        inputs = tensors(args, kwargs)
        sources = [self._source(value) for value in inputs]
        name = self._path(layer)
        start = len(self.layers)
        self._stack.append(Composite(layer, start, sources[0] if sources else -1))
        try:
            output = call(layer, *args, **kwargs)
        except Exception as error:
            self._fail(error, name, type(layer).__name__, shapes(args, kwargs))
            raise
        finally:
            self._stack.pop()
        if not is_model(layer) and tensors(output) and all(entry["functional"] for entry in self.layers[start:]):
            del self.layers[start:]
            self._keep(self._layer_entry(layer, name, inputs, sources), output)
        return output

    def _function(self, call: Call, name: str, config: dict[str, Any], args: Any, kwargs: Any) -> Any:
        inputs = [value for value in tensors(args, kwargs) if value.ndim > 1]
        if not inputs:  # `tf.shape(x)[0]` and its like
            return call(*args, **kwargs)
        sources = [self._source(value) for value in inputs]
        with self._inside(name, name, shapes(args, kwargs)):
            output = call(*args, **kwargs)
        self._keep({**_entry(name, name, config, inputs, sources), "functional": True}, output)
        return output

    @contextmanager
    def _inside(self, name: str, kind: str, inputs: list[Any]) -> Iterator[None]:
        """What a leaf calls is its own business."""
        self._hidden = True
        try:
            yield
        except Exception as error:
            self._fail(error, name, kind, inputs)
            raise
        finally:
            self._hidden = False

    def _fail(self, error: Exception, name: str, kind: str, inputs: list[Any]) -> None:
        if self.error is None:
            self.error = {"message": described(error), "layer": name, "type": kind, "inputs": inputs}

    def _path(self, layer: Any) -> str:
        """`vgg16/block1_conv1`: the names of what is around it, without the model itself."""
        return "/".join(str(part.name) for part in (*(c.layer for c in self._stack[1:]), layer))[:200]

    def _source(self, tensor: Any) -> int:
        """Index of the call that made a tensor.

        What no recorded call made came from the input of what is running (Keras casts it), or from a function that
        nobody records, which is likely to have used what was made last.
        """
        if id(tensor) not in self._made:
            inner = self._stack[-1] if self._stack else Composite(None, 0, -1)
            self._remember(tensor, len(self.layers) - 1 if len(self.layers) > inner.start else inner.source)
        return self._made[id(tensor)]

    def _remember(self, tensor: Any, index: int) -> None:
        self._made[id(tensor)] = index
        self._alive.append(tensor)

    def _keep(self, entry: dict[str, Any], output: Any) -> None:
        made = tensors(output)
        if not made or len(self.layers) >= MOST_LAYERS:
            return
        self.layers.append({**entry, "output": shape_of(made[0])})
        for tensor in made:
            self._remember(tensor, len(self.layers) - 1)

    def _layer_entry(self, layer: Any, name: str, inputs: list[Any], sources: list[int]) -> dict[str, Any]:
        new = {id(w): w for w in layer.weights if id(w) not in self._counted}
        self._counted.update(new)
        trainable = {id(w) for w in layer.trainable_weights}
        return {
            **_entry(name, type(layer).__name__, settings(layer), inputs, sources),
            "parameters": size_of(new.values()),
            "trainable_parameters": size_of(w for key, w in new.items() if key in trainable),
        }


def _entry(name: str, kind: str, config: dict[str, Any], inputs: list[Any], sources: list[int]) -> dict[str, Any]:
    shapes = [shape_of(value) for value in inputs]
    return {"name": name, "type": kind, "functional": False, "config": config, "inputs": shapes, "sources": sources}


def examine(model: Any, rows: Any, own_size: int | None) -> dict[str, Any]:
    """Run a model on a batch and on batches of other sizes.

    Args:
        model: A Keras model, built or not.
        rows: Its input: an array, or arrays nested as the model takes them; the batch axis first.
        own_size: The batch size that the student used.

    Returns:
        The fields `layers`, `input_shape`, `output_shape`, `batches` and `error` of `grader.records.Model`.
    """
    seen = Pass()
    shape: list[int | None] = []
    build(model, rows)
    if not is_built(model):
        with suppress(Exception):  # once unrecorded, so that making weights is not taken for a part of the pass
            run(model, rows)
    with recording(seen):
        try:
            shape = shape_of(tensors(run(model, rows))[0])
        except Exception as error:
            seen.error = seen.error or {"message": described(error), "layer": str(model.name), "inputs": []}
    per_row = flops_of(seen.layers, channels_first=False)
    return {
        "layers": seen.layers,
        "input_shape": shape_of(leaves(rows)[0]),
        "output_shape": shape,
        "batches": [trial(model, rows, size) for size in sizes(rows, own_size, per_row)],
        "error": seen.error,
    }


def sizes(rows: Any, own: int | None, flops_per_row: float) -> list[int]:
    """Batch sizes to try; the student's own only while that is affordable."""
    elements = math.prod(leaves(rows)[0].shape[1:])
    affordable = own and own * flops_per_row <= TRIAL_FLOPS and own * elements <= TRIAL_ELEMENTS
    return sorted({*TRIALS, own or 0} if affordable else TRIALS)


def trial(model: Any, rows: Any, size: int) -> dict[str, Any]:
    """A forward pass of `size` rows, as a `grader.records.BatchTrial`."""
    from keras.src import tree

    try:
        batch = tree.map_structure(lambda a: np.take(a, np.arange(size) % len(a), axis=0), rows)
        return {"size": size, "output": shape_of(tensors(run(model, batch))[0]), "error": ""}
    except Exception as error:
        return {"size": size, "output": [], "error": described(error)}


def run(model: Any, rows: Any) -> Any:
    """The model's output in inference mode."""
    import tensorflow as tf
    from keras.src import tree

    if stack := getattr(model, "_layers", None):
        # A Sequential that could not be put together says so only once; this lets it say it again.
        shape = getattr(stack[0], "batch_shape", None)
        if not model.built and shape is not None:
            model.build(shape)
    batch = tree.map_structure(tf.convert_to_tensor, rows)
    return model(batch, training=False) if model._call_has_training_arg else model(batch)


def is_built(model: Any) -> bool:
    """Whether all weights of a model exist."""
    return all(layer.built for layer in model._flatten_layers())


def build(model: Any, example: Any) -> None:
    """Make the weights of a model that has none yet, for batches of any size; what fails here fails again in use."""
    from keras.src import backend, tree

    if is_built(model):
        return
    with suppress(Exception):
        inputs = tree.map_structure(
            lambda a: backend.KerasTensor((None, *a.shape[1:]), backend.standardize_dtype(a.dtype)), example
        )
        backend.compute_output_spec(model, inputs, **({"training": False} if model._call_has_training_arg else {}))


@contextmanager
def recording(seen: Pass) -> Iterator[None]:
    """Send every call of a layer or of a known function through `seen` while this lasts."""
    from keras.src.layers.layer import Layer
    from keras.src.ops.operation import Operation

    with ExitStack() as patches:
        patches.enter_context(replaced(Layer, "__call__", seen.layer))
        patches.enter_context(replaced(Operation, "__call__", seen.operation))
        for owner, attribute, name in functions():
            patches.enter_context(replaced(owner, attribute, partial(seen.function, name)))
        yield


def replace(owner: Any, attribute: str, around: Call) -> Any:
    """From now on `owner.attribute(...)` is `around(original, ...)`; returns the original."""
    original = getattr(owner, attribute)

    @wraps(original)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return around(original, *args, **kwargs)

    setattr(owner, attribute, wrapper)
    return original


@contextmanager
def replaced(owner: Any, attribute: str, around: Call) -> Iterator[None]:
    """`replace` for a while."""
    original = replace(owner, attribute, around)
    try:
        yield
    finally:
        setattr(owner, attribute, original)


def is_keras_own(layer: Any) -> bool:
    """Whether the class of a layer is Keras' own and not the student's."""
    return type(layer).__module__.startswith("keras.src")


def is_model(value: Any) -> bool:
    """Whether something is a Keras model."""
    module = sys.modules.get("keras.src.models.model")
    return module is not None and isinstance(value, module.Model)


def leaves(value: Any) -> list[Any]:
    """The arrays in a nested structure."""
    from keras.src import tree

    return [leaf for leaf in tree.flatten(value) if hasattr(leaf, "shape") and hasattr(leaf, "dtype")]


def tensors(value: Any, named: dict[str, Any] | None = None) -> list[Any]:
    """The tensors with a known value in results or in arguments; masks are none of the data."""
    import tensorflow as tf

    found = leaves((value, {key: v for key, v in (named or {}).items() if "mask" not in key}))
    return [leaf for leaf in found if isinstance(leaf, np.ndarray) or tf.is_tensor(leaf)]


def shapes(args: Any, kwargs: Any) -> list[list[int | None]]:
    """Shapes of everything in arguments that has one, also of Keras' symbols while a model is put together."""
    return [shape_of(leaf) for leaf in leaves((args, kwargs)) if shape_of(leaf)]


def rows_of(value: Any) -> int:
    """Length of the batch axis."""
    first = leaves(value)[0]
    return int(first.shape[0]) if len(first.shape) else 1


def shape_of(value: Any) -> list[int | None]:
    """The shape as JSON has it."""
    return [None if side is None else int(side) for side in value.shape]


def size_of(weights: Any) -> int:
    """Number of elements of several weights."""
    return sum(math.prod(int(side) for side in w.shape) for w in weights)


def settings(layer: Any) -> dict[str, Any]:
    """The plain settings in a layer's `get_config()`; a student's class may not have one that works."""
    try:
        config = dict(layer.get_config())
    except Exception:
        return {}
    if isinstance(config.get("activation"), dict):
        config["activation"] = config["activation"].get("class_name")
    return plain({key: value for key, value in config.items() if key not in UNTOLD})


def scalar_arguments(call: Call, args: Any, kwargs: Any) -> dict[str, Any]:
    """The scalar arguments of a function by name."""
    try:
        arguments = dict(inspect.signature(call).bind(*args, **kwargs).arguments)
    except (TypeError, ValueError):
        arguments = kwargs
    return plain(arguments)


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Those values that are scalars or short sequences of scalars, as JSON has them."""
    kept: dict[str, Any] = {}
    for key, value in [(key, value) for key, value in values.items() if value is not None][:40]:
        if isinstance(value, list | tuple) and 0 < len(value) <= 16 and all(map(_is_scalar, value)):
            kept[str(key)[:100]] = [_scalar(v) for v in value]
        elif _is_scalar(value):
            kept[str(key)[:100]] = _scalar(value)
    return kept


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | str | np.integer) or _is_finite(value)


def _is_finite(value: Any) -> bool:
    return isinstance(value, float | np.floating) and math.isfinite(value)


def _scalar(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return value[:200] if isinstance(value, str) else value


def described(error: BaseException) -> str:
    """The heart of an error's message: Keras wraps it in what it was called with."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    text = re.sub(r"^(Exception encountered when calling .*?\n\n)+", "", text)
    text = text.split("\n\nArguments received by")[0].strip()
    text = re.sub(r"\{\{(function_)?node [^}]*\}\} ?| \[Op:\w+\].*", "", text)
    return f"{type(error).__name__}: {text}"[:1000]
