"""Watches PyTorch's loss functions: which one is called, on what, and with which targets.

`nn.CrossEntropyLoss` and its like call these functions, too. The autograd graph alone cannot tell `F.nll_loss` behind a
log-softmax from `F.cross_entropy`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import wrapt

FUNCTIONS = (
    "cross_entropy",
    "nll_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "huber_loss",
    "kl_div",
)
_ENDS = {
    "SoftmaxBackward": "softmax",
    "SafeSoftmaxBackward": "softmax",
    "LogSoftmaxBackward": "log_softmax",
    "SigmoidBackward": "sigmoid",
}
# What may stand between an activation and the loss without a change of the numbers.
_SHAPES = ("Squeeze", "Unsqueeze", "View", "UnsafeView", "Reshape", "ToCopy", "Clamp", "Select", "Alias", "Slice")
_DEEP = 6
_NODES = {  # the node that torch's autograd makes -> the function that a student calls
    "NllLoss": "cross_entropy",
    "NllLoss2D": "cross_entropy",
    "CrossEntropyLoss": "cross_entropy",
    "MseLoss": "mse_loss",
    "BinaryCrossEntropy": "binary_cross_entropy",
    "BinaryCrossEntropyWithLogits": "binary_cross_entropy_with_logits",
    "SmoothL1Loss": "smooth_l1_loss",
    "HuberLoss": "huber_loss",
    "KlDiv": "kl_div",
}


def watch(noted: Callable[[str, Any, Any], None]) -> None:
    """Tell of every call of a loss function, as soon as torch is imported: its name, its input and its targets."""

    def hook(module: Any) -> None:
        for name in FUNCTIONS:
            setattr(module, name, _noting(name, getattr(module, name), noted))

    wrapt.when_imported("torch.nn.functional")(hook)


def _noting(name: str, function: Callable[..., Any], noted: Callable[[str, Any, Any], None]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        given = [*args[:2], *(kwargs[key] for key in ("input", "target")[len(args) :] if key in kwargs)]
        if len(given) == 2:
            noted(name, *given)
        return function(*args, **kwargs)

    return call


def ends_with(tensor: Any) -> str:
    """The activation that a tensor comes from: `softmax`, `log_softmax`, `sigmoid`, or nothing."""
    node, logarithm = tensor.grad_fn, False
    for _ in range(_DEEP):
        kind = type(node).__name__.rstrip("0123456789")
        if kind in _ENDS:
            return "log_softmax" if logarithm and _ENDS[kind] == "softmax" else _ENDS[kind]
        plain = kind.removesuffix("Backward")
        if plain not in (*_SHAPES, "Log", "Add") or not node.next_functions:
            return ""
        logarithm = logarithm or plain == "Log"
        node = node.next_functions[0][0]
    return ""


def name_in_graph(node: Any) -> str:
    """Name of the loss function in an autograd graph: the first known node from the loss down, breadth first."""
    level = [node]
    for _ in range(6):
        for item in level:
            name = _NODES.get(type(item).__name__.removesuffix("0").removesuffix("Backward"))
            if name:
                return name
        level = [parent for item in level if item is not None for parent, _ in item.next_functions][:32]
    return ""
