"""One recorded forward pass of a PyTorch model: which layers and functions ran, in which order, with which shapes."""

from __future__ import annotations

import contextlib
import io
import math
import random
import time
import warnings
import weakref
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import nn

TRIALS = (1, 2, 5)
LARGEST_PASS = 2**20  # input elements: above it a pass uses fewer rows than the student's batch has
PATIENCE = 15.0  # seconds for the trials of one model
MOST_LAYERS = 2000
MESSAGE = 600  # characters of an error

# Calls that compute nothing a reader wants to see: what they return counts as what they were given.
UNSEEN = frozenset(
    "__get__ __set__ __getitem__ to cpu cuda float double half bfloat16 type type_as detach clone contiguous data "
    "requires_grad dim size numel stride is_floating_point is_contiguous __format__ __repr__ __len__ item tolist "
    "numpy new_zeros new_ones zeros_like ones_like copy".split()
)
RENAMED = {"concat": "cat", "concatenate": "cat", "absolute": "abs", "multiply": "mul", "subtract": "sub"}
POOL = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
POSITIONS: dict[str, tuple[str, ...]] = {
    **{f"max_pool{n}d": POOL for n in (1, 2, 3)},
    **{f"avg_pool{n}d": ("kernel_size", "stride", "padding", "ceil_mode") for n in (1, 2, 3)},
    **{f"adaptive_{kind}_pool{n}d": ("output_size",) for kind in ("avg", "max") for n in (1, 2, 3)},
    **{f"conv{n}d": ("weight", "bias", "stride", "padding", "dilation", "groups") for n in (1, 2, 3)},
    "flatten": ("start_dim", "end_dim"),
    "cat": ("dim",),
    "stack": ("dim",),
    "dropout": ("p",),
    "softmax": ("dim",),
    "log_softmax": ("dim",),
    "squeeze": ("dim",),
    "unsqueeze": ("dim",),
    "mean": ("dim", "keepdim"),
    "sum": ("dim", "keepdim"),
    "pad": ("pad", "mode", "value"),
}


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


def first_tensor(value: Any) -> Any:
    """The first tensor in a tensor, tuple, named tuple, list or mapping; None if there is none."""
    return next(tensors(value), None)


def tensors(value: Any) -> Iterator[torch.Tensor]:
    """All tensors in nested tuples, lists and mappings, in order."""
    import torch

    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from tensors(part)
    elif hasattr(value, "values") and hasattr(value, "keys"):
        for part in value.values():
            yield from tensors(part)


def described(error: BaseException) -> str:
    """An error in one line of bounded length."""
    return f"{type(error).__name__}: {error}"[:MESSAGE]


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
        started = time.monotonic()
        output, error = tape.record(model, fed.batch(size, device))
        trials = {size: (output, error["message"] if error else "")}
        if fed.output:
            trials[own] = (fed.output, "")
        for trial in (*TRIALS, own):
            if trial not in trials and _numbers(fed, trial) <= LARGEST_PASS and time.monotonic() - started < PATIENCE:
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


def shape_of(tensor: Any) -> tuple[int, ...]:
    """Shape of a tensor; empty for anything else."""
    return tuple(int(n) for n in getattr(tensor, "shape", ()))


@dataclass(eq=False)
class _Door:
    """A module that was entered: who it is and what came in."""

    path: str
    module: nn.Module
    inputs: list[torch.Tensor]
    leaf: bool


