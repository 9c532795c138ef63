"""The plain functions on tensors that students call in a Keras model's `call`, and where they find them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

SHAPES = ("concat", "reshape", "transpose", "squeeze", "expand_dims", "pad", "stack", "split")
SUMS = ("add", "subtract", "multiply", "divide", "matmul", "reduce_mean", "reduce_max", "reduce_sum", "add_n")
ACTIVATIONS = ("relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "swish", "tanh", "sigmoid", "softmax")
MORE_ACTIVATIONS = ("log_softmax", "softplus", "softsign", "hard_sigmoid", "mish", "linear")
WINDOWS = ("max_pool", "max_pool2d", "avg_pool", "avg_pool2d", "average_pool", "conv2d", "conv", "bias_add", "dropout")
NORMS = ("batch_normalization", "local_response_normalization", "lrn")
KERAS = ("concatenate", "mean", "max", "sum", "flip")
# For each place the functions that it may have.
PLACES = {
    "tensorflow": (*SHAPES, *SUMS, "tanh", "sigmoid"),
    "tensorflow.nn": (*ACTIVATIONS, *MORE_ACTIVATIONS, *WINDOWS, *NORMS),
    "tensorflow.math": (*SUMS, "tanh", "sigmoid"),
    "tensorflow.image": ("resize",),
    "keras.ops": (*SHAPES, *SUMS, *ACTIVATIONS, *MORE_ACTIVATIONS, *WINDOWS, *NORMS, *KERAS),
    "keras.activations": (*ACTIVATIONS, *MORE_ACTIVATIONS),
}
OPERATORS = {
    "__add__": "add",
    "__radd__": "add",
    "__sub__": "subtract",
    "__mul__": "multiply",
    "__rmul__": "multiply",
    "__truediv__": "divide",
    "__getitem__": "getitem",
}


def functions() -> Iterator[tuple[Any, str, str]]:
    """For each known function the object that has it, the attribute, and the name to report.

    Only public places: what Keras calls in its own layers comes from `keras.src` or happens inside of a layer.
    """
    import tensorflow as tf

    for place, names in PLACES.items():
        for owner in _owners(place, tf):
            yield from ((owner, name, name) for name in names if callable(getattr(owner, name, None)))
    yield from ((tf.Tensor, method, name) for method, name in OPERATORS.items())


def _owners(place: str, tf: Any) -> list[Any]:
    """The modules under one public name: Keras has its public names twice, for `keras` and for `tf.keras`."""
    root, _, rest = place.partition(".")
    if root == "tensorflow":
        return [getattr(tf, rest) if rest else tf]
    found = [sys.modules.get(place), sys.modules.get(f"keras._tf_keras.keras.{rest}")]
    return [module for module in found if module is not None]
