"""Counts what PyTorch models compute: the first call with inputs of a shape is written down, others cost nothing."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.probe.torch_tape import Tape, first_tensor, shape_of
from grader.probe.work import STEP_FORWARDS, flops_of

if TYPE_CHECKING:
    import torch
    from torch import nn

MOST_SHAPES = 16  # of inputs per module; what comes with yet another shape counts as the newest of these


@dataclass(frozen=True)
class Cost:
    """What one row of a module's input computes.

    Attributes:
        forward: Floating-point operations of a forward pass.
        trained: Those of the layers that backward goes through: from the first trainable one on.
    """

    forward: float = 0.0
    trained: float = 0.0

    def of(self, *, training: bool) -> float:
        """Operations of a row in a training step, or in an evaluation."""
        return self.forward + (STEP_FORWARDS - 1) * self.trained * training


class Work:
    """What the modules of this kernel compute per row."""

    def __init__(self) -> None:
        # Weak: the id of a module that is gone may be that of another one.
        self._known: weakref.WeakKeyDictionary[nn.Module, dict[tuple[Any, ...], Cost]] = weakref.WeakKeyDictionary()

    def run(self, call: Any, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a module as the student's code does; count what it computes where that is not known yet."""
        batch = first_tensor(args or tuple(kwargs.values()))
        known = self._known.setdefault(module, {})
        key = _kind(module, batch)
        if key in known or len(known) >= MOST_SHAPES or not _countable(module, batch):
            return call(module, *args, **kwargs)
        tape = Tape()
        with tape.watching(module, args):
            output = call(module, *args, **kwargs)
        self.keep(module, batch, tape)
        return output

    def keep(self, module: nn.Module, batch: torch.Tensor, tape: Tape) -> Cost:
        """Remember what a forward pass was seen to compute."""
        layers = tape.layers
        first = next((i for i, layer in enumerate(layers) if layer["trainable_parameters"]), len(layers))
        forward, trained = (flops_of(part, channels_first=True) for part in (layers, layers[first:]))
        return self._known.setdefault(module, {}).setdefault(_kind(module, batch), Cost(forward, trained))

    def exact(self, module: nn.Module, batch: Any) -> Cost | None:
        """What a module computes with such inputs; None if it was not called with them."""
        return self._known.get(module, {}).get(_kind(module, batch))

    def cost(self, module: nn.Module, batch: Any) -> Cost:
        """The same, or what it computes with the newest other ones; nothing for what could not be counted."""
        return self.exact(module, batch) or next(reversed(self._known.get(module, {}).values()), Cost())


def _kind(module: nn.Module, batch: Any) -> tuple[Any, ...]:
    """Shape of a row, and whether the first weights are trained: frozen ones are not gone through backwards."""
    first = next(module.parameters(), None)
    return shape_of(batch)[1:], first is not None and first.requires_grad


def _countable(module: nn.Module, batch: Any) -> bool:
    """Whether a call may be looked into: what torch compiles or traces would have us in it."""
    import torch

    if getattr(batch, "ndim", 0) < 2 or next(module.parameters(), None) is None:
        return False
    compiled = isinstance(module, torch.jit.ScriptModule) or type(module).__module__.startswith("torch._dynamo")
    return not compiled and not torch.jit.is_tracing()  # type: ignore[attr-defined]
