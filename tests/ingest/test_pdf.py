from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.ingest import pdf_lines
from grader.ingest.pdf import read_pdf
from grader.records import Cell

pytest.importorskip("reportlab")

CODE = """import numpy as np

class Net:
    def forward(self, x):
        if x > 0:
            return x
        return -x

net = Net()
print(net.forward(3))"""
SENTENCE = "A convolution slides a small kernel over the picture and adds up what lies under it, times the kernel, so"
Draw = Callable[..., Path]


def prose(*lines: str, font: str = "Times-Roman", size: float = 11) -> list[tuple[str, float, str]]:
    return [(font, size, line) for line in lines]


def code(text: str = CODE, font: str = "Courier") -> list[tuple[str, float, str]]:
    return [(font, 9, line) for line in text.split("\n")]


def read(file: Path) -> tuple[Cell, ...]:
    return read_pdf(file, file.name)[0]


def shown(cells: tuple[Cell, ...]) -> list[tuple[str, str]]:
    return [(cell.kind, cell.source) for cell in cells]


def test_prose_and_code_are_told_apart_and_indentation_survives(pdf: Draw) -> None:
    heading = prose("Question 6", font="Times-Bold", size=16)
    file = pdf([*heading, *prose("", "The network is built here.", ""), *code(), *prose("", "That was it.")])
    assert shown(read(file)) == [
        ("markdown", "## Question 6"),
        ("markdown", "The network is built here."),
        ("code", CODE),
        ("markdown", "That was it."),
    ]


def test_wrapped_lines_of_a_paragraph_are_joined_and_list_items_are_not(pdf: Draw) -> None:
    file = pdf(prose(SENTENCE, "a pattern is found wherever it lies.", "1. first", "2. second"))
    assert [cell.source for cell in read(file)] == [
        f"{SENTENCE} a pattern is found wherever it lies.\n1. first\n2. second"
    ]


def test_code_over_a_page_is_one_cell_without_headers_and_page_numbers(pdf: Draw) -> None:
    lines = CODE.split("\n")
    first, second = "\n".join(lines[:5]), "\n".join(lines[5:])
    file = pdf(code(first), code(second), header="Ada Lovelace, homework 3", footer="Page {}")
    assert [(c.kind, c.source.replace("\n\n", "\n")) for c in read(file)] == [("code", CODE.replace("\n\n", "\n"))]


def test_a_number_in_the_text_is_no_page_number(pdf: Draw) -> None:
    assert [c.source for c in read(pdf(prose("The answer is", "42"), footer="{}"))] == ["The answer is\n42"]


def test_damage_is_undone_and_listed(pdf: Draw) -> None:
    broken = "x_{train} = load()\nx_{train} = x_{train}/255.0\nprint(x_train)"
    cells, notes = read_pdf(pdf(code(broken)), "hw.pdf")
    assert cells[0].source == "x_train = load()\nx_train = x_train/255.0\nprint(x_train)"
    assert not cells[0].damaged
    assert [(note.kind, note.cell) for note in notes] == [("repair", 0)]


def test_code_that_cannot_be_mended_is_marked_and_the_source_is_asked_for(pdf: Draw) -> None:
    cells, notes = read_pdf(pdf(code("model = Net(\n    width range=20.\n    depth=3)\nmodel.fit(x)")), "hw.pdf")
    assert [(c.kind, c.damaged) for c in cells] == [("code", "the PDF")]
    assert [n.kind for n in notes if "hand in the notebook" in n.message] == ["damaged"]


def test_prompts_of_a_notebook_make_cells_and_what_was_printed_goes_with_them(pdf: Draw) -> None:
    lines = ["In [3]: for i in range(2):", "            print(i)", "", "0", "1", "", "In [ ]: y = 2", "        y + 1"]
    cells = read(pdf(code("\n".join(lines))))
    assert [(c.source, c.execution_count, c.saved_text) for c in cells] == [
        ("for i in range(2):\n    print(i)", 3, "0\n1"),
        ("y = 2\ny + 1", None, ""),
    ]


def test_output_in_the_font_of_code_is_what_the_code_printed(pdf: Draw) -> None:
    cells = read(pdf([*code("model.fit(x)\nprint('done')"), *code("\nEpoch 1/5 loss: 0.31\ndone"), *code("\ny = 2")]))
    assert [(c.kind, c.source, c.saved_text) for c in cells] == [
        ("code", "model.fit(x)\nprint('done')", "Epoch 1/5 loss: 0.31\ndone"),
        ("code", "y = 2", ""),
    ]


def test_code_in_a_font_for_prose_is_told_by_its_looks(pdf: Draw) -> None:
    lines = [
        "import torch",
        "class Net(torch.nn.Module):",
        "    def forward(self, x):",
        "        return x",
        "n = Net()",
    ]
    cells = read(pdf([*prose("This is the network:", ""), *prose(*lines), *prose("", "It is small.")]))
    assert [c.kind for c in cells] == ["markdown", "code", "markdown"]
    compile(cells[1].source, "cell", "exec")


