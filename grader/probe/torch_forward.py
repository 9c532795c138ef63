"""One recorded forward pass of a PyTorch model: which layers and functions ran, in which order, with which shapes."""

from __future__ import annotations

import contextlib
import io
import math
import random
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from time import process_time
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.probe.torch_tape import Tape, described, first_tensor, shape_of

if TYPE_CHECKING:
    import torch
    from torch import nn

TRIALS = (1, 2, 5)
LARGEST_PASS = 2**20  # input elements: above it a pass uses fewer rows than the student's batch has
PATIENCE = 30.0  # seconds of processor time for the trials of one model


@dataclass(eq=False)
class Fed:
    """A batch for a model.

    Attributes:
        arguments: What the model takes, with the first rows of each tensor.
        shape: Shape of the whole batch.
        origin: As in `records.Model.input_origin`.
        output: Shape that the student's own call gave for the whole batch; empty if it failed or never was.
        training: The call was made in training mode with gradients.
    """

    arguments: tuple[Any, ...]
    shape: tuple[int, ...]
    origin: str
    output: tuple[int, ...] = ()
    training: bool = False

    @property
    def rows(self) -> torch.Tensor:
        """The first rows of the batch."""
        return first_tensor(self.arguments)

    def batch(self, size: int, device: torch.device) -> tuple[Any, ...]:
        """Arguments for a batch of `size` rows: the kept ones, again and again."""
        import torch

        kept = len(self.rows)
        index = torch.arange(size) % kept
        return tuple(
            value[index.to(value.device)].to(device)
            if isinstance(value, torch.Tensor) and value.ndim and len(value) == kept
            else value
            for value in self.arguments
        )


@contextlib.contextmanager
def same_randomness(seed: int | None = None) -> Iterator[None]:
    """Leaves the random states of Python, NumPy and torch as they were; inside, from `seed` if one is given."""
    import torch

    python, numeric = random.getstate(), np.random.get_state()
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []
    with torch.random.fork_rng(devices=devices):
        if seed is not None:
            random.seed(seed)
            np.random.seed(seed)
            torch.manual_seed(seed)
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numeric)


@contextlib.contextmanager
def at_rest(model: nn.Module) -> Iterator[None]:
    """Evaluation mode, no gradients, no output, none of the student's hooks; everything is put back afterwards."""
    import torch
    from torch.nn.parameter import is_lazy

    modules = list(model.modules())
    before = [(module, module.training, module._forward_hooks) for module in modules]
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers() if not is_lazy(buffer)]
    silence = io.StringIO()
    try:
        for module in modules:
            module.training = False
            module._forward_hooks = OrderedDict()
        with (
            same_randomness(),
            torch.no_grad(),
            warnings.catch_warnings(),
            contextlib.redirect_stdout(silence),
            contextlib.redirect_stderr(silence),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        for module, training, hooks in before:
            module.training, module._forward_hooks = training, hooks
        with torch.no_grad():
            for buffer, value in buffers:
                buffer.copy_(value)


def examine(model: nn.Module, fed: Fed) -> dict[str, Any]:
    """Layers, output and batch trials of a model, as fields of `records.Model`."""
    size, own = _affordable(fed), fed.shape[0]
    device = next((p.device for p in model.parameters()), fed.rows.device)
    tape = Tape()
    with at_rest(model):
        started = process_time()
        output, error = tape.record(model, fed.batch(size, device))
        trials = {size: (output, error["message"] if error else "")}
        if fed.output:
            trials[own] = (fed.output, "")
        for trial in (*TRIALS, own):
            if trial not in trials and _numbers(fed, trial) <= LARGEST_PASS and process_time() - started < PATIENCE:
                trials[trial] = _trial(model, fed.batch(trial, device))
    return {
        "layers": tape.layers,
        "input_shape": [size, *fed.shape[1:]],
        "input_origin": fed.origin,
        "output_shape": list(output),
        "batches": [{"size": n, "output": list(shape), "error": text} for n, (shape, text) in sorted(trials.items())],
        "error": error,
    }


def _affordable(fed: Fed) -> int:
    """The student's batch size, or the largest from 2 that is quickly computed."""
    return min(fed.shape[0], max(2, LARGEST_PASS // max(1, _numbers(fed, 1))))


def _numbers(fed: Fed, rows: int) -> int:
    return rows * math.prod(fed.shape[1:])


def _trial(model: nn.Module, arguments: tuple[Any, ...]) -> tuple[tuple[int, ...], str]:
    try:
        return shape_of(first_tensor(model(*arguments))), ""
    except Exception as error:
        return (), described(error)
