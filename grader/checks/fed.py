"""What a training was fed: the scale of its pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.checks.parts import Part
from grader.records import Layer, Model, Training

_WIDE, _NARROW = 20.0, 0.1  # spans of values beyond which pictures are not scaled, or more than once
_CENTRED = -5.0  # a least value below it: the mean was taken off, as VGG16 has it
_NORMALISING = ("normalization", "batchnorm2d", "layernorm", "instancenorm2d", "groupnorm")
_UNCLEAR = frozenset(("lambda", "truediv", "div", "divide", "mul", "multiply", "sub", "subtract"))


def normalised(model: Model, stages: Iterable[Training]) -> Part:
    """Whether the pictures were scaled, and once, before the first layer with weights or by the layers before it."""
    seen = next((stage.input_range for stage in stages if stage.input_range), None)
    before = _before_weights(model.layers)
    if seen is None or any(layer.type.casefold() in _UNCLEAR for layer in before):
        return Part(None, "How the pictures were scaled was not seen.")
    if any(layer.type.casefold().endswith(_NORMALISING) for layer in before):
        return Part(1.0, "The first layer normalises the pictures.")
    scale = 1.0
    for layer in before:
        factor = layer.config.get("scale")
        scale *= abs(float(factor)) if layer.type == "Rescaling" and isinstance(factor, int | float) else 1.0
    low, high = (value * scale for value in seen)
    text = f"The network was trained with values from {low:.3g} to {high:.3g}"
    if high - low > _WIDE and low > _CENTRED:
        return Part(0.0, f"{text}, expected a range of about 1.", "Divide the pictures by 255 before you train.")
    if high - low < _NARROW:
        text = f"{text}, expected a range of about 1: they were scaled more than once."
        return Part(0.0, text, "Look for every place where the pictures are divided: once is enough.")
    return Part(1.0, f"{text}.")


def _before_weights(layers: Sequence[Layer]) -> list[Layer]:
    """The layers up to the first one with weights; that one counts if it normalises."""
    first = next((i for i, layer in enumerate(layers) if layer.parameters), len(layers))
    with_it = first < len(layers) and layers[first].type.casefold().endswith(_NORMALISING)
    return list(layers[: first + with_it])
