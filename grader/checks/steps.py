"""Layers of PyTorch and Keras in one form: what a layer does, not what a framework calls it.

Shapes are `(C, H, W)` or `(features,)`, without the batch axis. A fused activation (`Dense(activation='relu')`) is a
step of its own, padding layers are folded into the convolution behind them, containers and reshapes vanish.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.checks.flow import containers, in_canonical_order
from grader.records import Framework, Layer, Model, Scalar, Shape

_TYPES: Mapping[str, tuple[str, ...]] = {
    "conv": ("conv1d", "conv2d", "conv3d", "lazyconv2d", "separableconv2d", "depthwiseconv2d"),
    "dense": ("linear", "lazylinear", "dense", "einsumdense", "addmm"),
    "max_pool": ("maxpool1d", "maxpool2d", "maxpooling1d", "maxpooling2d", "adaptivemaxpool2d"),
    "avg_pool": ("avgpool1d", "avgpool2d", "averagepooling1d", "averagepooling2d", "adaptiveavgpool2d"),
    "global_pool": ("globalaveragepooling2d", "globalmaxpooling2d", "globalavgpool2d", "globalmaxpool2d", "mean"),
    "batch_norm": ("batchnorm", "batchnorm1d", "batchnorm2d", "batchnormalization", "lazybatchnorm2d"),
    "dropout": ("dropout", "dropout1d", "dropout2d", "spatialdropout2d", "alphadropout", "featuredropout"),
    "flatten": ("flatten", "view", "reshape", "ravel"),
    "relu": ("relu", "relu6"),
    "tanh": ("tanh", "hardtanh"),
    "sigmoid": ("sigmoid", "hardsigmoid"),
    "softmax": ("softmax", "logsoftmax", "softmax2d"),
    "activation": ("activation", "leakyrelu", "prelu", "elu", "selu", "gelu", "silu", "swish", "mish", "softplus"),
    "concat": ("cat", "concat", "concatenate"),
    "add": ("add", "iadd", "radd"),
    "pad": ("zeropad2d", "zeropadding2d", "pad", "constantpad2d"),
}
_KIND = {name: kind for kind, names in _TYPES.items() for name in names}
# Layers that change nothing that a comparison of networks is about.
_NOISE = frozenset((
    "inputlayer", "identity", "rescaling", "resizing", "normalization", "randomflip", "randomrotation", "randomzoom",
    "randomcontrast", "randomtranslation", "gaussiannoise", "permute",
))  # fmt: skip
ACTIVATIONS = frozenset(("relu", "tanh", "sigmoid", "softmax", "activation"))
POOLS = frozenset(("max_pool", "avg_pool", "global_pool"))
WINDOWS = frozenset(("conv", "max_pool", "avg_pool"))

Sizes = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a network.

    Attributes:
        kind: What it does: one of the layer kinds of the rubric.
        type: The framework's word for it.
        units: Filters of a convolution or units of a dense layer.
        kernel: Size of its window.
        stride: Of its window.
        padding: The padding as the student wrote it, to show.
        modes: What the padding does, read from the sizes: `same`, `valid`, both, or `other`.
        input: Shape of its first input.
        output: Shape of its output.
        name: Path in the model.
    """

    kind: str
    type: str
    units: int | None = None
    kernel: Sizes = ()
    stride: Sizes = ()
    padding: str = ""
    modes: frozenset[str] = frozenset()
    input: Shape = ()
    output: Shape = ()
    name: str = ""

    def __str__(self) -> str:
        words = [self.type, self._size(), self._settings()]
        return f"{' '.join(filter(None, words))} → {times(self.output)}"

    def _size(self) -> str:
        kernel = times(self.kernel) if self.kernel and self.kind != "global_pool" else ""
        filters = self.units is not None and (self.kind == "conv" or kernel)
        return f"{self.units}@{kernel}".rstrip("@") if filters else kernel

    def _settings(self) -> str:
        usual = self.stride in ((), self.kernel) if self.kind in POOLS else set(self.stride) <= {1}
        stride = "" if usual else f"stride {_short(self.stride)}"
        padding = f"padding {self.padding}" if self.padding else ""
        return " ".join(filter(None, [stride, padding]))


def times(sizes: Sequence[int | None]) -> str:
    """`(6, 28, 28)` as `6×28×28`."""
    return "×".join("?" if size is None else str(size) for size in sizes) or "?"


def _short(sizes: Sizes) -> str:
    return str(sizes[0]) if len(set(sizes)) == 1 else times(sizes)


def steps(model: Model) -> tuple[Step, ...]:
    """The steps of a model, branches in an order that does not depend on the framework."""
    layers = model.layers
    skipped = containers(layers)
    found: list[Step] = []
    padded: Shape | None = None
    for index in in_canonical_order(layers, signature):
        layer = layers[index]
        kind = kind_of(layer)
        if index in skipped or kind is None:
            continue
        if kind == "pad":
            padded = _without_batch(layer.inputs[0], model.framework, layer) if layer.inputs else None
            continue
        found += _steps(layer, kind, model.framework, padded)
        padded = None
    return tuple(found)


