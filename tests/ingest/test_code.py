from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.ingest.code import is_code, is_prose, language_of, parses, without_magics, written_file


@pytest.mark.parametrize(
    ("source", "language"),
    [
        ("", "python"),
        ("x = 1", "python"),
        ("!pip install x\n%matplotlib inline\nfiles = !ls\ndf.head?\nx = 1", "python"),
        ("%%bash\nls -l | grep x", "python"),
        ("for i in range(3)\n    print(i)", "python"),
        ("def f(x):\n    # YOUR CODE HERE", "python"),
        ("model = Sequential(\n  Dense(10)", "python"),
        ("x = “curly”", "python"),
        ("import torch\nThis loads the library and then we train it", "python"),
        ("library(keras)\nmodel %>% fit(x, y)", "python"),
        ("print 'x'", "python 2"),
        ("for i in range(3):\n    print i, x\n", "python 2"),
        ("try:\n    f()\nexcept ValueError, e:\n    pass", "python 2"),
        ("pip install torch torchvision", "shell"),
        ("# get it\ngit clone https://example.org/a.git\n$ python train.py", "shell"),
        ("What is a CNN and why do we use it?", "prose"),
        ("# 1. What is pooling\nPooling reduces the size of the feature maps.", "prose"),
        ("Answer:\nThe receptive field is the part of the image that a unit sees.", "prose"),
    ],
)
def test_languages(source: str, language: str) -> None:
    assert language_of(source) == language


@pytest.mark.parametrize(
    "line",
    [
        "import torch.nn as nn", "def f(x):", "model = Net()", "    self.a, b = 1, 2", "x += 1", "for i in x:",
        "plt.show()", "@property", "])", "return x", "from a import b", "print(x)", "model.fit(x,", "!ls", "else:",
    ],
)  # fmt: skip
def test_lines_of_code(line: str) -> None:
    assert is_code(line)
    assert not is_prose(line)


@pytest.mark.parametrize(
    "line",
    [
        "This is a sentence about networks.", "Question 6", "The accuracy (test) was 98 %.", "for example, pooling",
        "- a list item with some words", "1. Load the data", "from the picture we see that it works",
    ],
)  # fmt: skip
def test_lines_of_prose(line: str) -> None:
    assert not is_code(line)


def test_line_numbers_stay_when_magics_go() -> None:
    assert without_magics("!ls\nif x:\n    %time y\nz = %pwd") == "pass\nif x:\n    pass\nz = None"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("%%writefile app.py\nimport streamlit", "app.py"),
        ("%%writefile -a 'my app.py'\nx", "my app.py"),
        ("\n%%file a/b.py\n", "a/b.py"),
        ("x = 1", ""),
        ("%%time\nx", ""),
    ],
)
def test_written_files(source: str, name: str) -> None:
    assert written_file(source) == name


@pytest.mark.parametrize(
    "hostile",
    [
        "(" * 100_000, "-" * 100_000 + "1", "1" + "+1" * 90_000, "a" + ".b" * 90_000, "a" + "(1)" * 60_000,
        "not " * 40_000, "if x:\n pass\n" + "elif y:\n pass\n" * 12_000, "lambda:" * 20_000, "x y " * 40_000,
        " " * 150_000 + "!", "\\\n" * 60_000, "print (" + ")" * 90_000, "`" * 100_000, "a" * 190_000,
    ],
)  # fmt: skip
def test_hostile_cells_are_survived(hostile: str) -> None:
    assert language_of(hostile) in ("python", "python 2", "shell", "prose")


@given(st.text(max_size=300))
def test_any_text_has_a_language(text: str) -> None:
    assert parses(text) <= (language_of(text) == "python")
