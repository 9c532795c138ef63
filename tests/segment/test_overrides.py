from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import RubricError, SubmissionError
from grader.segment import overrides_beside, read_overrides

CELLS = [
    "md:## Question 6: LeNet-5 on MNIST",
    "py:a = 1",
    "py:b = 2",
    "md:## Question 7: VGG16",
    "py:c = 3",
    "md:It is good.",
]


def written(folder: Path, text: str) -> Path:
    path = folder / "segments.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_one_line_moves_cells_to_a_question_and_away_from_the_others(placed, tmp_path) -> None:
    found = placed(*CELLS, overrides=read_overrides(written(tmp_path, "homework.ipynb: {q7: [2-4]}\n")))
    assert found.answer("q7").cells == (2, 3, 4)
    assert found.answer("q6").cells == (0, 1)
    assert found.answer("q7").confidence == 1.0
    assert "segments.yaml, line 1" in found.answer("q7").reason


@pytest.mark.parametrize("name", ["homework.ipynb", "homework", "alice-1", "Alice"])
def test_a_hand_in_is_named_by_file_id_or_student(placed, tmp_path, name) -> None:
    found = placed(*CELLS, overrides=read_overrides(written(tmp_path, f"{name}:\n  q8: 1\n  q9: [2, '4–5']\n")))
    assert found.answer("q8").cells == (1,)
    assert found.answer("q9").cells == (2, 4, 5)
    assert found.answer("q9").text == "It is good."


def test_an_empty_list_says_that_there_is_no_answer(placed, tmp_path) -> None:
    found = placed(*CELLS, overrides=read_overrides(written(tmp_path, "homework: {q7: []}")))
    assert found.answer("q7").cells == ()
    assert found.answer("q6").cells == (0, 1, 2)


def test_other_hand_ins_are_left_alone(placed, tmp_path) -> None:
    assert placed(*CELLS, overrides=read_overrides(written(tmp_path, "bob: {q7: 0}"))) == placed(*CELLS)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a\n", ":1: expected hand-ins"),
        ("alice: 3\n", ":1: expected questions with their cells under 'alice'"),
        ("alice:\n  q7: [1, x]\n", ":2: 'x' in question q7 of 'alice'"),
        ("alice:\n  q7: 9-3\n", ":2: '9-3' in question q7"),
        ("alice:\n  q7: -1\n", ":2: '-1' in question q7"),
        ("alice:\n  q7: true\n", ":2: 'True' in question q7"),
        ("alice: {q7: 1}\nalice: {q8: 1}\n", ":2: the key 'alice' is given twice"),
        ("alice: [\n", ":2: not valid YAML"),
        ("", "empty"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path, text, says) -> None:
    path = written(tmp_path, text)
    with pytest.raises(RubricError) as caught:
        read_overrides(path)
    assert says in caught.value.message
    assert str(path) in caught.value.message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("homework:\n  q66: 1\n", ":2: the rubric has no question 'q66'; did you mean 'q6'?"),
        ("homework:\n  q7: [1, 40-41]\n", ":2: homework has no cell 40; its cells are 0 to 5"),
    ],
)
def test_questions_and_cells_that_are_not_there_are_named(placed, tmp_path, text, says) -> None:
    with pytest.raises(RubricError) as caught:
        placed(*CELLS, overrides=read_overrides(written(tmp_path, text)))
    assert says in caught.value.message


def test_a_missing_file_names_the_option(tmp_path) -> None:
    with pytest.raises(RubricError, match="--segments"):
        read_overrides(tmp_path / "none.yaml")


def test_the_file_beside_a_hand_in_is_read_and_its_mistakes_are_the_students(tmp_path) -> None:
    notebook = tmp_path / "homework.ipynb"
    notebook.write_text("{}")
    assert not overrides_beside(notebook).entries
    written(tmp_path, "homework: {q7: 1}")
    assert (
        overrides_beside(notebook).entries == overrides_beside(tmp_path).entries == {"homework": {"q7": frozenset({1})}}
    )
    written(tmp_path, "homework: {q7: x}")
    with pytest.raises(SubmissionError):
        overrides_beside(notebook)
