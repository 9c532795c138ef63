"""An answer that was found with little confidence goes to a person, and the student reads which cells were taken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.records import SURE, Answer, Observation
from grader.rubric import Rubric, load_rubric
from grader.score import score

CODE_ONLY = """
assignment: tiny
title: Tiny
questions:
  - {id: q2, title: Practice, points: 2, criteria: [{id: runs, title: It runs, check: runs, points: 2}]}
"""


@pytest.fixture
def code_only(tmp_path) -> Rubric:
    path = tmp_path / "code.yaml"
    path.write_text(CODE_ONLY)
    return load_rubric(path)


@pytest.mark.parametrize(("confidence", "review"), [(SURE - 0.05, True), (SURE, False), (0.95, False)])
def test_little_confidence_asks_for_a_person(trace: Any, code_only: Rubric, confidence: float, review: bool) -> None:
    seen = trace()
    practice = replace(seen.questions[1], answer=Answer("q2", (2, 3, 4), "", confidence, "by its place"))
    grade = score(replace(seen, questions=(practice,)), {}, code_only)
    assert grade.points == 2.0
    assert grade.needs_review is review


def test_a_question_that_was_not_found_is_not_unsure() -> None:
    assert not Answer("q2", (), "", 0.0).unsure


def test_where_code_must_only_run_it_need_not_build_anything(trace: Any, code_only: Rubric, rubric: Rubric) -> None:
    first, practice = trace().questions
    seen = replace(trace(), questions=(first, replace(practice, observation=Observation("q2"))))
    assert score(seen, {}, code_only).points == 2.0
    assert score(seen, {}, rubric).questions[1].points == 0.0
