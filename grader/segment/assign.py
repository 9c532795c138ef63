"""Candidates to questions, as a whole: mostly in the rubric's order, which students mostly keep.

Dynamic programming finds the best assignment in order (`in_order`). Where students answered in another order, a second
proposal that takes the best pairs first is compared with it under one measure (`total`), and the better one is
improved by single moves until none helps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from grader.segment.likeness import Matrix

# What a step back in the rubric's order costs, where both starts look as the others do, and where one does not.
STEP_BACK, STRANGE_STEP_BACK = 0.22, 0.6
MOST_MOVES, MOST_ROWS = 60, 6
Pairs = Mapping[int, int]  # question -> candidate


@dataclass(frozen=True, slots=True)
class Worth:
    """What each pair of candidate (row) and question (column) is worth, above 0 where it is to be believed.

    Attributes:
        pairs: The values.
        usual: For each candidate whether it looks like most starts of the document.
    """

    pairs: Matrix
    usual: Sequence[bool]


def assign(worth: Worth) -> list[tuple[int, int]]:
    """Pairs (candidate, question) in the order of candidates; each candidate and each question at most once."""
    proposals = [in_order(worth.pairs), _best_first(worth)]
    best = max(proposals, key=lambda pairs: total(worth, pairs))
    return sorted((c, q) for q, c in _improved(worth, best).items())


def total(worth: Worth, pairs: Pairs) -> float:
    """The worth of all pairs less the cost of all steps back."""
    order = sorted((c, q) for q, c in pairs.items())
    value = sum(float(worth.pairs[c, q]) for c, q in order)
    for (above, before), (below, after) in pairwise(order):
        if after < before:
            value -= STEP_BACK if worth.usual[above] and worth.usual[below] else STRANGE_STEP_BACK
    return value


def in_order(worth: Matrix) -> dict[int, int]:
    """Pairs, both rising, with the largest sum of worths."""
    rows, columns = worth.shape
    best = np.zeros((rows + 1, columns + 1))
    for row in range(rows):
        taken = best[row, :-1] + worth[row]
        best[row + 1, 1:] = np.maximum.accumulate(np.maximum(taken, best[row, 1:]))
    return _traced(best)


def _traced(best: Matrix) -> dict[int, int]:
    pairs: dict[int, int] = {}
    row, column = best.shape[0] - 1, best.shape[1] - 1
    while row and column:
        if best[row, column] == best[row, column - 1]:
            column -= 1
        elif best[row, column] == best[row - 1, column]:
            row -= 1
        else:
            row, column = row - 1, column - 1
            pairs[column] = row
    return pairs


def _best_first(worth: Worth) -> dict[int, int]:
    """The pair that is worth most, then the next of what is left, without regard to order."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    rows, columns = np.nonzero(worth.pairs > 0)
    values = worth.pairs[rows, columns]
    for i in np.argsort(-values, kind="stable"):
        row, column = int(rows[i]), int(columns[i])
        if column not in pairs and row not in taken:
            pairs[column] = row
            taken.add(row)
    return pairs


def _improved(worth: Worth, pairs: dict[int, int]) -> dict[int, int]:
    value = total(worth, pairs)
    for _ in range(MOST_MOVES):
        moved = max(_moves(worth, pairs), key=lambda move: total(worth, move), default=pairs)
        if total(worth, moved) <= value + 1e-9:
            break
        pairs, value = moved, total(worth, moved)
    return pairs


def _moves(worth: Worth, pairs: dict[int, int]) -> Iterator[dict[int, int]]:
    """All ways to leave out, place or move one question."""
    owner = {c: q for q, c in pairs.items()}
    for question in range(worth.pairs.shape[1]):
        without = {q: c for q, c in pairs.items() if q != question}
        if question in pairs:
            yield without
        column = worth.pairs[:, question]
        for row in np.argsort(-column, kind="stable")[:MOST_ROWS]:
            if column[row] > 0 and pairs.get(question) != int(row):
                loser = owner.get(int(row), -1)
                yield {**{q: c for q, c in without.items() if q != loser}, question: int(row)}
