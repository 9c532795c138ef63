from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from grader.segment.assign import Worth, assign, in_order, total

SMALL = arrays(
    np.float64, st.tuples(st.integers(1, 5), st.integers(1, 4)), elements=st.floats(-1, 1).map(lambda x: round(x, 2))
)


def rising(rows: int, columns: int):
    for size in range(min(rows, columns) + 1):
        for chosen in itertools.combinations(range(rows), size):
            for questions in itertools.combinations(range(columns), size):
                yield dict(zip(questions, chosen, strict=True))


@settings(deadline=None)
@given(SMALL)
def test_in_order_is_the_best_of_all_orders_that_rise(worth) -> None:
    best = max(sum(worth[c, q] for q, c in pairs.items()) for pairs in rising(*worth.shape))
    found = in_order(worth)
    assert sum(worth[c, q] for q, c in found.items()) == pytest.approx(best)
    assert [c for _, c in sorted(found.items())] == sorted(found.values())


@settings(deadline=None)
@given(SMALL)
def test_assignment_is_never_worth_less_than_the_best_in_order(worth) -> None:
    view = Worth(worth, [True] * len(worth))
    pairs = {q: c for c, q in assign(view)}
    assert total(view, pairs) >= total(view, in_order(worth)) - 1e-9
    assert len(set(pairs.values())) == len(pairs)


def test_a_clear_answer_out_of_order_is_found() -> None:
    worth = np.full((3, 3), -1.0)
    worth[0, 2] = worth[1, 0] = worth[2, 1] = 0.9
    assert assign(Worth(worth, [True] * 3)) == [(0, 2), (1, 0), (2, 1)]


def test_what_looks_strange_must_be_worth_more_to_stand_out_of_order() -> None:
    worth = np.full((3, 3), -1.0)
    worth[0, 1] = worth[2, 2] = 0.9
    worth[1, 0] = 0.4
    assert assign(Worth(worth, [True, False, True])) == [(0, 1), (2, 2)]
    assert assign(Worth(worth, [True, True, True])) == [(0, 1), (1, 0), (2, 2)]
