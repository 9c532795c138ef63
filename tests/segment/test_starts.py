from __future__ import annotations

import pytest

from grader.records import Cell
from grader.segment.lines import bare, read_lines
from grader.segment.numbers import numbering
from grader.segment.starts import answer_mark, candidates


@pytest.mark.parametrize(
    ("written", "label", "numbers", "rest"),
    [
        ("## Question 6: LeNet", "question", (6,), "LeNet"),
        ("#**Question 1: What**", "question", (1,), "What"),
        ("**Question 1: What", "question", (1,), "What"),
        ("#Question 6 (Keras MNIST):", "question", (6,), "(Keras MNIST):"),
        ("## Q NO 1: What", "question", (1,), "What"),
        ("Que 1. What", "question", (1,), "What"),
        ("Q.10. You are", "question", (10,), "You are"),
        ("**Q 1 What", "question", (1,), "What"),
        ("Q2.Discuss", "question", (2,), "Discuss"),
        ("1.What is", "", (1,), "What is"),
        ("# 1) What", "", (1,), "What"),
        ("# **1) What**", "", (1,), "What"),
        ("##### 1. What", "", (1,), "What"),
        ("### **TOPIC: Pooling**", "", (), "TOPIC: Pooling"),
        ("## ANSWER 1", "answer", (1,), ""),
        ("Ans 3) 1. What is Padding?", "answer", (3,), "What is Padding?"),
        ("### 2.2 Define CNN [15 points]", "", (2, 2), "Define CNN"),
        ("##Exercise 3.1: Filters", "question", (3, 1), "Filters"),
        ("#6.Using keras", "", (6,), "Using keras"),
        ("# 8. : Write", "", (8,), "Write"),
        ("#Q.1 What", "question", (1,), "What"),
        ("'''QUE 1. What", "question", (1,), "What"),
        ("<h2>Q1: Padding &amp; stride</h2>", "question", (1,), "Padding & stride"),
        ("## IV. Transfer learning", "", (4,), "Transfer learning"),
        ("Question Six: LeNet", "question", (6,), "LeNet"),
        ("Ans - I will be using transfer learning", "answer", (), "I will be using transfer learning"),
        ("Ans: One main difference is depth", "answer", (), "One main difference is depth"),
        ("Ans - 8 layers are there", "answer", (), "8 layers are there"),
        ("Question: I am asked", "question", (), "I am asked"),
        ("Question - VI LeNet", "question", (6,), "LeNet"),
        ("(b) Min pooling", "", (2,), "Min pooling"),
        ("Q6 (b): Train", "question", (6,), "Train"),
        ("6️⃣ Question 6", "", (6,), "Question 6"),
        ("📌 **Q6.** LeNet", "question", (6,), "LeNet"),
        ("Answer to the question no. 3: Padding", "answer", (3,), "Padding"),
        ("t3. Layers", "", (3,), "Layers"),
        ("A3: Padding", "answer", (3,), "Padding"),
        ("#9 ImageDataGenerator", "", (9,), "ImageDataGenerator"),
        ("#@title Question 6: LeNet", "question", (6,), "LeNet"),
        ("Practical Question 2: Max pooling", "question", (2,), "Max pooling"),
        ("I think so", "", (), "I think so"),
        ("Exact numbers", "", (), "Exact numbers"),
        ("Queues are slow", "", (), "Queues are slow"),
        ("3.14 is pi", "", (3, 14), "is pi"),
        ("5x5 filters", "", (), "5x5 filters"),
        ("2012 was the year", "", (), "2012 was the year"),
    ],
)
def test_a_line_gives_label_number_and_the_rest(written: str, label: str, numbers: tuple[int, ...], rest: str) -> None:
    found = numbering(bare(written))
    assert (found.label, found.numbers, found.rest) == (label, numbers, rest)


@pytest.mark.parametrize(
    ("written", "rest"),
    [
        ("Answer ->>", ""),
        ("## Answer :", ""),
        ("**Ans:**", ""),
        ("Ans-> A net", "A net"),
        ("Solution:- It is", "It is"),
        ("Ans - Filters", "Filters"),
        ("**Answer:** Kernels", "Kernels"),
    ],
)
def test_answer_marks_are_cut_off(written: str, rest: str) -> None:
    line = read_lines([Cell(0, "markdown", written)])[0]
    assert answer_mark(line) > 0
    assert bare(written)[answer_mark(line) :] == rest


@pytest.mark.parametrize(
    "written", ["Answering this takes time", "Answers differ", "The answer is 3", "Solutions exist"]
)
def test_sentences_about_answers_are_no_marks(written: str) -> None:
    assert answer_mark(read_lines([Cell(0, "markdown", written)])[0]) == 0


def test_lines_in_fences_indented_comments_and_written_files_are_no_starts() -> None:
    cells = [
        Cell(0, "markdown", "```\n# Question 1: x\n```"),
        Cell(1, "code", "def f():\n    # Question 2: x\n    pass"),
        Cell(2, "code", "%%writefile app.py\n# Question 3: x"),
        Cell(3, "code", 'text = """\nQuestion 4: x\n"""'),
    ]
    assert candidates(read_lines(cells)) == ()


def test_a_sentence_that_begins_in_bold_is_no_heading_but_a_bold_line_is() -> None:
    styles = [
        line.style
        for line in read_lines([Cell(0, "markdown", "**Pooling:** makes maps small\n**Pooling**\n**Pooling")])
    ]
    assert styles == ["plain", "bold", "bold"]


def test_an_answer_mark_within_a_line_ends_the_question() -> None:
    texts = [line.text for line in read_lines([Cell(0, "markdown", "What is a CNN? Ans: a net")])]
    assert texts == ["What is a CNN?", "Ans: a net"]
