"""How much a training step computes, counted from recorded layers: the same on every machine and under every load."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

STEP_FORWARDS = 3  # forward passes that a training step costs: backward takes about twice as long as forward
FEWEST_ROWS = 2  # batch normalisation needs two
FEWEST_BATCHES = 2  # of every epoch, however little work is left: it keeps a point on the curve that means something
PASS_SHARE = 1 / 2  # of what is left, for one pass of a loop: nobody knows how many epochs come, each keeps a part
LEAST_PASS = 1 / 100  # of the work of a question: every pass over data may do so much
OVERDRAWN = 1 / 2  # of the budget, over it: many epochs add up, and the least must do
OVERDRAWN_PASS = 1 / 1000  # of the budget, for every pass from then on
FURTHEST = 8  # times the budget, where a loop over epochs is ended that nothing else bounds
LEAST_EVALUATION = 1 / 4  # the same for an evaluation that comes for the first time: the student reports its number
LARGEST_STEP = 60e9  # floating-point operations of one step of a student's loop, whose number of epochs nobody knows
# What an image costs besides its layers (reading it, transforms, calls): a core of today takes 0.2 ms for either.
LEAST_IMAGE = 10e6
GIGA = 1e9


def least_flops(*, training: bool) -> float:
    """What an image counts at least, in a training step or in an evaluation."""
    return LEAST_IMAGE if training else LEAST_IMAGE / STEP_FORWARDS


def flops_of(layers: Iterable[Mapping[str, Any]], *, channels_first: bool) -> float:
    """Floating-point operations of a forward pass per row.

    Each weight is multiplied and added once per position of its layer's output. Weights that are used again count once.

    Args:
        layers: `grader.records.Layer` in JSON form.
        channels_first: Where images have their channels.
    """
    return float(sum(2 * layer.get("parameters", 0) * _positions(layer, channels_first) for layer in layers))


def _positions(layer: Mapping[str, Any], channels_first: bool) -> int:
    output = layer["output"]
    first = channels_first and layer["type"] not in ("Linear", "linear")
    return math.prod(side or 1 for side in (output[2:] if first else output[1:-1]))


def rows_within(granted: float, flops: float) -> int:
    """Rows of a batch for a number of operations, at least two, where each row takes `flops`."""
    return max(FEWEST_ROWS, int(max(0.0, granted) / flops))
