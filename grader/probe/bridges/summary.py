"""`torchsummary` and `torchinfo`, which are not installed: a table of layers, output shapes and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.probe.bridges.bridge import Bridge

LINE = "-" * 72


class Table:
    """What a summary found; printed, it is the table.

    Attributes:
        rows: For each layer that ran its name, the shape of its output and how many parameters it has.
        total_params: Parameters of the model.
        trainable_params: Those that training may change.
    """

    def __init__(self, model: Any) -> None:
        self.rows: list[tuple[str, str, int]] = []
        sizes = {id(p): (p.numel(), p.requires_grad) for p in model.parameters()}
        self.total_params = sum(size for size, _ in sizes.values())
        self.trainable_params = sum(size for size, trained in sizes.values() if trained)

    def add(self, layer: Any, _inputs: Any, output: Any) -> None:
        """A layer has run: a forward hook."""
        shape = list(output.shape) if hasattr(output, "shape") else type(output).__name__
        if isinstance(shape, list):
            shape[0] = -1
        own = sum(p.numel() for p in layer.parameters(recurse=False))
        self.rows.append((f"{type(layer).__name__}-{len(self.rows) + 1}", str(shape), own))

    def __repr__(self) -> str:
        lines = [LINE, f"{'Layer (type)':>28} {'Output Shape':>26} {'Param #':>15}", LINE]
        lines += [f"{name:>28} {shape:>26} {size:>15,}" for name, shape, size in self.rows]
        lines += [LINE, f"Total params: {self.total_params:,}", f"Trainable params: {self.trainable_params:,}"]
        return "\n".join([*lines, f"Non-trainable params: {self.total_params - self.trainable_params:,}", LINE])


def examined(model: Any, inputs: list[Any]) -> Table:
    """A model's layers as it runs on inputs; the model is left as it was."""
    import torch

    table, training = Table(model), {module: module.training for module in model.modules()}
    leaves = [module for module in model.modules() if not list(module.children())]
    hooks = [module.register_forward_hook(table.add) for module in leaves]
    model.eval()
    try:
        with torch.no_grad():
            model(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
        for module, before in training.items():
            module.training = before
    return table


def random_inputs(model: Any, shapes: list[tuple[int, ...]]) -> list[Any]:
    """Noise of these shapes, where the model is."""
    import torch

    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    with torch.random.fork_rng(devices=[]):
        return [torch.rand(shape).to(device) for shape in shapes]


def nested(size: Any) -> list[tuple[int, ...]]:
    """One shape or several."""
    sizes = list(size)
    return [tuple(one) for one in sizes] if sizes and not isinstance(sizes[0], int) else [tuple(sizes)]


def torchsummary() -> Mapping[str, Any]:
    """The contents of `torchsummary`: shapes without the batch, and a table that is printed."""

    def summary(model: Any, input_size: Any, *_: Any, **__: Any) -> None:
        shapes = [(2, *shape) for shape in nested(input_size)]
        print(examined(model, random_inputs(model, shapes)))  # noqa: T201

    return {"summary": summary}


def torchinfo() -> Mapping[str, Any]:
    """The contents of `torchinfo`: shapes with the batch, and a table that is given back, and shows itself."""

    def summary(model: Any, input_size: Any = None, input_data: Any = None, *_: Any, **options: Any) -> Table:
        if input_data is not None:
            inputs = list(input_data) if isinstance(input_data, list | tuple) else [input_data]
        elif input_size is not None:
            inputs = random_inputs(model, nested(input_size))
        else:
            return Table(model)
        table = examined(model, inputs)
        if options.get("verbose", 0):
            print(table)  # noqa: T201
        return table

    return {"summary": summary}


BRIDGES = (
    Bridge(
        "torchsummary",
        "torchsummary and torchinfo are not installed here: a plain table of the layers stands in",
        offers={r"torchsummary(?:\.torchsummary)?": torchsummary, r"torchinfo": torchinfo},
    ),
)
