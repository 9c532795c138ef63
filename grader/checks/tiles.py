"""Takes a grid that is drawn as one picture (`make_grid`, a NumPy block filled in a loop) apart into its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from grader.checks.arrays import read_floats
from grader.probe.signature import signature
from grader.records import Axes, Evidence, Figure, Picture

_MOST_GAP = 8  # pixels between two pictures of a grid
_MOST_TILES = 1024
_FEWEST_TILES = 4


def taken_apart(drawn: Figure, size: tuple[int, ...], evidence: Evidence) -> Iterator[Figure]:
    """The figure with its grids as single pictures, once for each gap between them that fits; nothing without a grid.

    Args:
        drawn: The figure.
        size: Height and width of one picture in the grid.
        evidence: Holds the grey values of large pictures.
    """
    grids = [p for axes in drawn.axes for p in axes.pictures if p.grey in evidence.blobs]
    if len(size) != 2 or min(size) < 1 or not grids:
        return
    for gap in range(_MOST_GAP + 1):
        for edge in (gap, 0) if gap else (0,):
            axes = tuple(_with_tiles(axes, size, gap, edge, evidence) for axes in drawn.axes)
            if axes != drawn.axes:
                yield replace(drawn, axes=axes)


def _with_tiles(axes: Axes, size: tuple[int, ...], gap: int, edge: int, evidence: Evidence) -> Axes:
    pictures = [tile for p in axes.pictures for tile in _tiles(p, size, gap, edge, evidence) or (p,)]
    return replace(axes, pictures=tuple(pictures))


def _tiles(picture: Picture, size: tuple[int, ...], gap: int, edge: int, evidence: Evidence) -> list[Picture]:
    """The pictures of one grid, row by row; empty where gap and edge do not fit its size."""
    content = evidence.blobs.get(picture.grey)
    if content is None:
        return []
    try:
        grey = read_floats(content)
    except ValueError:
        return []
    if grey.ndim != 2:
        return []
    starts = [_starts(length, side, gap, edge) for length, side in zip(grey.shape, size, strict=True)]
    if not _FEWEST_TILES <= len(starts[0]) * len(starts[1]) <= _MOST_TILES:
        return []
    return [_tile(grey[y : y + size[0], x : x + size[1]]) for y in starts[0] for x in starts[1]]


def _starts(length: int, side: int, gap: int, edge: int) -> list[int]:
    """Where pictures begin along an axis, if they fill it to the pixel."""
    count, rest = divmod(length - 2 * edge + gap, side + gap)
    return [edge + i * (side + gap) for i in range(count)] if rest == 0 else []


def _tile(grey: Any) -> Picture:
    return Picture(tuple(grey.shape), float(grey.min()), float(grey.max()), tuple(signature(grey)))
