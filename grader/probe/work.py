"""How much a training step computes, counted from recorded layers: the same on every machine and under every load."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

STEP_FORWARDS = 3  # forward passes that a training step costs: backward takes about twice as long as forward
FEWEST_ROWS = 2  # batch normalisation needs two
SPEED = 40e9  # floating-point operations per second and core, as small convolutions reach on a processor of today
LARGEST_STEP = 60e9  # floating-point operations of one step of a student's loop, whose number of epochs nobody knows


def flops_of(layers: Iterable[Mapping[str, Any]], *, channels_first: bool) -> float:
    """Floating-point operations of a forward pass per row.

    Each weight is multiplied and added once per position of its layer's output. Weights that are used again count once.

    Args:
        layers: `grader.records.Layer` in JSON form.
        channels_first: Where images have their channels.
    """
    return float(sum(2 * layer["parameters"] * _positions(layer, channels_first) for layer in layers))


def _positions(layer: Mapping[str, Any], channels_first: bool) -> int:
    output = layer["output"]
    first = channels_first and layer["type"] not in ("Linear", "linear")
    return math.prod(side or 1 for side in (output[2:] if first else output[1:-1]))


def rows_within(granted: float, flops: float) -> int:
    """Rows of a training batch for a number of operations, at least two."""
    return max(FEWEST_ROWS, int(granted / (STEP_FORWARDS * flops)))
