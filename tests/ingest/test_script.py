from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import SubmissionError
from grader.ingest.script import read_script
from grader.records import Cell


def read(tmp_path: Path, source: str | bytes) -> tuple[Cell, ...]:
    file = tmp_path / "hw.py"
    file.write_bytes(source.encode() if isinstance(source, str) else source)
    return read_script(file, file.name)[0]


def shown(cells: tuple[Cell, ...]) -> list[tuple[str, str]]:
    return [(cell.kind, cell.source) for cell in cells]


def test_percent_marks_make_cells(tmp_path: Path) -> None:
    source = '''import os
# %%
x = 1
# %% [markdown]
# # Question 6
# Some *text*
# %% Train the model
y = 2
#%% [markdown]
"""
More text
"""
# %%
'''
    assert shown(read(tmp_path, source)) == [
        ("code", "import os"),
        ("code", "x = 1"),
        ("markdown", "# Question 6\nSome *text*"),
        ("code", "# Train the model\ny = 2"),
        ("markdown", "More text"),
    ]


def test_marks_of_nbconvert_make_cells(tmp_path: Path) -> None:
    assert shown(read(tmp_path, "# In[1]:\n\nx = 1\n\n# In[ ]:\n\ny = 2\n")) == [("code", "x = 1"), ("code", "y = 2")]


@pytest.mark.parametrize(
    "mark",
    ["# Question 7: VGG", "#Q7. VGG", "# question: q7", "# Q.7 VGG", "# Que 7", "# Exercise 7: x", "# Task 7", "# q7"],
)
def test_question_comments_make_cells(tmp_path: Path, mark: str) -> None:
    assert [c.source for c in read(tmp_path, f"import os\n\n{mark}\nx = 1\n")] == ["import os", f"{mark}\nx = 1"]


def test_a_rule_above_a_question_goes_with_it(tmp_path: Path) -> None:
    cells = read(tmp_path, "x = 1\n# ------\n# Question 2\n# ------\ny = 2\n")
    assert [c.source for c in cells] == ["x = 1", "# ------\n# Question 2\n# ------\ny = 2"]


def test_step_comments_and_questions_inside_statements_do_not_cut(tmp_path: Path) -> None:
    source = '''# 1. Load the data
x = [
# Question 1
1]
text = """
# Question 2
"""
class A:
    def f(self):
        return 1
# Question 3
    def g(self):
        return 2
if x:
    pass
# Question 4
else:
    pass'''
    assert [c.source for c in read(tmp_path, source)] == [source]


def test_a_script_that_is_no_python_is_still_cut_at_its_questions(tmp_path: Path) -> None:
    cells = read(tmp_path, "# Question 1\nx = (\n# Question 2\ny = “quoted”\n")
    assert len(cells) >= 1
    assert "".join(c.source for c in cells).count("Question") == 2


def test_a_script_without_marks_is_one_cell_with_its_tag(tmp_path: Path) -> None:
    cells = read(tmp_path, "#!/usr/bin/env python\n# question: q6\nimport torch\n")
    assert [(c.question, c.origin) for c in read(tmp_path, "# question: q6\nimport torch\n")] == [("q6", "hw.py")]
    assert cells[-1].question == "q6"


@pytest.mark.parametrize(
    ("encoding", "noted"), [("utf-8", False), ("utf-8-sig", False), ("latin-1", True), ("utf-16", True)]
)
def test_encodings(tmp_path: Path, encoding: str, noted: bool) -> None:
    file = tmp_path / "hw.py"
    file.write_bytes("x = 'é'\r\ny = 1\r".encode(encoding))
    cells, notes = read_script(file, "hw.py")
    assert cells[0].source == "x = 'é'\ny = 1"
    assert bool(notes) == noted


@pytest.mark.parametrize("content", [b"\0\1\2", b"PK\x03\x04", b"x" * 2_000_001])
def test_binary_and_huge_scripts_are_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SubmissionError):
        read(tmp_path, content)


@pytest.mark.parametrize(
    "content", ["(" * 50_000, "-" * 50_000 + "1", "# q1\n" * 50_000, "'''" * 9_999, "if x:\n" * 3_000, "\\\n" * 999]
)
def test_hostile_scripts_are_cut_without_a_crash(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content)


def test_questions_in_strings_that_stand_alone_cut(tmp_path: Path) -> None:
    parts = [
        "import torch",
        '"""\nQuestion 6: Implement LeNet-5\n"""\nx = 1',
        "'''Q7. VGG16'''\ny = '''\nQ8. not this one\n'''",
        '"Question 9: GoogLeNet"\nz = f("""\nQuestion 10\n""")',
    ]
    assert [c.source for c in read(tmp_path, "\n".join(parts))] == parts


def test_numbers_alone_begin_questions_where_they_ask(tmp_path: Path) -> None:
    source = (
        "# 1) What is a CNN?\n'''A network that convolves.'''\n"
        "# 6) Using Keras, build and train a simple CNN model.\n# 1. Load the data\na = 1\n# 2. Train\nb = 2\n"
        "#7.Load and preprocess the CIFAR-10 data set using Keras.\nc = 3\n"
    )
    assert [cell.source.split("\n")[0] for cell in read(tmp_path, source)] == [
        "# 1) What is a CNN?",
        "# 6) Using Keras, build and train a simple CNN model.",
        "#7.Load and preprocess the CIFAR-10 data set using Keras.",
    ]


def test_steps_that_go_on_counting_begin_no_question(tmp_path: Path) -> None:
    steps = "# 1. Load the data\na = 1\n# 2. Train the network for ten epochs on all of it\nb = 2\n"
    assert len(read(tmp_path, steps)) == 1
