"""Draws the parts of a data set: stratified, and the same each time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.errors import OperatorError

Pictures = NDArray[np.uint8]
Labels = NDArray[np.unsignedinteger[Any]]
Labelled = tuple[Pictures, Labels]

SEED = 28
FEWEST = 5  # pictures of a class: three parts of it must not be empty


@dataclass(frozen=True, slots=True)
class Parts:
    """The three parts of a data set: each pictures (N, height, width[, 3]), uint8, and labels (N,), unsigned."""

    train: Labelled
    test: Labelled
    held_out: Labelled


def stratified(labels: NDArray[Any], sizes: tuple[int, ...], seed: int) -> tuple[NDArray[np.intp], ...]:
    """Indices of disjoint parts that hold each class in the same proportion, shuffled.

    Args:
        labels: Class of each item, shape (N,).
        sizes: Of the parts; together at most N. Exact where every class is equally frequent and divides them.
        seed: Of the draw.
    """
    rng = np.random.default_rng(seed)
    ends = np.cumsum(sizes) / len(labels)
    shuffled = [rng.permutation(np.flatnonzero(labels == kind)) for kind in np.unique(labels)]
    cut = [np.split(items, np.rint(ends * len(items)).astype(int)) for items in shuffled]
    return tuple(rng.permutation(np.concatenate([parts[i] for parts in cut])) for i in range(len(sizes)))


def split(train: Labelled, test: Labelled | None) -> Parts:
    """A held-out part beside the two that are served.

    It is half of the public test part where there is one, so that training is as it is everywhere else; else a fifth
    of all, and a tenth becomes the test part.

    Raises:
        OperatorError: A class has too few pictures to be in every part.
    """
    _enough(train[1] if test is None else test[1])
    if test is not None:
        half = len(test[1]) // 2
        return Parts(train, *(_taken(test, part) for part in stratified(test[1], (len(test[1]) - half, half), SEED)))
    count = len(train[1])
    sizes = (count - count // 10 - count // 5, count // 10, count // 5)
    return Parts(*(_taken(train, part) for part in stratified(train[1], sizes, SEED)))


def _taken(labelled: Labelled, part: NDArray[np.intp]) -> Labelled:
    return labelled[0][part], labelled[1][part]


def _enough(labels: Labels) -> None:
    kinds, counts = np.unique(labels, return_counts=True)
    if not len(counts) or counts.min() < FEWEST:
        poor = f"class {kinds[counts.argmin()]} has {counts.min()}" if len(counts) else "it has no"
        raise OperatorError(f"too few pictures to hold some of each class out: {poor}", f"Give at least {FEWEST}")
