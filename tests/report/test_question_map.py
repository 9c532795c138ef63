from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from grader.records import Answer, Cell, Note, Segmentation, Submission
from grader.report import print_question_map, question_map, question_map_data, question_map_page

HOSTILE = "<script>alert(1)</script>[red]x[/red]\x1b[31m\u202e"


@pytest.fixture
def shown():
    cells = (
        Cell(0, "code", "import torch"),
        Cell(1, "markdown", f"## Question 1 {HOSTILE}"),
        Cell(2, "code", "x = 1"),
        Cell(3, "raw", "lost"),
        Cell(4, "code", "y = 1", parent=1, line=1),
    )
    notes = (Note("repair", f"mended {HOSTILE}", "a.ipynb", cell=1), Note("remark", "It looks like another."))
    answers = (
        Answer("q1", (1, 2, 4), "text", 0.55, f"because {HOSTILE}"),
        Answer("q2", (2,), "", 0.9, "why"),
        Answer("q3"),
    )
    submission = Submission("s", f"Ann {HOSTILE}", "a.ipynb", cells, "d", notes=notes)
    return question_map(submission, Segmentation(answers, (0,)), "Networks", ["One", "Two", "Three"])


def test_the_data_has_exactly_the_promised_keys(shown) -> None:
    data = question_map_data(shown)
    assert list(data) == ["cells", "questions", "repairs"]
    assert data["questions"] == {"q1": [1, 2], "q2": [2], "q3": []}
    assert [cell["index"] for cell in data["cells"]] == [0, 1, 2, 3]
    assert all(list(cell) == ["index", "kind", "questions", "shared", "confidence", "reason"] for cell in data["cells"])
    assert data["cells"][0] | {"reason": ""} == {
        "index": 0,
        "kind": "code",
        "questions": [],
        "shared": True,
        "confidence": 0.0,
        "reason": "",
    }
    assert data["cells"][2]["questions"] == ["q1", "q2"]
    assert data["cells"][2]["confidence"] == 0.55
    assert data["cells"][3]["reason"] == "in no answer"
    assert [repair["kind"] for repair in data["repairs"]] == ["repair"]


def test_the_page_shows_all_and_runs_nothing(shown) -> None:
    page = question_map_page(shown)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "default-src &#39;none&#39;" in page
    assert "\u202e" not in page
    assert "please check" in page
    assert "It looks like another." in page
    assert not re.search(r"(?:src|href)=\"(?!#|data:)", page)
    assert page.count('<tr id="cell-') == 4


def test_the_terminal_shows_all_as_plain_text(shown) -> None:
    log = io.StringIO()
    print_question_map(Console(file=log, width=140), shown)
    text = log.getvalue()
    assert "a guess, 55 %" in text
    assert "not found" in text
    assert "Found:     2 of 3 questions" in text
    assert "Shared:    cell 0" in text
    assert "No answer: cell 3" in text
    assert "[red]" in text
    assert "\x1b" not in text
