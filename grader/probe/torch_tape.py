"""Writes down one forward pass of a PyTorch model: layers and functions in call order, with shapes and sources."""

from __future__ import annotations

import contextlib
import math
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn

MOST_LAYERS = 2000
MESSAGE = 600  # characters of an error

# Calls that compute nothing a reader wants to see: what they return counts as what they were given.
# fmt: off
UNSEEN = frozenset({
    "__get__", "__set__", "__getitem__", "to", "cpu", "cuda", "float", "double", "half", "bfloat16", "type",
    "type_as", "detach", "clone", "contiguous", "data", "requires_grad", "dim", "size", "numel", "stride",
    "is_floating_point", "is_contiguous", "__format__", "__repr__", "__len__", "item", "tolist", "numpy", "new_zeros",
    "new_ones", "zeros_like", "ones_like", "copy",
})
# fmt: on
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
    elif isinstance(value, Mapping):  # and not whatever has `values`: asking a proxy of torch.fx would be traced
        for part in value.values():
            yield from tensors(part)


def described(error: BaseException) -> str:
    """An error in one line of bounded length."""
    return f"{type(error).__name__}: {error}"[:MESSAGE]


def shape_of(tensor: Any) -> tuple[int, ...]:
    """Shape of a tensor; empty for anything else."""
    return tuple(int(n) for n in getattr(tensor, "shape", ()))


Seen = tuple[tuple[int, ...], int]
"""Shape of a tensor and index of the call that made it."""


@dataclass(eq=False)
class _Door:
    """A module that was entered: who it is and what came in."""

    path: str
    module: nn.Module
    inputs: list[Seen]
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
        with self.watching(model, arguments):
            try:
                return shape_of(first_tensor(model(*arguments))), None
            except Exception as error:
                return (), self._failure(error)

    @contextlib.contextmanager
    def watching(self, model: nn.Module, arguments: tuple[Any, ...]) -> Iterator[None]:
        """Write down what a model calls while this lasts."""
        self._remember(arguments, -1)
        handles = [handle for path, module in model.named_modules() for handle in self._hooked(path, module)]
        try:
            with _mode(self):
                yield
        finally:
            for handle in handles:
                handle.remove()

    def function(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A torch function is called: run it, and write it down unless it runs inside a layer."""
        if self._doors and self._doors[-1].leaf:
            return func(*args, **kwargs)
        name = _plain(getattr(func, "__name__", ""))
        inputs = list(tensors([args, kwargs]))
        weights = [tensor for tensor in inputs if _is_weight(tensor)]
        data = self._seen(tensor for tensor in inputs if not _is_weight(tensor))
        try:
            result = func(*args, **kwargs)
        except Exception:
            self._failed = name, [list(shape) for shape, _ in data]
            raise
        output = first_tensor(result)
        if output is not None and data and name in UNSEEN:
            self._remember(result, data[0][1])
        elif output is not None and inputs and output.is_floating_point():
            head = {"name": name, "type": name, "functional": True, "config": _arguments(name, args, kwargs)}
            self._write(head, data, weights, result)
        return result

    def _hooked(self, path: str, module: nn.Module) -> tuple[Any, Any]:
        leaf = is_layer(module)

        def enter(_: Any, args: Any, kwargs: Any) -> None:
            self._doors.append(_Door(path, module, self._seen(tensors([args, kwargs])), leaf))

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
        head = {"name": door.path or kind, "type": kind, "functional": False, "config": settings(vars(door.module))}
        self._write(head, door.inputs, list(door.module.parameters()), output)

    def _write(self, head: dict[str, Any], inputs: list[Seen], weights: list[Any], result: Any) -> None:
        if len(self.layers) >= MOST_LAYERS:
            return
        fresh = [weight for weight in weights if id(weight) not in self._counted]
        self._counted.update(id(weight) for weight in fresh)
        total, trainable = parameter_counts(fresh)
        self.layers.append(
            {
                **head,
                "inputs": [list(shape) for shape, _ in inputs],
                "output": list(shape_of(first_tensor(result))),
                "parameters": total,
                "trainable_parameters": trainable,
                "sources": [source for _, source in inputs],
            }
        )
        self._remember(result, len(self.layers) - 1)

    def _seen(self, values: Iterable[torch.Tensor]) -> list[Seen]:
        """Shapes and sources of tensors, taken before a call: it may change them in place."""
        return [(shape_of(value), self._source(value)) for value in values]

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
            inputs = [list(shape) for shape, _ in door.inputs]
        if self._failed and not (door and door.leaf):
            kind, inputs = self._failed
        return {"message": described(error), "layer": path[:200], "type": kind[:200], "inputs": inputs[:8]}


def _mode(tape: Tape) -> Any:
    """A torch function mode that shows every call to the tape. Made here since torch is not there at import."""
    from torch.overrides import TorchFunctionMode

    class Mode(TorchFunctionMode):
        def __torch_function__(self, func: Any, _: Any, args: Any = (), kwargs: Any = None) -> Any:
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
