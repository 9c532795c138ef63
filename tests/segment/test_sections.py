"""What stands between two answers, and answers that are elsewhere than expected."""

from __future__ import annotations

IMPORTS = "py:import numpy as np\nimport torch"


def test_imports_after_a_written_answer_are_shared(placed) -> None:
    found = placed("md:## Q4. Transfer learning", "md:Reuse.", IMPORTS, "md:## Q6. LeNet-5 on MNIST", "py:x = 1")
    assert found.shared == (2,)
    assert found.answer("q4").cells == (0, 1)


def test_imports_under_their_own_heading_between_two_code_answers_are_shared(placed) -> None:
    cells = [
        "md:## Q6. LeNet-5 on MNIST",
        "py:x = 1",
        "py:x = 2",
        "md:## Import libraries",
        IMPORTS,
        "md:## Q8. AlexNet filters",
        "py:y = 1",
    ]
    found = placed(*cells)
    assert found.shared == (4,)
    assert found.answer("q6").cells == (0, 1, 2)


def test_imports_that_begin_an_answer_belong_to_it(placed) -> None:
    found = placed(
        "md:## Q6. LeNet-5 on MNIST", "md:### Import libraries", IMPORTS, "py:x = 1", "md:## Q8. AlexNet filters"
    )
    assert found.answer("q6").cells == (0, 1, 2, 3)
    assert found.shared == ()


def test_code_that_does_something_is_not_shared(placed) -> None:
    found = placed(
        "md:## Q6. LeNet-5 on MNIST",
        "py:x = 1",
        "md:## Helper functions",
        "py:net = train(x)",
        "md:## Q8. AlexNet filters",
    )
    assert 3 in found.answer("q6").cells


def test_the_heading_of_a_part_is_in_no_answer(placed) -> None:
    found = placed(
        "md:1. What is a CNN?",
        "md:A net.",
        "md:# Practical Questions",
        IMPORTS,
        "md:1. Convolution of a 5x5 matrix",
        "py:x = 1",
        rubric="cnn-theory-practical",
    )
    assert found.answer("t1").cells == (0, 1)
    assert found.answer("p1").cells == (4, 5)
    assert found.shared == (3,)


def test_code_below_a_theory_answer_goes_to_the_missing_question_that_it_is_about(placed) -> None:
    code = "py:class LeNet5(nn.Module): ...\ntrain = MNIST('data')\nprint('accuracy', a, 'training time', t)"
    found = placed(
        "md:## Q5. Residual connections in ResNet", "md:They add.", code, "md:## Q8. AlexNet filters", "py:x = 1"
    )
    assert found.answer("q6").cells == (2,)
    assert found.answer("q6").unsure
    assert "no heading" in found.answer("q6").reason


def test_a_list_of_questions_above_their_answers_is_in_no_answer(placed) -> None:
    listed = "md:Q1. What is a CNN?\nQ2. Discuss LeNet-5.\nQ3. Compare AlexNet and VGGNet."
    found = placed(listed, "md:### Answer 1\nA net.", "md:### Answer 2\nSeven layers.", "md:### Answer 3\n8 and 16.")
    assert [answer.cells for answer in found.answers[:3]] == [(1,), (2,), (3,)]
    assert [answer.text for answer in found.answers[:3]] == ["A net.", "Seven layers.", "8 and 16."]


def test_a_question_may_have_two_places(placed) -> None:
    found = placed(
        "md:## Question 6: LeNet-5 on MNIST",
        "py:x = 1",
        "md:## Question 7: VGG16",
        "py:y = 1",
        "md:## Question 6 (continued): LeNet-5 on MNIST",
        "md:The accuracy is 98 %.",
    )
    assert found.answer("q6").cells == (0, 1, 4, 5)
    assert found.answer("q7").cells == (2, 3)


def test_code_of_a_fence_is_run_only_where_there_is_no_other(rubric_of) -> None:
    from grader.records import Cell, Submission
    from grader.segment import segment

    fenced = "## Question 6: LeNet-5\n```python\nx = 1\n```"
    cells = (
        Cell(0, "markdown", fenced, origin="a.ipynb"),
        Cell(1, "markdown", "## Question 8: AlexNet filters\n```python\ny = 1\n```", origin="a.ipynb"),
        Cell(2, "code", "z = 1", origin="a.ipynb"),
        Cell(3, "code", "x = 1", origin="a.ipynb", parent=0, line=2),
        Cell(4, "code", "y = 1", origin="a.ipynb", parent=1, line=2),
    )
    found = segment(Submission("s", "s", "a.ipynb", cells, "d"), rubric_of("cnn-architectures"))
    assert found.answer("q6").cells == (0, 3)
    assert found.answer("q8").cells == (1, 2)
    assert found.shared == ()