def kind_of(layer: Layer) -> str | None:
    """The kind of a layer: `other` if it is an unknown layer, None if it is noise."""
    name = layer.type.replace("_", "").casefold()
    if layer.type.casefold() == "activation":
        return _activation_kind(layer.config.get("activation"))
    kind = _KIND.get(name)
    if kind == "global_pool" and name == "mean" and not _drops_space(layer):
        return None
    if kind == "flatten" and not _drops_space(layer):
        return None
    if kind == "dropout" and 0 in (layer.config.get("p"), layer.config.get("rate")):
        return None  # it drops nothing
    if kind is None and (layer.functional or name in _NOISE):
        return None
    return kind or "other"


def signature(layer: Layer) -> tuple[str, Sizes] | None:
    """What tells one branch from another, whatever its width: kind and window; None for steps without a window."""
    kind = kind_of(layer)
    return (kind, _sizes(layer.config, "kernel_size", "pool_size")) if kind in WINDOWS else None


def _drops_space(layer: Layer) -> bool:
    before = len(layer.inputs[0]) if layer.inputs else 0
    return before > 2 and (len(layer.output) <= 2 or layer.output[2:] == (1, 1))


def _activation_kind(name: object) -> str | None:
    word = str(name or "linear").replace("_", "").casefold()
    if word in ("linear", "none"):
        return None
    kind = _KIND.get(word, "activation")
    return kind if kind in ACTIVATIONS else "activation"


def _steps(layer: Layer, kind: str, framework: Framework, padded: Shape | None) -> list[Step]:
    source = _without_batch(layer.inputs[0], framework, layer) if layer.inputs else ()
    output = _without_batch(layer.output, framework, layer)
    step = _windowed(layer, kind, padded or source, output)
    fused = layer.config.get("activation") if kind in ("conv", "dense") else None
    activation = _activation_kind(fused)
    if activation is None:
        return [step]
    return [step, Step(activation, str(fused), input=output, output=output, name=layer.name)]


def _windowed(layer: Layer, kind: str, source: Shape, output: Shape) -> Step:
    kernel = _sizes(layer.config, "kernel_size", "pool_size")
    stride = _sizes(layer.config, "stride", "strides") or (kernel if kind in POOLS else ())
    units = output[0] if kind == "conv" and output else output[-1] if kind == "dense" and output else None
    if kind == "avg_pool" and _is_global(source, output, kernel):
        kind = "global_pool"
    if kind == "dense" and len(output) > 2:
        kind = "other"  # on a map that was not flattened it joins the channels of each place, and no places
    if kind == "conv" and _is_dense(source, output, kernel):
        kind = "dense"
    dilation = _sizes(layer.config, "dilation", "dilation_rate")
    modes = _modes(source, output, kernel, stride, dilation) if kind in WINDOWS else frozenset()
    padding = _padding(layer.config.get("padding")) if kind in WINDOWS else ""
    name = str(layer.config.get("activation")) if layer.type == "Activation" else layer.type
    return Step(kind, name, units, kernel, stride, padding, modes, source, output, layer.name)


def _is_global(source: Shape, output: Shape, kernel: Sizes) -> bool:
    return output[1:] == (1, 1) and source[1:] != (1, 1) and (not kernel or _pair(kernel) == source[1:])


def _is_dense(source: Shape, output: Shape, kernel: Sizes) -> bool:
    # LeNet's C5: 120 filters over the whole 5×5 map are a dense layer of 120 units, with the same parameters.
    return output[1:] == (1, 1) and source[1:] == _pair(kernel) and source[1:] != (1, 1)


def _modes(source: Shape, output: Shape, kernel: Sizes, stride: Sizes, dilation: Sizes) -> frozenset[str]:
    axes = list(zip(source[1:], output[1:], strict=False))
    if not kernel or not axes or any(size is None for axis in axes for size in axis):
        return frozenset()
    modes = frozenset(("same", "valid"))
    for axis, (before, after) in enumerate(axes):
        step = _at(stride, axis)
        window = (_at(kernel, axis) - 1) * _at(dilation, axis) + 1
        same, valid = -(-(before or 0) // step), ((before or 0) - window) // step + 1
        modes &= frozenset(name for name, size in (("same", same), ("valid", valid)) if size == after)
    return modes or frozenset(("other",))


def _at(sizes: Sizes, axis: int) -> int:
    return max(1, sizes[min(axis, len(sizes) - 1)]) if sizes else 1


def _pair(sizes: Sizes) -> Sizes:
    return sizes * 2 if len(sizes) == 1 else sizes


def _sizes(config: Mapping[str, Scalar | tuple[Scalar, ...]], *keys: str) -> Sizes:
    for key in keys:
        value = config.get(key)
        if value is not None:
            numbers = value if isinstance(value, tuple) else (value, value)
            return tuple([number for number in numbers if isinstance(number, int)])
    return ()


def _padding(value: Scalar | tuple[Scalar, ...]) -> str:
    if value in (None, 0, "valid", ()) or (isinstance(value, tuple) and not any(value)):
        return ""
    if isinstance(value, tuple):
        return _short(tuple(size for size in value if isinstance(size, int)))
    return str(value)


def _without_batch(shape: Shape, framework: Framework, layer: Layer) -> Shape:
    inner = shape[1:]
    channels_last = framework == "keras" and layer.config.get("data_format") != "channels_first"
    return (inner[-1], *inner[:-1]) if channels_last and len(inner) > 1 else inner
