"""What the filters and maps of a convolution look like, small enough to leave the sandbox: means of 4x4 blocks."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.probe.signature import signature, standardised

MOST_FILTERS = 128
CHANNELS = 3
Json = dict[str, Any]


def described(layer: str, filters: Any, maps: Any, fed: Any = None) -> Json:
    """A `grader.records.LayerPictures` without its model.

    Args:
        layer: Name of the convolution.
        filters: Its weights, (filters, channels, height, width).
        maps: Its output for one picture, (filters, height, width); None if there is none.
        fed: That picture, grey, (height, width).
    """
    drawn = [np.asarray(one, float) for one in filters[:MOST_FILTERS]]
    seen = [] if maps is None else [np.asarray(one, float) for one in maps[:MOST_FILTERS]]
    return {
        "layer": layer[:200],
        "filters": [[_rounded(one.mean(axis=0)), *map(_rounded, one[:CHANNELS])] for one in drawn],
        "maps": [[_rounded(one), _rounded(np.maximum(one, 0))] for one in seen],
        "filter_size": list(drawn[0].shape[-2:]) if drawn else [],
        "map_size": list(seen[0].shape) if seen else [],
        "fed": _short(standardised(np.asarray(fed, float))) if seen and fed is not None else [],
    }


def _rounded(picture: Any) -> list[float]:
    return _short(signature(picture))


def _short(numbers: list[float]) -> list[float]:
    return [float(f"{number:.4g}") for number in numbers]
