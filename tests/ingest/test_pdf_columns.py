from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.ingest.pdf import read_pdf

platypus = pytest.importorskip("reportlab.platypus")

WORDS = "A convolution slides a small kernel over the picture and adds up what lies under it. "
CODE = (
    "class Net:\n    def forward(self, x):\n        if x > 0:\n            return x\n        return -x\n\n\nnet = Net()"
)


def printed(file: Path, *parts: str, columns: int = 2) -> str:
    """The text of a PDF with a title across and then its parts in columns; parts with lines in them are code."""
    from reportlab.lib.styles import ParagraphStyle

    body = ParagraphStyle("body", fontName="Times-Roman", fontSize=10, leading=12.5)
    code = ParagraphStyle("code", fontName="Courier", fontSize=7, leading=9)
    width = (495 - 20 * (columns - 1)) / columns
    frames = [platypus.Frame(50 + n * (width + 20), 50, width, 700, 0, 0, 0, 0) for n in range(columns)]

    def decorate(canvas: Any, document: Any) -> None:
        if document.page == 1:
            canvas.setFont("Helvetica-Bold", 20)
            canvas.drawCentredString(297, 757, "Assignment on convolutional networks")
        canvas.setFont("Helvetica", 8)
        canvas.drawCentredString(297, 25, str(document.page))

    document = platypus.BaseDocTemplate(str(file), pagesize=(595, 842))
    document.addPageTemplates([platypus.PageTemplate(frames=frames, onPage=decorate)])
    flow = []
    for part in parts:
        flow += [platypus.Preformatted(part, code) if "\n" in part else platypus.Paragraph(part, body)]
        flow += [platypus.Spacer(1, 7)]
    document.build(flow)
    return "\n\n".join(cell.source for cell in read_pdf(file, file.name)[0])


def test_the_left_column_is_read_before_the_right_one(tmp_path: Path) -> None:
    parts = [f"{number}. Question number {number}? {WORDS * 6}" for number in range(1, 13)]
    text = printed(tmp_path / "hw.pdf", *parts)
    places = [text.index(f"Question number {number}?") for number in range(1, 13)]
    assert places == sorted(places)
    assert " ".join(text.split()).count(WORDS.strip()) == 12 * 6  # no line of one column stands in the other
    assert "# Assignment on convolutional networks" in text


def test_code_in_the_right_column_keeps_its_indentation(tmp_path: Path) -> None:
    text = printed(tmp_path / "hw.pdf", *[WORDS * 6] * 11, CODE, *[WORDS * 5] * 4)
    assert CODE.replace("\n\n\n", "\n\n") in text.replace("\n\n\n", "\n\n")


def test_a_page_of_one_column_stays_one(tmp_path: Path) -> None:
    parts = [WORDS * 3, CODE, "short line", "a    b    c", CODE]
    text = printed(tmp_path / "hw.pdf", *parts, columns=1)
    assert text.count("return -x") == 2
    assert text.index("short line") < text.rindex("class Net")
