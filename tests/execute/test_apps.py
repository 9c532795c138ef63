"""Which cells of an answer are apps that the probe is told of."""

from __future__ import annotations

import pytest

from grader.execute.run import with_apps
from grader.records import Answer, AppRequest, Cell, QuestionPlan, Segmentation, Submission

APP = "import streamlit as st\nst.write('Normal')\n"
ASKED = QuestionPlan("q10", app=AppRequest(("a.png",)))


def sources(*cells: Cell, own: tuple[int, ...] = (0, 1)) -> tuple[tuple[str, str], ...]:
    submission = Submission("ada", "Ada", "hw.ipynb", cells, "")
    plan = with_apps(ASKED, submission, Segmentation((Answer("q10", own),)))
    assert plan.app is not None
    return plan.app.sources


def test_an_app_in_a_cell_or_in_a_fence_of_the_answer():
    text, code = Cell(0, "markdown", f"My app:\n```python\n{APP}```"), Cell(1, "code", "x = 1")
    fence = Cell(3, "code", APP, parent=0)
    assert sources(text, Cell(1, "code", APP)) == (("cell-1.py", APP),)
    assert sources(text, code, Cell(2, "markdown", "end"), fence) == (("cell-3.py", APP),)


@pytest.mark.parametrize(
    "cell",
    [
        Cell(1, "code", APP, writes="app.py"),  # the file is found where it is written
        Cell(1, "code", "# import streamlit is what I would do\nx = 1"),
        Cell(1, "markdown", APP),
    ],
)
def test_what_is_no_app_in_a_cell(cell):
    assert sources(Cell(0, "markdown", "My app"), cell) == ()


def test_cells_of_other_questions_are_not_taken():
    assert sources(Cell(0, "markdown", "q10"), Cell(1, "code", "y = 2"), Cell(2, "code", APP)) == ()


def test_a_question_that_asks_for_no_app_stays_as_it_is():
    plan = QuestionPlan("q1")
    assert with_apps(plan, Submission("a", "A", "f", (), ""), Segmentation(())) is plan
