"""Pages in two columns: which rows stand left, which right, and which across both."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

BIN, MARGIN = 2.0, 10.0  # points
MIN_GUTTER = 4  # bins: narrower gaps stand between words
# Where, as shares of the width of the text, the room between two columns can lie.
MIDDLE = (0.3, 0.7)
MOST_ACROSS = 0.1  # share of the rows that may stand across both columns: titles, page numbers
FEW = 2  # rows
MIN_ROWS = 8  # on each side
ALIGNED = 0.4  # share of the rows on the right that begin at its edge

Char = Mapping[str, Any]
Row = list[Char]


@dataclass(frozen=True, slots=True)
class Column:
    """Rows that are read one after the other.

    Attributes:
        rows: From top to bottom.
        shift: By how many points they stand further right than the left column.
    """

    rows: Sequence[Row]
    shift: float = 0.0

    @property
    def left(self) -> float:
        """Where its leftmost character begins, in points."""
        return min((char["x0"] for row in self.rows for char in row), default=0.0)

    @property
    def top(self) -> float:
        """Upper edge of its first row, in points from the top of the page."""
        return min((char["top"] for row in self.rows for char in row), default=0.0)


def columns(rows: Sequence[Row]) -> Iterator[Column]:
    """The rows of a page in reading order: all of them, or the left before the right between those across both."""
    filled = [row for row in rows if any(char["text"].strip() for char in row)]
    room = _gutter(filled)
    if room is None:
        yield Column(rows)
        return
    middle = sum(room) / 2
    left, right = ([_part(row, middle, side) for row in filled] for side in (False, True))
    shift = _edge(right) - _edge(left)
    for across, band in groupby(filled, key=lambda row: _is_across(row, *room)):
        rows_of_band = list(band)
        if across:
            yield Column(rows_of_band)
        else:
            yield Column([part for row in rows_of_band if (part := _part(row, middle, on_right=False))])
            yield Column([part for row in rows_of_band if (part := _part(row, middle, on_right=True))], shift)


def column_of(left: float, top: float, found: Sequence[Column]) -> int:
    """Which of the columns of a page something stands in, by its left and upper edge in points."""
    right = min((column.left for column in found if column.shift), default=math.inf)
    same_side = (place for place, column in enumerate(found) if (column.shift > 0) == (left > right - MARGIN))
    return max((place for place in same_side if found[place].top <= top), default=0)


def _gutter(rows: Sequence[Row]) -> tuple[float, float] | None:
    """Left and right end of the room between two columns, in points; None on a page with one."""
    if len(rows) < MIN_ROWS:
        return None
    begin = min(char["x0"] for row in rows for char in row)
    end = max(char["x1"] for row in rows for char in row)
    covered = np.array([_covered(row, begin, end) for row in rows])
    bins = covered.shape[1]
    times = covered.sum(axis=0)
    middle = times[int(MIDDLE[0] * bins) : int(MIDDLE[1] * bins)]
    if not len(middle) or middle.min() > MOST_ACROSS * len(rows):
        return None
    # What the fewest rows cover, give or take a page number: lines of the left column end where their words end.
    free = times <= middle.min() + FEW
    free[: int(MIDDLE[0] * bins)] = free[int(MIDDLE[1] * bins) :] = False
    runs = [(len(list(run)), is_free) for is_free, run in groupby(free)]
    places = np.cumsum([0] + [length for length, _ in runs])
    widest = max(
        ((length, int(place)) for (length, ok), place in zip(runs, places, strict=False) if ok), default=(0, 0)
    )
    if widest[0] < MIN_GUTTER:
        return None
    first, last = widest[1], widest[1] + widest[0]
    on_left, on_right = covered[:, :first].any(axis=1), covered[:, last:].any(axis=1)
    if min(int(on_left.sum()), int(on_right.sum())) < MIN_ROWS:
        return None
    starts = covered[on_right, last:].argmax(axis=1)
    if float(np.mean(starts <= starts.min() + 1)) < ALIGNED:
        return None
    return begin + BIN * first, begin + BIN * last


def _covered(row: Row, begin: float, end: float) -> npt.NDArray[np.bool_]:
    """Which bins a row covers; the room between its words counts as covered."""
    result = np.zeros(int((end - begin) / BIN) + 1, dtype=np.bool_)
    before: Char | None = None
    for char in sorted((char for char in row if char["text"].strip()), key=lambda char: char["x0"]):
        close = before is not None and char["x0"] - before["x1"] < 0.6 * char["size"]
        start = before["x1"] if before is not None and close else char["x0"]
        result[int((start - begin) / BIN) : int((char["x1"] - begin) / BIN) + 1] = True
        before = char
    return result


def _is_across(row: Row, left: float, right: float) -> bool:
    """Whether a row covers the whole room between the columns."""
    first, last = int(left / BIN), int(right / BIN)
    return bool(_covered(row, 0.0, max(right, *(char["x1"] for char in row)))[first:last].all())


def _part(row: Row, middle: float, on_right: bool) -> Row:
    return [char for char in row if ((char["x0"] + char["x1"]) / 2 >= middle) is on_right]


def _edge(parts: Sequence[Row]) -> float:
    return min((char["x0"] for part in parts for char in part if char["text"].strip()), default=0.0)
