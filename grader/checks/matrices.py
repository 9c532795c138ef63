"""Matrices in a text, as NumPy, lists and tensors are printed, and as people write them down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

_ROW = re.compile(r"\[([\s,\d.eE+\-]{1,2000})\]")
_BETWEEN = re.compile(r"[\s,#]{0,200}")  # between two rows of one matrix; `#` where it stands in a comment
_WORDS = re.compile(r"[a-z]+")
_BEFORE = 80  # characters before a matrix that can say what it is
_MOST_TEXT = 100_000


@dataclass(frozen=True)
class Matrix:
    """A matrix in a text.

    Attributes:
        values: (rows, columns).
        words: The words that stand right before it, in lower case and in order, since the matrix before it.
        line: Where it begins, counted from 0.
    """

    values: Any
    words: tuple[str, ...]
    line: int


def matrices_in(text: str) -> Iterator[Matrix]:
    """The matrices of a text (its last 100,000 characters), in order. A row alone is a matrix of one row."""
    text, rows, before = text[-_MOST_TEXT:], list[list[float]](), 0
    start = end = 0
    for match in _ROW.finditer(text):
        numbers = _numbers(match[1])
        if not numbers:
            continue
        if not (rows and len(rows[0]) == len(numbers) and _BETWEEN.fullmatch(text, end, match.start())):
            if rows:
                yield _matrix(text, rows, before, start)
            rows, before, start = [], end, match.start()
        rows.append(numbers)
        end = match.end()
    if rows:
        yield _matrix(text, rows, before, start)


def _matrix(text: str, rows: list[list[float]], before: int, start: int) -> Matrix:
    words = _WORDS.findall(text[max(before, start - _BEFORE) : start].casefold())
    return Matrix(np.asarray(rows), tuple(words), text.count("\n", 0, start))


def _numbers(text: str) -> list[float]:
    try:
        return [float(word) for word in text.replace(",", " ").split()]
    except ValueError:
        return []
