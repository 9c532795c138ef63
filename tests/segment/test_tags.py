from __future__ import annotations

import pytest

from grader.segment.asked import asked
from grader.segment.tags import question_of


@pytest.mark.parametrize(
    ("tag", "question"),
    [
        ("q6", 5),
        ("Q6", 5),
        ("q6-train", 5),
        ("test_q6", 5),
        ("exercise-6", 5),
        ("question_10", 9),
        ("Task3", 2),
        ("q61", None),
        ("cell-1f2e3d", None),
        ("", None),
    ],
)
def test_a_tag_names_a_question_or_none(rubric_of, tag, question) -> None:
    assert question_of(tag, asked(rubric_of("cnn-architectures"))) == question


@pytest.mark.parametrize(("tag", "question"), [("b2", 5), ("b2_plot", 5), ("q2", None), ("exercise-2", None)])
def test_where_numbers_start_again_only_ids_count(rubric_of, tag, question) -> None:
    assert question_of(tag, asked(rubric_of("lenet-alexnet"))) == question


def test_a_mark_within_a_cell_starts_an_answer_there(placed) -> None:
    found = placed("py:# question: q6\nx = 1\n# question: q8\ny = 1", "py:z = 1")
    assert found.answer("q8").cells == (0, 1)
    assert found.answer("q8").confidence == 1.0


def test_otters_raw_cells_name_questions(placed) -> None:
    found = placed(
        "raw:# BEGIN QUESTION\nname: q6\npoints: 3", "py:x = 1", "raw:# BEGIN QUESTION\nname: 'q9'", "py:y = 1"
    )
    assert found.answer("q6").cells == (0, 1)
    assert found.answer("q9").cells == (2, 3)
