from __future__ import annotations

import pytest

from grader.segment import remarks, segment

NAMES = ["cnn-architectures", "cnn-basics", "cnn-theory-practical", "lenet-alexnet"]


@pytest.fixture(scope="module")
def said(rubric_of, hand_in):
    def say(*cells: str, rubric: str = "cnn-architectures") -> str:
        submission, own = hand_in(*cells), rubric_of(rubric)
        known = [rubric_of(name) for name in NAMES]
        return " ".join(remarks(submission, segment(submission, own), own, known))

    return say


def sheet(rubric) -> list[str]:
    return [f"md:## Question {i}: {question.prompt}" for i, question in enumerate(rubric.questions, start=1)]


def answered(rubric) -> list[str]:
    return [cell for heading in sheet(rubric) for cell in (heading, "md:It is so, because it was measured.")]


def test_a_notebook_of_blank_cells_is_empty(said) -> None:
    assert "empty" in said("py:", "md:  \n")


@pytest.mark.parametrize("name", NAMES)
def test_the_sheet_handed_back_is_recognised(said, rubric_of, name) -> None:
    assert "assignment sheet" in said(*sheet(rubric_of(name)), rubric=name)


@pytest.mark.parametrize(
    "place",
    [
        "md:**Answer:**",
        "md:*Type your answer here*",
        "py:# YOUR CODE HERE\nraise NotImplementedError()",
        "py:",
        "py:...",
    ],
)
def test_places_for_answers_are_no_answers(said, rubric_of, place) -> None:
    cells = [cell for heading in sheet(rubric_of("cnn-basics")) for cell in (heading, place)]
    assert "assignment sheet" in said(*cells, rubric="cnn-basics")


def test_one_answer_is_enough_not_to_be_a_sheet(said, rubric_of) -> None:
    cells = sheet(rubric_of("cnn-basics"))
    assert said(*cells, "md:I would train a ResNet and serve it with Streamlit.", rubric="cnn-basics") == ""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("graded_as", NAMES)
def test_another_assignment_is_named_and_the_right_one_is_not(said, rubric_of, name, graded_as) -> None:
    remark = said(*answered(rubric_of(name)), rubric=graded_as)
    assert (remark == "") if name == graded_as else f"'{name}'" in remark


def test_nothing_is_said_about_a_hand_in_without_the_wordings(said) -> None:
    assert said("md:# Answer 1", "md:Because.", "md:# Answer 6", "py:x = 1") == ""
