from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from grader.records import Cell, CellKind, Segmentation, Submission
from grader.rubric import load_rubric
from grader.segment import segment

RUBRICS = Path(__file__).parent / "rubrics"


def cell(source: str, kind: CellKind = "markdown", origin: str = "a.ipynb", question: str | None = None) -> Cell:
    return Cell(0, kind, source, origin=origin, question=question)


def segmented(*cells: Cell, rubric: str = "architectures") -> Segmentation:
    numbered = tuple(Cell(i, c.kind, c.source, None, "", c.question, c.origin) for i, c in enumerate(cells))
    return segment(Submission("s", "s", "f", numbered, "d"), load_rubric(RUBRICS / f"{rubric}.yaml"))


def test_there_is_one_answer_per_question_in_the_order_of_the_rubric() -> None:
    found = segmented(cell("## Question 3: AlexNet and VGG"), cell("8 and 16 layers"))
    assert [a.question for a in found.answers] == [f"q{n}" for n in range(1, 11)]


def test_a_question_that_is_missing_has_no_cells_no_confidence_and_a_reason() -> None:
    missing = segmented(cell("## Question 3: AlexNet and VGG"), cell("8 and 16 layers")).answer("q4")
    assert (missing.cells, missing.text, missing.confidence) == ((), "", 0.0)
    assert missing.reason


def test_a_tag_wins_over_a_heading_with_full_confidence() -> None:
    found = segmented(
        cell("# question: q9\n# Question 6: LeNet-5 on MNIST\nx = 1", "code", question="q9"),
        cell("## Question 10: X-rays"),
        cell("Transfer learning."),
    )
    assert found.answer("q9").cells == (0,)
    assert found.answer("q9").confidence == 1.0
    assert found.answer("q6").cells == ()
    assert found.answer("q10").cells == (1, 2)


@pytest.mark.parametrize("tag", ["q6", "Q6", "q6_train", "q6-2"])
def test_tags_may_name_a_part_of_a_question(tag: str) -> None:
    assert segmented(cell("x = 1", "code", question=tag)).answer("q6").cells == (0,)


@pytest.mark.parametrize("tag", ["cell-1f2e3d", "q61", "imports"])
def test_tags_that_the_rubric_does_not_know_mean_nothing(tag: str) -> None:
    assert all(not a.cells for a in segmented(cell("x = 1", "code", question=tag)).answers)


def test_tags_may_stand_in_any_order_and_a_question_may_have_several() -> None:
    found = segmented(
        cell("a = 1", "code", question="q8"), cell("b = 1", "code", question="q6"), cell("c = 1", "code", question="q8")
    )
    assert found.answer("q8").cells == (0, 2)
    assert found.answer("q6").cells == (1,)


def test_a_tagged_prose_cell_keeps_its_first_line() -> None:
    found = segmented(cell("A CNN slides filters.\nIt shares weights.", question="q1"))
    assert found.answer("q1").text == "A CNN slides filters.\nIt shares weights."


def test_one_file_per_question_with_helpers_between() -> None:
    found = segmented(
        cell("import os\ndef batches(): ...", "code", "helpers.py"),
        cell("# question: q6\nclass LeNet: ...", "code", "q6.py", "q6"),
        cell("# 1. second part\nx = 1", "code", "q6.py"),
        cell("import sys", "code", "tools.py"),
        cell("alexnet = 1", "code", "question_8.py"),
    )
    assert found.answer("q6").cells == (1, 2)
    assert found.answer("q8").cells == (4,)
    assert found.shared == (0, 3)


def test_code_before_the_first_start_is_shared_and_prose_there_is_nobodys() -> None:
    found = segmented(
        cell("# My homework"), cell("import torch", "code"), cell("## Question 6: LeNet"), cell("x", "code")
    )
    assert found.shared == (1,)
    assert found.answer("q6").cells == (2, 3)


def test_a_document_about_something_else_is_left_unplaced() -> None:
    found = segmented(cell("# Holidays"), cell("print('sea')", "code"))
    assert all(a.cells == () and a.confidence == 0 for a in found.answers)
    assert found.shared == ()


def test_code_without_headings_is_placed_with_little_confidence() -> None:
    code = "class LeNet5: ...\ntrain = MNIST('data')\ntraining_time = 1\nprint('accuracy', 1)"
    answer = segmented(cell(code, "code", "homework.py")).answer("q6")
    assert answer.cells == (0,)
    assert 0 < answer.confidence <= 0.5
    assert "no heading" in answer.reason


def test_a_script_is_placed_by_its_name() -> None:
    answer = segmented(cell("x = 1", "code", "lenet_mnist.py")).answer("q6")
    assert answer.cells == (0,)


def test_the_text_is_the_prose_without_wording_marks_and_code() -> None:
    found = segmented(
        cell(
            "Q.6. Implement the LeNet-5 architectures using Tensorflow or PyTorch to\nclassify MNIST. Report accuracy."
        ),
        cell("Answer ->>"),
        cell("import torch\n# set up\nx = 1", "code"),
        cell("**Discussion:** it took 20 s.\n\n```python\ny = 2\n```"),
    )
    assert found.answer("q6").text == "**Discussion:** it took 20 s.\n\n```python\ny = 2\n```"


