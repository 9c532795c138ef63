"""An answer on the line of its number is an answer: it must reach a person and never count as nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.records import Cell, Submission
from grader.rubric import load_rubric
from grader.segment import segment

BASICS = load_rubric(Path(__file__).parents[2] / "rubrics" / "cnn-basics.yaml")
FIRST = "Filters are small matrices which slide over the image and produce feature maps that show edges and corners."
SECOND = "Padding adds zeros around the border, while the stride is the step by which the window moves each time."


@pytest.mark.parametrize(
    "style",
    [
        "{n}. {text}",
        "## Q{n}: {text}",
        "**Q{n})** {text}",
        "Q{n}. {text}",
        "Ques {n} :- {text}",
        "**{n}. {title}:** {text}",
    ],
)
def test_an_answer_behind_its_number_is_kept(style):
    titles = ("Filters and feature maps", "Padding and stride")
    sources = [
        style.format(n=n, title=title, text=text)
        for n, title, text in zip((1, 2), titles, (FIRST, SECOND), strict=True)
    ]
    cells = tuple(Cell(index, "markdown", source) for index, source in enumerate(sources))
    answers = segment(Submission("s", "s", "s.ipynb", cells, "d"), BASICS).answers[:2]
    assert [answer.cells for answer in answers] == [(0,), (1,)]
    assert "slide over the image" in answers[0].text
    assert "adds zeros around the border" in answers[1].text


def test_an_answer_that_begins_with_i_stays_with_its_question():
    sources = [
        "Q1. What are filters and feature maps in a CNN?",
        "Ans - I would say that a filter is a small matrix that is learnt.",
        "Q2. What are padding and stride? Give the output formula.",
        "Ans - One pads the picture with zeros so that the border counts too.",
    ]
    cells = tuple(Cell(index, "markdown", source) for index, source in enumerate(sources))
    answers = segment(Submission("s", "s", "s.ipynb", cells, "d"), BASICS).answers[:2]
    assert [answer.cells for answer in answers] == [(0, 1), (2, 3)]
    assert answers[0].text.startswith("I would say")
