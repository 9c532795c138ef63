"""Synthetic 32x32 colour pictures of ten kinds, with as much disorder as a small network can be asked to see through.

A kind is a shape, a texture on it, and a preferred hue. Place, size, angle, colours, background, an occluding patch,
light and noise vary without regard to the kind, and the hue strays so far that colour alone does not tell it. So a
network of three convolutions learns most of it in a few passes over 3,000 pictures, and a linear model far less.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

SIZE = 32
Floats = NDArray[np.float64]
Rng = np.random.Generator

_HUE_SPREAD = 0.25  # turns of the colour circle
_NOISE = 0.07  # of the full range of brightness
_SOFTNESS = 14.0  # steepness of an edge: about two pixels wide


def pictures(count: int, seed: int, kinds: int = 10) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw pictures of all kinds, equally many of each (up to one).

    Args:
        count: How many.
        seed: Of all that varies.
        kinds: How many kinds, at most 100: beyond ten, the same shapes with other textures and hues.

    Returns:
        Pictures (count, 32, 32, 3) and labels (count,), both uint8, in random order.
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % kinds).astype(np.uint8)
    drawn = np.empty((count, SIZE, SIZE, 3), np.uint8)
    for kind in range(kinds):
        members = np.flatnonzero(labels == kind)
        drawn[members] = _draw(kind, kind / kinds, len(members), rng)
    return drawn, labels


def _draw(kind: int, hue: float, count: int, rng: Rng) -> NDArray[np.uint8]:
    shape, texture = _SHAPES[kind % len(_SHAPES)], _TEXTURES[(kind + kind // len(_SHAPES)) % len(_TEXTURES)]
    u, v = _coordinates(count, rng)
    inside = _edge(shape(u, v))[..., None]
    ink = _colour((hue + rng.normal(0, _HUE_SPREAD, count)) % 1, rng)
    phase = rng.uniform(-0.4, 0.4, (2, count, 1, 1))
    ink = ink * (1 - 0.75 * _edge(texture(u + phase[0], v + phase[1]))[..., None])
    picture = (1 - inside) * _background(count, rng) + inside * ink
    return _as_bytes(_lit(_occluded(picture, rng), rng))


def _coordinates(count: int, rng: Rng) -> tuple[Floats, Floats]:
    """Coordinates of the pixels in the frame of each object, shape (count, 32, 32): -1 to 1 across the object."""
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    shift = rng.uniform(-0.35, 0.35, (2, count, 1, 1))
    angle, scale = rng.normal(0, 0.25, (count, 1, 1)), rng.uniform(0.65, 0.9, (count, 1, 1))
    dx, dy = (x - shift[0]) / scale, (y - shift[1]) / scale
    return np.cos(angle) * dx + np.sin(angle) * dy, np.cos(angle) * dy - np.sin(angle) * dx


def _edge(distance: Floats) -> Floats:
    """1 inside, 0 outside, of a signed field that is positive inside."""
    return 1 / (1 + np.exp(-np.clip(_SOFTNESS * distance, -50, 50)))


def _colour(hue: Floats, rng: Rng) -> Floats:
    """Strong colours of the given hues, shape (count, 1, 1, 3)."""
    phase = hue[:, None] + np.array([0, 1 / 3, 2 / 3])
    strength = rng.uniform(0.25, 0.45, (len(hue), 1))
    return np.asarray((0.55 + strength * np.cos(2 * np.pi * phase))[:, None, None, :])


def _background(count: int, rng: Rng) -> Floats:
    """Two random colours that pass into each other in a random direction."""
    first, second = (_colour(rng.random(count), rng) * 0.8 for _ in range(2))
    y, x = np.mgrid[0 : 1 : SIZE * 1j, 0 : 1 : SIZE * 1j]
    angle = rng.uniform(0, 2 * np.pi, (count, 1, 1))
    mix = (0.5 + 0.5 * np.sin(np.cos(angle) * 3 * x + np.sin(angle) * 3 * y + angle))[..., None]
    return np.asarray(mix * first + (1 - mix) * second)


def _occluded(picture: Floats, rng: Rng) -> Floats:
    """A patch of a random colour over a random place of every picture."""
    count = len(picture)
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    top, left = rng.integers(-4, SIZE, (2, count, 1, 1))
    height, width = rng.integers(4, 12, (2, count, 1, 1))
    hidden = (y >= top) & (y < top + height) & (x >= left) & (x < left + width)
    return np.where(hidden[..., None], _colour(rng.random(count), rng), picture)


def _lit(picture: Floats, rng: Rng) -> Floats:
    """Random brightness and contrast, and noise in every pixel."""
    contrast, light = rng.uniform(0.6, 1.2, (len(picture), 1, 1, 1)), rng.normal(0, 0.08, (len(picture), 1, 1, 1))
    return np.asarray(0.5 + light + contrast * (picture - 0.5) + rng.normal(0, _NOISE, picture.shape))


def _as_bytes(picture: Floats) -> NDArray[np.uint8]:
    return np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)


# Signed fields in the object's frame, positive inside.
Field = Callable[[Floats, Floats], Floats]


def _box(u: Floats, v: Floats, width: float, height: float) -> Floats:
    return np.minimum(width - np.abs(u), height - np.abs(v))


def _disc(u: Floats, v: Floats, radius: float) -> Floats:
    return radius - np.hypot(u, v)


def _plain(u: Floats, v: Floats) -> Floats:
    return np.full(np.broadcast(u, v).shape, -1.0)


def _stripes(along: float, across: float) -> Field:
    return lambda u, v: np.sin(along * u + across * v)


_SHAPES: tuple[Field, ...] = (
    lambda u, v: np.maximum(_box(u, v, 1, 0.25), _box(u, v, 0.25, 1)),  # cross
    lambda u, v: _box(u, v, 1, 0.45),  # wide box
    lambda u, v: np.minimum(0.7 - v, 0.5 * (v + 1) - np.abs(u)),  # triangle
    lambda u, v: 0.28 - np.abs(np.hypot(u, v) - 0.7),  # ring
    lambda u, v: _box(u, v, 0.45, 1),  # tall box
    lambda u, v: _disc(u, v, 0.9),  # disc
    lambda u, v: 0.85 - np.abs(u) - np.abs(v),  # diamond
    lambda u, v: 0.6 + 0.35 * np.cos(5 * np.arctan2(v, u)) - np.hypot(u, v),  # star
    lambda u, v: np.minimum(_disc(u, v, 1), v + 0.1),  # half disc
    lambda u, v: np.maximum(_box(u + 0.6, v, 0.3, 0.9), _box(u, v - 0.6, 0.9, 0.3)),  # L
)

_TEXTURES: tuple[Field, ...] = (
    _plain,
    _stripes(9, 0),
    _stripes(0, 9),
    _plain,
    _stripes(7, 7),
    lambda u, v: np.sin(8 * u) * np.sin(8 * v),  # checks
    lambda u, v: np.sin(14 * np.hypot(u, v)),  # rings
    _plain,
    _stripes(7, -7),
    _stripes(0, 12),
)
