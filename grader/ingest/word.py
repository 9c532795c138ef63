"""`.docx` becomes cells: headings and styles as Markdown, code by its font, its style, or its looks."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
from docx.document import Document
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from grader.errors import SubmissionError
from grader.ingest.blocks import Block, cells_of
from grader.ingest.plain import markdown_blocks
from grader.ingest.reading import MEGABYTE
from grader.ingest.word_numbers import Numbers
from grader.records import Cell, Note

MAX_BYTES = 100 * MEGABYTE
MAX_UNPACKED = 300 * MEGABYTE
MAX_XML = 50 * MEGABYTE
MAX_NESTING = 5
MONOSPACE = re.compile(r"mono|courier|consol|menlo|monaco|code|typewriter|inconsolata|fixed|terminal", re.IGNORECASE)
CODE_STYLE = re.compile(r"code|preformatted|source|verbatim|plain text", re.IGNORECASE)
PICTURE = ".//*[local-name()='drawing' or local-name()='pict']"
AGAIN = "Open it in Word, save it as .docx without a password, or hand in the notebook (.ipynb) itself"

Line = tuple[bool, str]


def read_word(file: Path, origin: str) -> tuple[tuple[Cell, ...], tuple[Note, ...]]:
    """The cells of a Word document.

    Raises:
        SubmissionError: Damaged, protected, an old `.doc`, or too large.
    """
    _refuse_what_is_no_docx(file)
    try:
        document = docx.Document(str(file))
    except Exception as error:  # many kinds, from three libraries, for one meaning
        raise SubmissionError(f"{file.name} is a damaged Word document", AGAIN) from error
    cells, notes = cells_of(_blocks(document), origin, damage="the Word document")
    pictures = len(document.element.body.xpath(PICTURE))
    shown = (Note("repair", f"{file.name} shows {pictures} picture(s), which were counted only.", origin),)
    return cells, notes + (shown if pictures else ())


def _refuse_what_is_no_docx(file: Path) -> None:
    try:
        with file.open("rb") as stream:
            head = stream.read(8)
        if head.startswith(b"\xd0\xcf\x11\xe0"):
            raise SubmissionError(f"{file.name} is protected by a password or an old .doc", AGAIN)
        with zipfile.ZipFile(file) as opened:
            sizes = {info.filename: info.file_size for info in opened.infolist()}
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise SubmissionError(f"{file.name} is not a Word document (.docx)", AGAIN) from error
    xml = max((size for name, size in sizes.items() if name.endswith((".xml", ".rels"))), default=0)
    if file.stat().st_size > MAX_BYTES or sum(sizes.values()) > MAX_UNPACKED or xml > MAX_XML:
        raise SubmissionError(f"{file.name} is too large to be read", "Take out pictures, and hand in again")


def _blocks(document: Document) -> Iterator[Block]:
    waiting: list[Line] = []
    for line in _lines(document, Numbers(document), MAX_NESTING):
        if waiting and waiting[-1][0] != line[0] and line[1].strip():
            yield from _run(waiting)
            waiting = []
        waiting.append(line if line[1].strip() or not waiting else (waiting[-1][0], ""))
    yield from _run(waiting)


def _run(lines: list[Line]) -> Iterator[Block]:
    text = "\n".join(text for _, text in lines)
    if lines and lines[0][0]:
        yield Block("code", text.strip("\n"))
    elif lines:
        yield from markdown_blocks(text)


def _lines(container: Document | _Cell, numbers: Numbers, depth: int) -> Iterator[Line]:
    """Whether it is code, and the text, of each line in reading order. Pictures are counted by the caller."""
    for item in container.iter_inner_content():
        if isinstance(item, Paragraph):
            yield from _paragraph(item, numbers)
        elif isinstance(item, Table) and depth:
            yield from _table(item, numbers, depth)


def _table(table: Table, numbers: Numbers, depth: int) -> Iterator[Line]:
    single = len(table.columns) == 1
    for row in table.rows:
        if single:  # a box around code
            for cell in row.cells:
                yield from _lines(cell, numbers, depth - 1)
        else:
            yield False, "| " + " | ".join(" ".join(cell.text.split()) for cell in row.cells) + " |"
    yield False, ""


def _paragraph(paragraph: Paragraph, numbers: Numbers) -> Iterator[Line]:
    text = paragraph.text.expandtabs(4)
    style = (paragraph.style.name or "") if paragraph.style is not None else ""
    if _is_code(paragraph, style):
        indent = paragraph.paragraph_format.left_indent
        shift = " " * (4 * round(indent.inches / 0.5)) if indent and not text.startswith(" ") else ""
        yield from ((True, shift + line) for line in text.split("\n"))
        return
    number = numbers.before(paragraph) if text.strip() else ""
    yield from ((False, line) for line in (_prefix(paragraph, style, text, number) + text).split("\n"))
    if not (number or style.startswith("List")):
        yield False, ""


def _prefix(paragraph: Paragraph, style: str, text: str, number: str) -> str:
    if not text.strip():
        return ""
    if match := re.fullmatch(r"Heading (\d)", style):
        return "#" * min(6, int(match[1])) + " " + number
    if style == "Title":
        return "# " + number
    if style.startswith("List"):
        return number or ("1. " if "Number" in style else "- ")
    runs = [run for run in paragraph.runs if run.text.strip()]
    bold = runs and len(text) < 120 and all(run.bold for run in runs)
    return ("## " if bold else "") + number


def _is_code(paragraph: Paragraph, style: str) -> bool:
    if CODE_STYLE.search(style):
        return True
    own = paragraph.style.font.name if paragraph.style is not None else None
    runs = [run for run in paragraph.runs if run.text.strip()]
    fonts = [run.font.name or (run.style.font.name if run.style is not None else None) or own for run in runs]
    return bool(fonts) and all(font and MONOSPACE.search(font) for font in fonts)
