"""The usual ways to prepare pictures, for models of which it is not known how their pictures were prepared.

The way that suits a model best is found with pictures whose labels its own code was served: nothing held out is used.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from grader.probe.preprocessing import Array, Map, usual_geometries

ASKED = 200  # labelled pictures on which each way is tried
SECONDS = 20.0
LEAST_GAIN = 1.5  # times chance: below, no way suits the model
# Scale and shift of values from 0 to 255, per colour channel where there are three.
IMAGENET = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
CIFAR = np.array([0.4914, 0.4822, 0.4465]), np.array([0.2023, 0.1994, 0.2010])
MNIST = np.array([0.1307]), np.array([0.3081])

Ask = Callable[[Map, NDArray[np.uint8]], NDArray[np.float32]]


def usual_maps(served: tuple[int, ...], wanted: tuple[int, ...]) -> Iterator[Map]:
    """The usual maps from served pictures to a model's input.

    Args:
        served: (H, W) or (H, W, C) of the served pictures.
        wanted: Shape of one row of the model's input.
    """
    for geometry in usual_geometries(served, wanted):
        channels = geometry.channels.shape[1]
        for scale, shift in _scales(channels):
            one = np.ones(channels, dtype=np.float32)
            yield Map(geometry, scale * one, shift * one, shift * one)


def _scales(channels: int) -> Iterator[tuple[Array, Array]]:
    yield _numbers(1 / 255), _numbers(0)
    yield _numbers(1 / 127.5), _numbers(-1)
    yield _numbers(1), _numbers(0)
    for mean, deviation in (MNIST,) if channels == 1 else (CIFAR, IMAGENET):
        yield _numbers(1 / (255 * deviation)), _numbers(-mean / deviation)


def _numbers(value: object) -> Array:
    return np.asarray(value, dtype=np.float32)


def best_usual(
    ask: Ask, wanted: tuple[int, ...], images: NDArray[np.uint8], labels: NDArray[np.int64]
) -> tuple[Map, str] | None:
    """The usual map under which a model is right most often, with words that say so; None if none suits it.

    Args:
        ask: Gives the model's outputs (N, classes) for pictures under a map.
        wanted: Shape of one row of the model's input.
        images: (N, H, W) or (N, H, W, C) with labels, that the student's code was served.
        labels: (N,).
    """
    images, labels = images[:ASKED], labels[:ASKED]
    best, right, tried, started = None, LEAST_GAIN / max(2, len(set(labels.tolist()))), 0, time.monotonic()
    for candidate in usual_maps(images.shape[1:], wanted):
        if time.monotonic() - started > SECONDS:
            break
        share = _share(ask, candidate, images, labels)
        tried += share is not None
        if share is not None and share > right:
            best, right = candidate, share
    if best is None:
        return None
    words = (
        f"it is not known how your code prepares these pictures; of {tried} usual ways this one gives the most right "
        f"answers ({right:.0%} of {len(labels)} pictures that your code was served): {best.describe()}"
    )
    return best, words


def _share(ask: Ask, candidate: Map, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> float | None:
    """Share of right answers under a map; None if the model does not take such an input."""
    try:
        outputs = ask(candidate, images)
    except Exception:
        return None
    return float((outputs.argmax(axis=1) == labels).mean()) if outputs.ndim == 2 else None