@dataclass(eq=False)
class Tape:
    """Writes down every call of a layer, and of a function outside layers, during one forward pass.

    Attributes:
        layers: Calls in order, as `records.Layer` in JSON form.
    """

    layers: list[dict[str, Any]] = field(default_factory=list)
    _doors: list[_Door] = field(default_factory=list)
    _made: dict[int, tuple[weakref.ref[torch.Tensor], int]] = field(default_factory=dict)
    _counted: set[int] = field(default_factory=set)
    _failed: tuple[str, list[list[int]]] | None = None

    def record(self, model: nn.Module, arguments: tuple[Any, ...]) -> tuple[tuple[int, ...], dict[str, Any] | None]:
        """Run the model once.

        Returns:
            The shape of its (first) output, and a `records.ForwardError` in JSON form if it failed.
        """
        self._remember(arguments, -1)
        handles = [handle for path, module in model.named_modules() for handle in self._hooked(path, module)]
        try:
            with _mode(self):
                return shape_of(first_tensor(model(*arguments))), None
        except Exception as error:
            return (), self._failure(error)
        finally:
            for handle in handles:
                handle.remove()

    def function(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A torch function is called: run it, and write it down unless it runs inside a layer."""
        if self._doors and self._doors[-1].leaf:
            return func(*args, **kwargs)
        name = _plain(getattr(func, "__name__", ""))
        inputs = list(tensors([args, kwargs]))
        before = [(shape_of(tensor), self._source(tensor)) for tensor in inputs]
        try:
            result = func(*args, **kwargs)
        except Exception:
            self._failed = (
                name,
                [list(shape) for (shape, _), t in zip(before, inputs, strict=True) if not _is_weight(t)],
            )
            raise
        self._called(name, args, kwargs, inputs, before, result)
        return result

    def _called(
        self, name: str, args: Any, kwargs: Any, inputs: list[Any], before: list[tuple[Any, int]], result: Any
    ) -> None:
        output = first_tensor(result)
        if output is None or not inputs:
            return
        if name in UNSEEN:
            self._remember(result, before[0][1])
        elif output.is_floating_point():
            weights = [tensor for tensor in inputs if _is_weight(tensor)]
            data = [seen for seen, tensor in zip(before, inputs, strict=True) if not _is_weight(tensor)]
            config = _arguments(name, args, kwargs)
            self._write(name, name, functional=True, config=config, data=data, weights=weights, result=result)

    def _hooked(self, path: str, module: nn.Module) -> tuple[Any, Any]:
        leaf = is_layer(module)

        def enter(_: Any, args: Any, kwargs: Any) -> None:
            self._doors.append(_Door(path, module, list(tensors([args, kwargs])), leaf))

        def leave(_: Any, __: Any, ___: Any, output: Any) -> None:
            door = self._doors.pop()
            if leaf:
                self._layer(door, output)

        return (
            module.register_forward_pre_hook(enter, with_kwargs=True),
            module.register_forward_hook(leave, with_kwargs=True),
        )

    def _layer(self, door: _Door, output: Any) -> None:
        kind = layer_type(door.module)
        data = [(shape_of(tensor), self._source(tensor)) for tensor in door.inputs]
        self._write(
            door.path or kind,
            kind,
            functional=False,
            config=settings(vars(door.module)),
            data=data,
            weights=list(door.module.parameters()),
            result=output,
        )

    def _write(
        self, name: str, kind: str, *, functional: bool, config: Any, data: list[Any], weights: list[Any], result: Any
    ) -> None:
        if len(self.layers) >= MOST_LAYERS:
            return
        fresh = [weight for weight in weights if id(weight) not in self._counted]
        self._counted.update(id(weight) for weight in fresh)
        self.layers.append(
            {
                "name": name[:200],
                "type": kind[:200],
                "functional": functional,
                "config": config,
                "inputs": [list(shape) for shape, _ in data],
                "output": list(shape_of(first_tensor(result))),
                "parameters": sum(weight.numel() for weight in fresh),
                "trainable_parameters": sum(weight.numel() for weight in fresh if weight.requires_grad),
                "sources": [source for _, source in data],
            }
        )
        self._remember(result, len(self.layers) - 1)

    def _remember(self, value: Any, index: int) -> None:
        # Weak: keeping every activation of a large model alive could exhaust the memory of the run.
        for tensor in tensors(value):
            self._made[id(tensor)] = weakref.ref(tensor), index

    def _source(self, tensor: torch.Tensor) -> int:
        reference, index = self._made.get(id(tensor), (None, -1))
        return index if reference is not None and reference() is tensor else -1

    def _failure(self, error: Exception) -> dict[str, Any]:
        """Where it broke: the innermost module that was entered, or the function that failed in it."""
        door = self._doors[-1] if self._doors else None
        path, kind, inputs = "", "", []
        if door:
            path, kind = door.path, layer_type(door.module)
            inputs = [list(shape_of(tensor)) for tensor in door.inputs]
        if self._failed and not (door and door.leaf):
            kind, inputs = self._failed
        return {"message": described(error), "layer": path[:200], "type": kind[:200], "inputs": inputs[:8]}


def _mode(tape: Tape) -> Any:
    """A torch function mode that shows every call to the tape. Made here since torch is not there at import."""
    from torch.overrides import TorchFunctionMode

    class Mode(TorchFunctionMode):
        def __torch_function__(self, func: Any, _: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: PLW3201
            return tape.function(func, args, kwargs or {})

    return Mode()


def is_layer(module: nn.Module) -> bool:
    """A layer is taken as a whole: torch's own ones, and the student's that hold weights but no other modules."""
    own = any(True for _ in module.parameters(recurse=False)) and not any(True for _ in module.children())
    return own or _torch_class(module) is not None


def layer_type(module: nn.Module) -> str:
    """Name of torch's own class that a layer is or extends; otherwise of its own class."""
    return (_torch_class(module) or type(module)).__name__


def _torch_class(module: nn.Module) -> type | None:
    """The nearest class of `torch.nn` that computes something (no container, not `Module` itself)."""
    for kind in type(module).__mro__:
        if kind.__module__.startswith("torch.nn.modules."):
            return None if kind.__module__.endswith((".container", ".module")) else kind
    return None


def _is_weight(tensor: Any) -> bool:
    import torch

    return isinstance(tensor, torch.nn.Parameter)


def _plain(name: str) -> str:
    """`add_`, `__iadd__`, `_max_pool2d` -> `add`, `add`, `max_pool2d`."""
    if name in UNSEEN:
        return name
    if name.startswith("__") and name.endswith("__"):
        name = name.strip("_")
        name = name[1:] if name in ("iadd", "radd", "imul", "rmul", "isub", "rsub") else name
    name = name.strip("_")
    return RENAMED.get(name, name)


def _arguments(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The scalar arguments of a call, by name; without a known name `arg1` and so on."""
    rest = args[1:]
    if name in ("view", "reshape", "permute"):
        sizes = rest[0] if len(rest) == 1 and isinstance(rest[0], (tuple, list)) else rest
        return settings({"shape": tuple(sizes)}) | settings(kwargs)
    names = POSITIONS.get(name, ())
    by_name = {names[i] if i < len(names) else f"arg{i + 1}": value for i, value in enumerate(rest)}
    return settings(by_name) | settings(kwargs)


def settings(values: dict[str, Any]) -> dict[str, Any]:
    """What is public and a scalar, or a short row of scalars."""
    kept = {}
    for name, value in values.items():
        if name.startswith("_") or name == "training":
            continue
        row = list(value) if isinstance(value, (tuple, list)) else [value]
        if len(row) <= 16 and all(_is_scalar(item) for item in row):
            kept[name[:100]] = row if isinstance(value, (tuple, list)) else value
    return dict(list(kept.items())[:32])


def _is_scalar(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or type(value) in (bool, int) or (isinstance(value, str) and len(value) <= 100)


def parameter_counts(parameters: Iterable[torch.Tensor]) -> tuple[int, int]:
    """All and trainable numbers in parameters, each tensor once; what is not initialised counts 0."""
    from torch.nn.parameter import is_lazy

    unique = {id(p): p for p in parameters if not is_lazy(p)}.values()
    return sum(p.numel() for p in unique), sum(p.numel() for p in unique if p.requires_grad)
