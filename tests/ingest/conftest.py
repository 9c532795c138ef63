"""Documents made on the spot: what students hand in, in the formats in which they do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

Draw = Callable[..., Path]


@pytest.fixture
def pdf(tmp_path: Path) -> Draw:
    """Draws `(font, size, text)` lines on pages, each line where its indentation puts it, without any space glyph."""
    canvas_of = pytest.importorskip("reportlab.pdfgen.canvas").Canvas

    def draw(
        *pages: Sequence[tuple[str, float, str]], name: str = "hw.pdf", header: str = "", footer: str = "", **more: Any
    ) -> Path:
        file = tmp_path / name
        canvas = canvas_of(str(file), pagesize=(595, 842), **more)
        for number, lines in enumerate(pages, start=1):
            canvas.setFont("Helvetica", 9)
            canvas.drawString(60, 815, header)
            canvas.drawString(280, 20, footer.format(number))
            top = 770.0
            for font, size, text in lines:
                canvas.setFont(font, size)
                indent = len(text) - len(text.lstrip())
                canvas.drawString(60 + indent * 0.6 * size, top, text.lstrip())
                top -= 1.25 * size
            canvas.showPage()
        canvas.save()
        return file

    return draw
