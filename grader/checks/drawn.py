"""Whether what is drawn is what was computed: pictures of the network's own first convolution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from grader.checks.absence import observed
from grader.checks.tiles import taken_apart
from grader.records import Evidence, Figure, LayerPictures

Shows = Literal["filters", "maps"]
_ALIKE = 0.95  # correlation of two signatures of 16 numbers; noise reaches it once in ten million times
_SAME_PICTURE = 0.8  # of 64 numbers: another crop of a photograph stays above, another photograph below
_PHOTOGRAPH = 0.2  # of a standard deviation: what the blocks of a photograph differ by, and those of noise do not


def only(drawn: Figure, wanted: Shows, evidence: Evidence, fed: Sequence[LayerPictures]) -> Figure:
    """The figure without the pictures that are not the network's filters or maps, whatever their scale.

    A grid that is drawn as one picture is taken apart.

    Args:
        drawn: The figure.
        wanted: What to keep.
        evidence: Of the question.
        fed: The convolutions whose maps count.
    """
    seen = observed(evidence).layer_pictures if wanted == "filters" else fed
    sizes = {one.filter_size if wanted == "filters" else one.map_size for one in seen}
    known = _known(wanted, seen)
    ways = [drawn, *(figure for size in sorted(sizes) for figure in taken_apart(drawn, size, evidence))]
    return max((_kept(way, known) for way in ways), key=lambda figure: sum(len(a.pictures) for a in figure.axes))


def _kept(drawn: Figure, known: Any) -> Figure:
    axes = (
        replace(axes, pictures=tuple(p for p in axes.pictures if p.high <= p.low or _alike(p.signature, known)))
        for axes in drawn.axes
    )
    return replace(drawn, axes=tuple(axes))


def other_windows(evidence: Evidence, window: int) -> str:
    """`3×3`: the sizes of the networks' first filters, where none is the one that was asked for; else empty."""
    sizes = {one.filter_size for one in observed(evidence).layer_pictures if one.filter_size}
    return "" if (window, window) in sizes else " and ".join(f"{high}×{wide}" for high, wide in sorted(sizes))


def of_the_given_picture(evidence: Evidence, reference: Evidence | None) -> tuple[list[LayerPictures], str]:
    """The convolutions that were fed the picture that the reference's was fed, and what is wrong with the others.

    Another crop or normalisation of it is the same picture. What is wrong is empty where something may be right.
    """
    own = [one for one in observed(evidence).layer_pictures if one.maps]
    given = [one.fed for one in observed(reference).layer_pictures if one.fed] if reference else []
    same = [one for one in own if any(_correlation(one.fed, right) >= _SAME_PICTURE for right in given)]
    if same or not own or not given:
        return same or own, ""
    if all(not one.fed or np.std(one.fed) < _PHOTOGRAPH for one in own):
        return [], "noise"
    return [], "another picture"


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    if len(one) != len(other) or not one:
        return 0.0
    a, b = (_centred(np.asarray(row, dtype=float).reshape(1, -1))[0] for row in (one, other))
    return float(a @ b)


def _known(wanted: Shows, seen: Sequence[LayerPictures]) -> Any:
    rows = list(_signatures(wanted, seen))
    return _centred(np.asarray(rows, dtype=float).reshape(-1, 16))


def _signatures(wanted: Shows, seen: Sequence[LayerPictures]) -> Iterator[Sequence[float]]:
    for one in seen:
        for variants in one.filters if wanted == "filters" else one.maps:
            yield from (signature for signature in variants if len(signature) == 16)


def _centred(rows: Any) -> Any:
    """Rows of mean 0 and length 1: the product of two is their correlation. Constant rows become 0."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


def _alike(signature: Sequence[float], known: Any) -> bool:
    if len(signature) != 16 or not len(known):
        return False
    return bool(np.max(known @ _centred(np.asarray(signature, dtype=float).reshape(1, 16))[0]) >= _ALIKE)
