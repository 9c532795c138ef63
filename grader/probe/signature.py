"""What a picture looks like in a few numbers: means of equal blocks. NumPy only: both sides of the sandbox use it."""

from __future__ import annotations

from typing import Any

import numpy as np


def signature(values: Any, blocks: int = 4) -> list[float]:
    """Means of blocks of the image (H, W) or (H, W, C), row by row, over the colour channels and finite values.

    Args:
        values: The image.
        blocks: Along each axis.
    """
    grey = values if values.ndim == 2 else values[..., :3].mean(axis=-1)
    rows, columns = (_parts(length, blocks) for length in grey.shape)
    finite = (part[np.isfinite(part)] for part in (grey[row, column] for row in rows for column in columns))
    return [float(part.mean()) if part.size else 0.0 for part in finite]


def _parts(length: int, blocks: int) -> list[slice]:
    """Slices that cover an axis; they overlap where it is shorter than they are many."""
    return [
        slice(i * length // blocks, max(-(-(i + 1) * length // blocks), i * length // blocks + 1))
        for i in range(blocks)
    ]


def standardised(picture: Any, blocks: int = 8) -> list[float]:
    """The signature of a picture (H, W) around its mean, in units of its standard deviation; empty for a constant one.

    Noise has small numbers, as its blocks are all alike, and a photograph large ones.
    """
    spread = float(np.std(picture))
    if not np.isfinite(spread) or spread == 0:
        return []
    return [(mean - float(np.mean(picture))) / spread for mean in signature(picture, blocks)]
