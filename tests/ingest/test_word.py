from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.shared import Inches
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.ingest.word import read_word
from grader.records import Cell


def saved(tmp_path: Path, build: Callable[[Any], None]) -> tuple[Cell, ...]:
    document = docx.Document()
    build(document)
    document.save(str(tmp_path / "hw.docx"))
    return read_word(tmp_path / "hw.docx", "hw.docx")[0]


def coded(paragraph: Any, text: str, font: str = "Courier New") -> None:
    paragraph.add_run(text).font.name = font


def test_headings_lists_and_code_in_a_font_of_one_width(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        document.add_heading("Question 6", level=2)
        document.add_paragraph("The network is built here.")
        document.add_paragraph("first", style="List Number")
        document.add_paragraph("second", style="List Number")
        for line in ("import torch", "class Net:", "    x = 1"):
            coded(document.add_paragraph(), line)
        document.add_paragraph("That was it.")

    assert [(c.kind, c.source) for c in saved(tmp_path, build)] == [
        ("markdown", "## Question 6"),
        ("markdown", "The network is built here."),
        ("markdown", "1. first\n2. second"),
        ("code", "import torch\nclass Net:\n    x = 1"),
        ("markdown", "That was it."),
    ]


def test_code_in_a_box_with_curly_quotes_and_tabs_is_mended(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        cell = document.add_table(rows=1, cols=1).cell(0, 0)
        coded(cell.paragraphs[0], "for i in x:\n\tprint(“hi”)", "Consolas")

    (code,) = saved(tmp_path, build)
    assert (code.kind, code.source, code.damaged) == ("code", 'for i in x:\n    print("hi")', "")


def test_code_without_a_font_is_told_by_its_looks(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        document.add_paragraph("The code:")
        document.add_paragraph("import torch\nx = torch.ones(3)\nprint(x)")

    assert [c.kind for c in saved(tmp_path, build)] == ["markdown", "code"]


def test_indentation_by_paragraph_counts(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        coded(document.add_paragraph(), "if x:")
        inner = document.add_paragraph()
        inner.paragraph_format.left_indent = Inches(0.5)
        coded(inner, "y = 1")

    assert [c.source for c in saved(tmp_path, build)] == ["if x:\n    y = 1"]


def test_code_that_cannot_be_mended_is_marked(tmp_path: Path) -> None:
    (code,) = saved(tmp_path, lambda document: coded(document.add_paragraph(), "x = = 1\nprint(x)"))
    assert code.damaged == "the Word document"


def test_tables_are_text(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        table = document.add_table(rows=2, cols=2)
        for n, cell in enumerate(cell for row in table.rows for cell in row.cells):
            cell.text = f"c{n}"

    assert saved(tmp_path, build)[0].source == "| c0 | c1 |\n| c2 | c3 |"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xd0\xcf\x11\xe0rest", "password"),
        (b"text", "not a Word"),
        (b"PK\x03\x04", "not a Word"),
        (b"", "not a Word"),
    ],
)
def test_what_is_no_docx_is_called_so(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "hw.docx").write_bytes(content)
    with pytest.raises(SubmissionError, match=what):
        read_word(tmp_path / "hw.docx", "hw.docx")


def test_another_zip_and_a_bomb_are_refused(tmp_path: Path) -> None:
    for name, size, what in [("hw.py", 10, "damaged"), ("word/document.xml", 60_000_000, "too large")]:
        with zipfile.ZipFile(tmp_path / "hw.docx", "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr(name, bytes(size))
        with pytest.raises(SubmissionError, match=what):
            read_word(tmp_path / "hw.docx", "hw.docx")


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 30_000), st.binary(min_size=1, max_size=50))
def test_a_document_with_some_bytes_changed_is_read_or_refused(tmp_path_factory: Any, place: int, junk: bytes) -> None:
    folder = tmp_path_factory.mktemp("word")
    document = docx.Document()
    document.add_paragraph("An answer")
    document.save(str(folder / "hw.docx"))
    content = (folder / "hw.docx").read_bytes()
    (folder / "hw.docx").write_bytes(content[:place] + junk + content[place + len(junk) :])
    try:
        assert isinstance(read_word(folder / "hw.docx", "hw.docx"), tuple)
    except SubmissionError:
        return
