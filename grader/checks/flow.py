"""The graph behind a list of layers: branches, merges, containers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from grader.records import Framework, Layer

Signature = Callable[[Layer], tuple[str, tuple[int, ...]] | None]
_CONCAT = frozenset(("cat", "concat", "concatenate"))


def containers(layers: Sequence[Layer]) -> frozenset[int]:
    """Indices of calls that only hold other recorded calls: a nested model beside its own layers."""
    parents = {parent for layer in layers for parent in _parents(layer.name)}
    return frozenset(i for i, layer in enumerate(layers) if not layer.functional and layer.name in parents)


def _parents(name: str) -> list[str]:
    return [name[:i] for i, character in enumerate(name) if character in "./"]


def in_canonical_order(layers: Sequence[Layer], signature: Signature) -> list[int]:
    """Indices of the layers, branch by branch; the branches of a merge are sorted by what they do.

    PyTorch calls layers in the order of the code, Keras in the order of depth, and students write the branches of an
    inception module in any order: none of that is a difference between networks. Without branches, the call order.

    Args:
        layers: In call order.
        signature: What tells one branch from another, or None for a layer that does not.
    """
    sources = [tuple(dict.fromkeys(s for s in layer.sources if 0 <= s < i)) for i, layer in enumerate(layers)]
    if all(len(of_layer) < 2 for of_layer in sources):
        return list(range(len(layers)))
    users = Counter(source for of_layer in sources for source in of_layer)

    def branch(end: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
        found = []
        while users[end] == 1:
            found.append(signature(layers[end]))
            if len(sources[end]) != 1:
                break
            end = sources[end][0]
        return tuple(mark for mark in reversed(found) if mark is not None)

    ordered = [sorted(s, key=lambda end: (len(branch(end)), branch(end))) if len(s) > 1 else s for s in sources]
    return _behind_before(ordered)


def _behind_before(sources: Sequence[Sequence[int]]) -> list[int]:
    """Depth-first: what a layer needs stands before it. What the last layer does not need stands at the end."""
    order: dict[int, None] = {}
    for start in (len(sources) - 1, *range(len(sources))):
        stack = [start]
        while stack:
            waiting = next((s for s in sources[stack[-1]] if s not in order), None)
            if waiting is None:
                order.setdefault(stack.pop())
            else:
                stack.append(waiting)
    return list(order)


def channel_branches(layers: Sequence[Layer], framework: Framework) -> int:
    """The largest number of different inputs that one concatenation joins on the channel axis; 0 without any."""
    return max((_joined(layer, framework) for layer in layers), default=0)


def _joined(layer: Layer, framework: Framework) -> int:
    shapes = [*layer.inputs, layer.output]
    if layer.type.casefold() not in _CONCAT or not layer.inputs or {len(shape) for shape in shapes} != {4}:
        return 0
    axis = 1 if framework == "torch" or layer.config.get("data_format") == "channels_first" else 3
    on_channels = sum(shape[axis] or 0 for shape in layer.inputs) == layer.output[axis]
    return len(set(layer.sources)) if on_channels else 0
