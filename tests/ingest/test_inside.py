from __future__ import annotations

from grader.ingest.inside import looked_into
from grader.records import Cell


def cells(*sources: tuple[str, str]) -> tuple[Cell, ...]:
    return tuple(Cell(n, kind, source, origin="hw.ipynb") for n, (kind, source) in enumerate(sources))  # type: ignore[arg-type]


def test_code_in_a_fence_becomes_a_cell_behind_all_others_that_knows_its_place() -> None:
    text = "An answer:\n```python\nimport torch\n```\nand\n```python\nx = 1\n```"
    got, notes = looked_into(cells(("markdown", text), ("code", "y = 2")))
    assert [(c.index, c.kind, c.parent, c.line) for c in got] == [
        (0, "markdown", None, 0),
        (1, "code", None, 0),
        (2, "code", 0, 2),
        (3, "code", 0, 6),
    ]
    assert got[0].source == text
    assert [c.source for c in got[2:]] == ["import torch", "x = 1"]
    assert notes == ()


def test_prose_in_a_code_cell_is_read_as_text_and_noted() -> None:
    got, notes = looked_into(cells(("code", "Pooling makes the feature maps smaller, and the network faster.")))
    assert got[0].kind == "markdown"
    assert (notes[0].kind, notes[0].cell) == ("repair", 0)


def test_prose_with_a_fence_in_a_code_cell_is_text_and_code() -> None:
    source = "First we load the data and train.\n```python\nimport torch\n``\n"
    got, notes = looked_into(cells(("code", source)))
    assert [(c.kind, c.source, c.parent) for c in got] == [("markdown", source, None), ("code", "import torch", 0)]
    assert ["fence" in note.message for note in notes] == [True, True]


def test_code_in_a_fence_alone_in_a_code_cell_is_code() -> None:
    got, notes = looked_into(cells(("code", "```python\nx = 1\n```")))
    assert [(c.kind, c.source) for c in got] == [("code", "x = 1")]
    assert len(notes) == 1


def test_marks_of_fences_between_code_are_taken_out() -> None:
    got, _ = looked_into(cells(("code", "import a\n```python\nx = 1\n```\ny = 2\n")))
    assert got[0].kind == "code"
    assert compile(got[0].source, "cell", "exec")


def test_shell_commands_get_their_mark_and_python_2_a_note() -> None:
    got, notes = looked_into(
        cells(("code", "# first\npip install torch\n$ git clone https://x.org/y"), ("code", "print 'x'"))
    )
    assert got[0].source == "# first\n!pip install torch\n!git clone https://x.org/y"
    assert got[1].source == "print 'x'"
    assert ["shell" in notes[0].message, "Python 2" in notes[1].message] == [True, True]


def test_mistakes_in_python_stay_code_without_a_note() -> None:
    source = "for i in range(3)\n    print(i)"
    assert looked_into(cells(("code", source))) == ((Cell(0, "code", source, origin="hw.ipynb"),), ())


def test_a_cell_that_writes_a_file_says_so() -> None:
    got, _ = looked_into(
        cells(("code", "%%writefile app.py\nimport streamlit"), ("markdown", "```python\n%%writefile b.py\nx = 1\n```"))
    )
    assert [c.writes for c in got] == ["app.py", "", "b.py"]
    assert got[0].kind == "code"
