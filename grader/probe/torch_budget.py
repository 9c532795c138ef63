"""Decides how many rows of a batch a heavy PyTorch model is given in the quick profile: by its work, not by a clock."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from grader.probe.torch_forward import Fed, at_rest
from grader.probe.torch_models import Models
from grader.probe.torch_tape import Tape, first_tensor, parameter_counts, shape_of
from grader.probe.torch_work import Cost
from grader.probe.work import STEP_FORWARDS, least_flops, rows_within

if TYPE_CHECKING:
    from torch import nn

TRIED = 4  # models that may be the one that is about to be trained


class Sizes:
    """The largest batches for the models of the running question.

    Attributes:
        models: The modules of the running question.
    """

    def __init__(self, models: Models) -> None:
        self.models = models

    def rows(self, batch: Any, most: float) -> int | None:
        """Rows that one training step may have; None where no model is known to need a bound.

        Args:
            batch: The student's whole batch.
            most: Floating-point operations that a step may take.
        """
        inputs = first_tensor(batch)
        if inputs is None or inputs.ndim < 3 or not inputs.is_floating_point():
            return None
        called = [m for m in reversed(self.models.called()) if parameter_counts(m.parameters())[0]]
        for model in (called or self.models.built())[:TRIED]:
            if cost := self.models.work.exact(model, inputs) or self._tried(model, inputs, most):
                rows = rows_within(most, max(cost.of(training=True), least_flops(training=True)))
                return rows if rows < len(inputs) else None
        return None

    def _tried(self, model: nn.Module, inputs: Any, most: float) -> Cost | None:
        """What a model that may be heavy computes, before it is called: nothing if it does not take such an input."""
        if not _may_be_heavy(model, inputs, most):
            return None
        device = next((p.device for p in model.parameters()), inputs.device)
        tape, before = Tape(), self.models.quiet
        self.models.quiet = True
        try:
            with at_rest(model):
                _, error = tape.record(model, Fed((inputs,), shape_of(inputs), "loader").batch(2, device))
        finally:
            self.models.quiet = before
        return None if error else self.models.work.keep(model, inputs, tape)


def _may_be_heavy(model: nn.Module, inputs: Any, granted: float) -> bool:
    """Whether a step could be too large if each layer kept the input's height and width; nothing is run for others."""
    from torch.nn.parameter import is_lazy

    parameters = list(model.parameters())
    most = 2 * sum(p.numel() for p in parameters if not is_lazy(p)) * math.prod(inputs.shape[2:]) * len(inputs)
    return not any(map(is_lazy, parameters)) and most * STEP_FORWARDS > granted


def shortened(batch: Any, rows: int) -> Any:
    """The first rows of every part of a batch, whatever holds its parts."""
    whole = first_tensor(batch)
    return batch if whole is None or len(whole) <= rows else _cut(batch, len(whole), rows)


def _cut(part: Any, whole: int, rows: int) -> Any:
    import torch

    if isinstance(part, torch.Tensor):
        return part[:rows] if part.ndim and len(part) == whole else part
    if isinstance(part, Mapping):
        return {key: _cut(value, whole, rows) for key, value in part.items()}
    if not isinstance(part, (list, tuple)):
        return part
    if len(part) == whole and first_tensor(part) is None:  # names, paths
        return part[:rows]
    parts = [_cut(value, whole, rows) for value in part]
    return type(part)(*parts) if hasattr(part, "_fields") else type(part)(parts)
