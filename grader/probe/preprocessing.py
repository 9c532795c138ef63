"""Finds out, from rows that a model was fed, how the served images were turned into them. NumPy only.

Everything considered is linear in the pixels: one matrix per image axis (crop, zero padding, resizing), one for the
channels (grey to RGB, RGB to BGR), and one scale and shift per channel. So a handful of rows is enough to find it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Layout = Literal["channels first", "channels last", "no channel axis", "flat", "flat, channels first"]

ALIKE = 0.99  # correlation: two different photographs or digits do not reach it, rounding does not spoil it
RESIDUAL = 0.05  # of the standard deviation: above it one scale and shift do not explain the rows
SAMPLES = 32  # pixels per axis that are compared: enough to tell images apart, also at 224x224
LARGEST = 512  # pixels per axis
GREY = np.array([[0.299], [0.587], [0.114]], dtype=np.float32)  # ITU-R BT.601, as in Pillow and TensorFlow


@dataclass(frozen=True, eq=False)
class Geometry:
    """Where each pixel and channel of the input comes from.

    Attributes:
        rows: (H out, H in): the output's rows as sums of the image's rows.
        columns: (W out, W in): likewise for columns.
        channels: (C in, C out): the output's channels as sums of the image's channels.
        layout: Order of axes in which the model takes it.
        words: The same for a person; empty parts changed nothing.
    """

    rows: Array
    columns: Array
    channels: Array
    layout: Layout
    words: tuple[str, ...] = ()

    def apply(self, images: Array, rows: slice = slice(None), columns: slice = slice(None)) -> Array:
        """Images (N, H in, W in, C in) as (N, H out, W out, C out), or only some of their rows and columns."""
        tall = np.einsum("hi,nijc->nhjc", self.rows[rows], images, optimize=True)
        wide = np.einsum("wj,nhjc->nhwc", self.columns[columns], tall, optimize=True)
        return wide @ self.channels

    @property
    def inside(self) -> NDArray[np.bool_]:
        """(H out, W out): True where a pixel comes from the image, False where it is padding."""
        return np.outer(self.rows.any(axis=1), self.columns.any(axis=1))


@dataclass(frozen=True, eq=False)
class Map:
    """How served images become a model's input: geometry, then `scale * v + shift` per channel.

    Attributes:
        geometry: Where pixels come from.
        scale: (C out,), for pixel values from 0 to 255.
        shift: (C out,).
        fill: (C out,): the value of padding, which may be put on before or after scaling.
    """

    geometry: Geometry
    scale: Array
    shift: Array
    fill: Array

    def apply(self, images: NDArray[np.uint8]) -> Array:
        """Images (N, H, W) or (N, H, W, C) as the model takes them, float32."""
        values = self.geometry.apply(_with_channels(images)) * self.scale + self.shift
        values = np.where(self.geometry.inside[None, :, :, None], values, self.fill)
        return np.ascontiguousarray(_arranged(values, self.geometry.layout), dtype=np.float32)

    def describe(self) -> str:
        """The same in words: `resized to 32x32 (bilinear), pixel values times 0.00392, channels first`."""
        scales = ", ".join(f"{v:.3g}" for v in np.unique(self.scale.round(6)))
        shifts = ", ".join(f"{v:+.3g}" for v in np.unique(self.shift.round(4)) if v)
        pixels = f"pixel values times {scales}" + (f", then {shifts}" if shifts else "")
        return ", ".join((*self.geometry.words, pixels, self.geometry.layout))


def find_map(seen_rows: NDArray[np.generic], served: NDArray[np.uint8]) -> Map | None:
    """The map that turns some served images into the rows that a model was fed, whatever their order.

    Args:
        seen_rows: (R, ...): a few rows of a batch; NxCxHxW, NxHxWxC, NxHxW or flattened.
        served: (N, H, W) or (N, H, W, C), from 0 to 255.

    Returns:
        The map that explains the most rows, or None when no row is a served image under a known map (a data set of
        another kind, features instead of images, a warped augmentation, scaling by each image's own mean).
    """
    rows = np.asarray(seen_rows, dtype=np.float32)
    images = _with_channels(served)
    if len(rows) == 0 or len(images) == 0 or not np.isfinite(rows).all():
        return None
    found = [fit for layout, seen in _readings(rows) for fit in _fits(seen, images, layout)]
    return max(found, key=lambda fit: fit[0], default=(None, None))[1]


def _fits(seen: Array, images: Array, layout: Layout) -> Iterator[tuple[tuple[int, float], Map]]:
    """Every geometry of this layout that explains rows, with (rows explained, mean correlation)."""
    for geometry in _geometries(images.shape, seen.shape, layout):
        kept = _sampled(geometry.rows), _sampled(geometry.columns)
        correlation = _correlations(seen[:, kept[0], kept[1]], geometry.apply(images, *kept))
        best = correlation.argmax(axis=1)
        score = correlation.max(axis=1)
        alike = score > ALIKE
        if alike.any() and (fit := _affine(seen[alike], images[best[alike]], geometry)):
            yield (int(alike.sum()), float(score[alike].mean())), fit


def _sampled(matrix: Array) -> slice:
    """Rows of an axis matrix to compare: inside the padding, and not more than needed."""
    inside = np.flatnonzero(matrix.any(axis=1))
    first, last = int(inside[0]), int(inside[-1]) + 1
    return slice(first, last, max(1, (last - first) // SAMPLES))


def _correlations(seen: Array, served: Array) -> Array:
    """(R, N): mean over the channels of the correlation of each seen row with each served image."""
    return np.einsum("rpc,npc->rn", _standard(seen), _standard(served), optimize=True) / seen.shape[-1]


def _standard(images: Array) -> Array:
    """(N, pixels, C), each channel of each image with mean 0 and norm 1; constant ones are 0."""
    flat = images.reshape(len(images), -1, images.shape[-1])
    flat = flat - flat.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.divide(flat, norm, out=np.zeros_like(flat), where=norm > 1e-6)


def _affine(seen: Array, images: Array, geometry: Geometry) -> Map | None:
    """Least squares for scale and shift per channel; None if they leave too much unexplained."""
    inside = geometry.inside
    channels = seen.shape[-1]
    x = geometry.apply(images)[:, inside].reshape(-1, channels).astype(np.float64)
    y = seen[:, inside].reshape(-1, channels).astype(np.float64)
    spread = x.var(axis=0)
    if not spread.all():
        return None
    scale = ((x - x.mean(axis=0)) * (y - y.mean(axis=0))).mean(axis=0) / spread
    shift = y.mean(axis=0) - scale * x.mean(axis=0)
    unexplained = (y - scale * x - shift).std(axis=0) / y.std(axis=0)
    if not (unexplained < RESIDUAL).all():
        return None
    fill = seen[:, ~inside].reshape(-1, channels).mean(axis=0) if not inside.all() else np.zeros(channels)
    return Map(geometry, *(np.asarray(part, dtype=np.float32) for part in (scale, shift, fill)))


def _readings(rows: Array) -> Iterator[tuple[Layout, Array]]:
    """The ways in which rows can be images: each as (R, H, W, C)."""
    shape = rows.shape[1:]
    if len(shape) == 3 and shape[0] in (1, 3):
        yield "channels first", rows.transpose(0, 2, 3, 1)
    if len(shape) == 3 and shape[2] in (1, 3):
        yield "channels last", rows
    if len(shape) == 2:
        yield "no channel axis", rows[..., None]
    if len(shape) == 1:
        yield from _flat_readings(rows)


def _flat_readings(rows: Array) -> Iterator[tuple[Layout, Array]]:
    for channels in (1, 3):
        side = math.isqrt(rows.shape[1] // channels)
        if side and side * side * channels == rows.shape[1]:
            yield "flat", rows.reshape(-1, side, side, channels)
            if channels > 1:
                yield "flat, channels first", rows.reshape(-1, channels, side, side).transpose(0, 2, 3, 1)


def _arranged(images: Array, layout: Layout) -> Array:
    """Images (N, H, W, C) in the order of axes that the model takes."""
    if layout == "no channel axis":
        return images[..., 0]
    if layout.endswith("channels first"):
        images = images.transpose(0, 3, 1, 2)
    return images.reshape(len(images), -1) if layout.startswith("flat") else images


def _geometries(served: tuple[int, ...], seen: tuple[int, ...], layout: Layout) -> Iterator[Geometry]:
    """Every geometry from images of one shape to images of another, both (N, H, W, C)."""
    _, height, width, channels = served
    _, tall, wide, planes = seen
    if max(tall, wide) > LARGEST:
        return
    axes = zip(_axis(height, tall), _axis(width, wide), strict=False)
    for ((rows, words), (columns, _)), (mix, colour) in itertools.product(axes, list(_channels(channels, planes))):
        said = (words.format(f"{tall}x{wide}") if (height, width) != (tall, wide) else "", colour)
        yield Geometry(rows, columns, mix, layout, tuple(word for word in said if word))


def usual_geometries(served: tuple[int, ...], wanted: tuple[int, ...]) -> Iterator[Geometry]:
    """Geometries from pictures (H, W) or (H, W, C) to an input row: the first for each order of axes and of colours.

    Where the size differs, that is a bilinear resize.
    """
    shape = (1, *served) if len(served) == 3 else (1, *served, 1)
    for layout, seen in _readings(np.zeros((1, *wanted), dtype=np.float32)):
        first: dict[bytes, Geometry] = {}
        for geometry in _geometries(shape, seen.shape, layout):
            first.setdefault(geometry.channels.tobytes(), geometry)
        yield from first.values()


def _axis(size: int, wanted: int) -> Iterator[tuple[Array, str]]:
    """Matrices (wanted, size) that make an axis of `wanted` pixels from one of `size`."""
    if size == wanted:
        yield np.eye(size, dtype=np.float32), ""
        return
    yield bilinear(size, wanted), "resized to {} (bilinear)"
    nearest = ((np.arange(wanted) + 0.5) * size / wanted).astype(int)
    yield np.eye(size, dtype=np.float32)[nearest], "resized to {} (nearest)"
    edge = abs(wanted - size) // 2
    whole = np.eye(max(size, wanted), dtype=np.float32)
    if wanted > size:
        yield whole[:, edge : edge + size], "padded to {}"
    else:
        yield whole[edge : edge + wanted], "cropped to {}"


def bilinear(size: int, wanted: int) -> Array:
    """(wanted, size): linear resampling of one axis with half-pixel centres and, when it shrinks, antialiasing.

    The triangle filter of Pillow's `Image.resize`; when it enlarges, also what torchvision and `tf.image.resize` do.
    """
    ratio = size / wanted
    width = max(ratio, 1.0)
    centres = (np.arange(wanted)[:, None] + 0.5) * ratio
    weights = np.clip(1 - np.abs(np.arange(size)[None, :] + 0.5 - centres) / width, 0, None)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _channels(size: int, wanted: int) -> Iterator[tuple[Array, str]]:
    """Matrices (size, wanted) that make channels from channels."""
    if size == wanted:
        yield np.eye(size, dtype=np.float32), ""
    if size == wanted == 3:
        yield np.eye(3, dtype=np.float32)[::-1].copy(), "RGB turned to BGR"
    if size == 1 and wanted > 1:
        yield np.ones((1, wanted), dtype=np.float32), f"grey repeated to {wanted} channels"
    if size == 3 and wanted == 1:
        yield GREY, "turned to grey"


def _with_channels(images: NDArray[np.uint8]) -> Array:
    """Images as float32 (N, H, W, C)."""
    pixels = np.asarray(images).astype(np.float32)
    return pixels if pixels.ndim == 4 else pixels[..., None]
