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


def test_a_question_word_for_word_goes_to_its_own_whatever_number_a_shorter_sheet_gives_it(placed, rubric_of) -> None:
    """Found by hypothesis with random seeds: of the renumbered sheet the first and last number fit by chance."""
    prompts = {question.id: question.prompt for question in rubric_of("cnn-theory-practical").questions}
    kept = ["t4", "t5", "t7", "p4", "p13"]
    cells = [f"md:## Question {n}: {prompts[one]}\n\nIt is so." for n, one in enumerate(kept, start=1)]
    found = placed(*cells, rubric="cnn-theory-practical")
    assert [found.answer(one).cells for one in kept] == [(0,), (1,), (2,), (3,), (4,)]


def test_an_answer_in_two_parts_is_as_sure_as_the_part_that_is_least_sure(placed) -> None:
    found = placed("md:## Question 6: LeNet-5 on MNIST", "py:x = 1", "md:## Question 7: VGG16", "py:y = 1")
    both = placed(
        *("md:## Question 6: LeNet-5 on MNIST", "py:x = 1", "md:## Question 7: VGG16", "py:y = 1"),
        *("md:## Question 6 (continued): LeNet-5 on MNIST", "md:98 %"),
    )
    assert both.answer("q6").cells == (0, 1, 4, 5)
    assert both.answer("q6").confidence <= found.answer("q6").confidence
    assert "cell 0" in both.answer("q6").reason
    assert "cell 4" in both.answer("q6").reason
