"""Arguments for a model class that was defined and never built: only those whose names say what is meant."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from typing import Any

from grader.probe.recorder import Recorder

CLASSES = 10
SIDES = (3, 32, 32)  # channels, height, width, where the rubric does not say
GUESSES = {
    "classes": ("classes", "numclasses", "nclasses", "nbclasses", "nclass", "numclass", "outputs", "numoutputs",
                "noutputs", "outputdim", "outputsize", "outdim", "outputshape", "numlabels", "nlabels"),
    "channels": ("inchannels", "inputchannels", "channels", "inch", "numchannels", "nchannels", "inputchannel",
                 "imagechannels", "imgchannels", "inchannel", "colorchannels"),
    "side": ("imagesize", "imgsize", "inputsize", "size", "resolution", "height", "width", "imgheight", "imgwidth"),
    "inputs": ("inputdim", "infeatures", "numfeatures", "indim", "ninputs"),
    "hidden": ("hidden", "hiddendim", "hiddensize", "hiddenunits", "numhidden", "units", "fcsize"),
    "rate": ("dropout", "dropoutrate", "droprate", "p", "dropoutp", "dropoutprob", "rate"),
    "shape": ("inputshape", "imageshape", "imgshape", "shape"),
}  # fmt: skip
KINDS = {name: kind for kind, names in GUESSES.items() for name in names}


def required(cls: type) -> list[str]:
    """Names of the arguments that a class cannot do without."""
    parameters = inspect.signature(cls).parameters.values()
    return [p.name for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]


def guessed(names: Sequence[str], plan_shape: Sequence[int], *, channels_last: bool) -> dict[str, Any] | None:
    """Values for required arguments; None if the name of one of them does not say what it is.

    Args:
        names: The arguments.
        plan_shape: The rubric's input shape, the batch and the channels first; empty if it has none.
        channels_last: How an input shape is written.
    """
    channels, *sides = plan_shape[1:] if len(plan_shape) > 2 else SIDES
    values = {
        "classes": CLASSES,
        "channels": channels,
        "side": sides[0],
        "inputs": channels * math.prod(sides),
        "hidden": 64,
        "rate": 0.5,
        "shape": (*sides, channels) if channels_last else (channels, *sides),
    }
    kinds = {name: KINDS.get(name.replace("_", "").lower()) for name in names}
    return None if None in kinds.values() else {name: values[kind] for name, kind in kinds.items() if kind}


def arguments_for(
    cls: type, recorder: Recorder, plan_shape: Sequence[int], *, channels_last: bool
) -> dict[str, Any] | None:
    """What to build a class with that nobody has built; None, and a remark, where that is not known."""
    names = required(cls)
    arguments = guessed(names, plan_shape, channels_last=channels_last)
    if arguments is None:
        said = f"the class {cls.__name__} was defined and not used, and what it takes is not known"
        recorder.note("remark", f"{said}: {', '.join(names)[:200]}", cls.__name__)
    return arguments
