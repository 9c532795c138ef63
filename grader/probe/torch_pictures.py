"""The first convolution of a PyTorch model: its filters, and its maps of what the student fed it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from grader.probe.layer_pictures import described
from grader.probe.torch_forward import Fed, at_rest

if TYPE_CHECKING:
    from torch import nn


def first_convolution(
    model: nn.Module, fed: Fed | None, fed_to: Callable[[nn.Module], Fed | None]
) -> Iterator[dict[str, Any]]:
    """A `records.LayerPictures` without its model, or nothing where there is no convolution over pictures.

    Args:
        model: The model.
        fed: What the model is tried on.
        fed_to: What the student's code fed a module: students send a picture through a part of a model, too.
    """
    from torch import nn as layers

    first = next(((name, m) for name, m in model.named_modules() if isinstance(m, layers.Conv2d)), None)
    if first is None:
        return
    name, convolution = first
    holders = [part for part in model.modules() if any(part_of is convolution for part_of in part.modules())]
    own = next(((part, one) for part in reversed(holders) if (one := fed_to(part)) is not None), None)
    part, batch = own or (model, fed if fed is not None and fed.origin == "seen" else None)
    maps = _maps(part, convolution, batch)
    picture = (
        batch.rows[0].detach().float().cpu().mean(0).numpy() if batch is not None and batch.rows.ndim == 4 else None
    )
    yield described(name, convolution.weight.detach().cpu().numpy(), maps, picture)


def _maps(part: nn.Module, convolution: nn.Module, fed: Fed | None) -> Any:
    """The output of the convolution for the first picture, while the part runs on what it was fed."""
    if fed is None:
        return None
    kept: list[Any] = []
    device = next(convolution.parameters()).device
    with at_rest(part), contextlib.suppress(Exception):  # a pass that fails behind the convolution has its map by then
        handle = convolution.register_forward_hook(lambda _module, _inputs, output: kept.append(output[0]))
        try:
            part(*fed.batch(1, device))
        finally:
            handle.remove()
    return kept[0].detach().cpu().numpy() if kept and kept[0].ndim == 3 else None