def test_a_wording_that_is_wrapped_over_lines_and_ends_without_a_question_mark_is_left_out() -> None:
    found = segmented(
        cell(
            "**Question 10:** You are in a startup. Classify pictures of lungs\nwith few labels. Outline a deployment."
        ),
        cell("I would fine-tune a ResNet."),
    )
    assert found.answer("q10").text == "I would fine-tune a ResNet."


def test_an_answer_on_the_line_of_its_question_is_kept() -> None:
    text = (
        segmented(cell("Q1. What is a CNN? A CNN is a network that slides small filters over a grid."))
        .answer("q1")
        .text
    )
    assert text == "A CNN is a network that slides small filters over a grid."


def test_an_answer_that_repeats_the_words_of_the_question_is_kept() -> None:
    found = segmented(
        cell("**4. Compare zero padding and valid padding**"), cell("Zero padding keeps the size."), rubric="topics"
    )
    assert found.answer("a4").text == "Zero padding keeps the size."


def test_a_question_without_an_answer_has_no_text_but_is_found() -> None:
    found = segmented(
        cell("## Question 1: What is a CNN?"), cell("Answer:"), cell("## Question 2: LeNet-5"), cell("1998")
    )
    assert found.answer("q1").cells == (0, 1)
    assert found.answer("q1").text == ""
    assert found.answer("q1").confidence > 0.8


def test_five_answers_in_one_cell_get_their_own_text() -> None:
    source = "1.What is a CNN?\nAns-> Shared weights.\n2.LeNet-5?\nAns-> 1998.\n3.AlexNet vs VGG?\nAns-> 8 vs 16."
    found = segmented(cell(source))
    assert [a.text for a in found.answers[:3]] == ["Shared weights.", "1998.", "8 vs 16."]
    assert [a.cells for a in found.answers[:3]] == [(0,)] * 3


def test_prose_in_strings_and_long_comments_of_code_is_text_and_step_comments_are_not() -> None:
    code = (
        "# Q7. Pretrained VGG16\n# 1. load\nx = 1\n'''The frozen base gives 88 %.'''\n# train\ny = 2\n"
        "# After fine-tuning the validation accuracy rose by two points,\n# which may be luck with so few pictures."
    )
    text = segmented(cell(code, "code")).answer("q7").text
    assert "The frozen base gives 88 %." in text
    assert "which may be luck" in text
    assert "train" not in text.replace("training", "").split("\n")
    assert "load" not in text


def test_embedded_pictures_do_not_reach_the_text() -> None:
    found = segmented(cell("## Question 1: CNN"), cell("See ![x](data:image/png;base64,AAAABBBBCCCC)."))
    assert "AAAABBBB" not in found.answer("q1").text


def test_the_reason_names_cell_and_signs() -> None:
    reason = segmented(cell("## Question 1: What is a CNN?"), cell("A net.")).answer("q1").reason
    assert "cell 0" in reason
    assert "number" in reason
    assert "wording" in reason


def test_an_empty_notebook_has_nothing_placed() -> None:
    found = segmented(cell("", "code"), cell("   \n"))
    assert all(not a.cells for a in found.answers)


def test_three_hundred_cells_take_well_under_a_second() -> None:
    body = "import torch\n" + "\n".join(f"x{i} = conv(x{i - 1})  # step {i}" for i in range(1, 30))
    cells = []
    for number in range(30):
        cells.append(cell(f"## Question {number % 10 + 1}: What is a CNN, and transfer learning?"))
        cells += [
            cell(f"# {i}. step\n{body}", "code") if i % 2 else cell("### Part\n1. pooling\n2. filters")
            for i in range(9)
        ]
    begin = time.process_time()
    segmented(*cells)
    assert time.process_time() - begin < 2  # 0.4 s when nothing else runs


@pytest.mark.parametrize(
    "unit", [" ", "(", "1. ", "# 1\n", "**", "[(", "Q1 ", "<a id=", "- ", "\n", "Ans 1) ", "a b ", "1 (", "# ("]
)
def test_what_repeats_itself_without_end_takes_no_more_than_its_length(unit: str) -> None:
    """A pattern that tries every place from every place took 88 s for spaces before a bracket."""
    begin = time.process_time()
    segmented(
        cell(f"Q1. What\n{unit * (60_000 // len(unit))}x"), cell(f"# Q2\n{unit * (30_000 // len(unit))}x", "code")
    )
    assert time.process_time() - begin < 10  # 1 s when nothing else runs


def test_hostile_text_takes_seconds_and_not_for_ever() -> None:
    rng = random.Random(1)
    junk = ["".join(rng.choices("#*_\"'\n Q1.:)(<>b/`|-\\?", k=3000)) for _ in range(200)]
    long = ["**" * 100_000, "<b" * 2_000, "q" + " ." * 1_900, "- " * 1_990, "answer" + "-" * 3_900, "# 1.\n" * 20_000]
    begin = time.monotonic()
    segmented(*[cell(text) for text in junk + long], *[cell(text, "code") for text in junk + long])
    assert time.monotonic() - begin < 30
