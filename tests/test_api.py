"""`grader.grade`: the Python API of one hand-in."""

from __future__ import annotations

import pytest

import grader
from grader.errors import OperatorError, RubricError, SubmissionError

RUBRIC = """
assignment: tiny
title: A tiny assignment
questions:
  - id: q1
    title: Sums
    prompt: Compute the sum of the first ten numbers and print it.
    points: 4
    criteria:
      - {id: runs, title: The code runs, check: runs, points: 4}
"""


@pytest.fixture
def rubric(tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(RUBRIC)
    return path


@pytest.mark.kernel
def test_one_hand_in_gives_one_grade(tmp_path, rubric):
    script = tmp_path / "alice.py"
    script.write_text("# Question 1: Compute the sum of the first ten numbers and print it.\nprint(sum(range(10)))\n")
    grade = grader.grade(script, rubric=rubric)
    assert (grade.student, grade.points, grade.max_points) == ("alice", 4, 4)
    assert grade.questions[0].criteria[0].verdict.status == "passed"
    assert not grade.needs_review


def test_each_error_is_for_the_one_who_can_act(tmp_path, rubric):
    with pytest.raises(OperatorError, match="nowhere"):
        grader.grade(tmp_path / "nowhere.ipynb", rubric=rubric)
    (tmp_path / "a.py").write_text("1")
    with pytest.raises(RubricError, match=r"none\.yaml"):
        grader.grade(tmp_path / "a.py", rubric=tmp_path / "none.yaml")
    (tmp_path / "broken.ipynb").write_text("{")
    with pytest.raises(SubmissionError, match=r"broken\.ipynb"):
        grader.grade(tmp_path / "broken.ipynb", rubric=rubric)


def test_a_folder_of_several_hand_ins_is_not_one(tmp_path, rubric):
    for name in ("a.py", "b.py"):
        (tmp_path / "class" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "class" / name).write_text("1")
    with pytest.raises(OperatorError, match="2 hand-ins"):
        grader.grade(tmp_path / "class", rubric=rubric)