def test_a_document_all_in_one_font_of_one_width_is_parted_by_paragraphs(pdf: Draw) -> None:
    text = (
        "Question 6: Train LeNet\n\nWe use Keras for it.\n\nimport keras\nm = keras.Model()\n\nQuestion 7: What is it?"
    )
    assert shown(read(pdf(code(text)))) == [
        ("markdown", "Question 6: Train LeNet"),
        ("markdown", "We use Keras for it."),
        ("code", "import keras\nm = keras.Model()"),
        ("markdown", "Question 7: What is it?"),
    ]


def test_marks_of_fences_part_prose_from_code(pdf: Draw) -> None:
    assert shown(read(pdf(code("training.\n```python\nimport torch\nx = torch.ones(3)\n```")))) == [
        ("markdown", "training."),
        ("code", "import torch\nx = torch.ones(3)"),
    ]


def test_a_line_of_code_that_fell_out_of_its_block_is_code_and_a_formula_is_not(pdf: Draw) -> None:
    fallen = ["", "The formula is", "", "size = floor((n - f) / s)", "", "print(net.forward(4))"]
    assert [c.kind for c in read(pdf([*code(), *prose(*fallen[:1], *fallen[5:], *fallen[:4])]))] == [
        "code",
        "code",
        "markdown",
        "markdown",
    ]


def test_pictures_are_counted_with_what_stands_above(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image").new("RGB", (80, 60), "red")
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "hw.pdf"))
    canvas.drawString(60, 700, "The curves of training and of validation:")
    canvas.drawImage(ImageReader(image), 60, 500, 200, 150)
    canvas.save()
    assert [c.pictures for c in read(tmp_path / "hw.pdf")] == [1]


def refusal(file: Path) -> SubmissionError:
    with pytest.raises(SubmissionError) as error:
        read(file)
    assert "\n" not in str(error.value)
    assert ".ipynb" in error.value.remedy
    return error.value


def test_an_encrypted_pdf_is_called_so(pdf: Draw) -> None:
    assert "is encrypted" in refusal(pdf(prose("secret"), encrypt="password")).message


def test_a_scanned_pdf_is_called_so(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image").new("RGB", (800, 1000), "white")
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "scan.pdf"))
    for _ in range(3):
        canvas.drawImage(ImageReader(image), 0, 0, 595, 842)
        canvas.showPage()
    canvas.save()
    assert "is scanned" in refusal(tmp_path / "scan.pdf").message


def test_a_pdf_without_text_is_called_so(pdf: Draw) -> None:
    assert "no text" in refusal(pdf([])).message


def test_a_long_pdf_is_read_as_far_as_time_and_pages_allow(pdf: Draw, monkeypatch: Any) -> None:
    pages = [prose(f"This is page number {number} of the book.") for number in range(40)]
    file = pdf(*pages)
    monkeypatch.setattr(pdf_lines, "MAX_PAGES", 15)
    cells, notes = read_pdf(file, "hw.pdf")
    assert len(cells) == 15
    assert [n.message for n in notes if n.kind == "truncated"] == [
        "Pages 16 to 40 of hw.pdf were not read: it is too long."
    ]
    times = iter(range(0, 10_000, 30))
    import pdfplumber

    with pdfplumber.open(file) as opened:
        assert pdf_lines.printed(opened, lambda: float(next(times))).read == 3


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_random_bytes_are_an_error_of_one_line(tmp_path_factory: Any, content: bytes, head: bool) -> None:
    file = tmp_path_factory.mktemp("pdf") / "hw.pdf"
    file.write_bytes((b"%PDF-1.4\n" if head else b"") + content)
    with pytest.raises(SubmissionError):
        read(file)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1500), st.binary(min_size=1, max_size=30))
def test_a_pdf_with_some_bytes_changed_is_read_or_refused(
    tmp_path_factory: Any, whole: bytes, place: int, junk: bytes
) -> None:
    file = tmp_path_factory.mktemp("pdf") / "hw.pdf"
    file.write_bytes(whole[:place] + junk + whole[place + len(junk) :])
    try:
        assert isinstance(read(file), tuple)
    except SubmissionError:
        return


@pytest.fixture(scope="module")
def whole(tmp_path_factory: Any) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    file = tmp_path_factory.mktemp("whole") / "hw.pdf"
    canvas = Canvas(str(file))
    canvas.drawString(60, 700, "An answer of some words")
    canvas.save()
    return bytes(file.read_bytes())


def test_code_in_a_proportional_font_keeps_its_indentation_over_blank_lines(pdf: Draw) -> None:
    code_text = """import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        y = self.fc(x)
        return y.relu()

net = Net()
print(net(torch.ones(4)))"""
    lines = [("Helvetica", 10, line) for line in code_text.split("\n")]
    cells = read(pdf([*prose("Question 6: the network", "", ""), *lines, *prose("", "", "It has one layer.")]))
    found = "\n".join(cell.source for cell in cells if cell.kind == "code")
    assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(code_text))
    assert [cell.source for cell in cells if cell.kind != "code"] == ["Question 6: the network", "It has one layer."]
