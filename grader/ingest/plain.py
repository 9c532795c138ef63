"""`.txt` and `.md` become cells; also tells code from prose where nothing but the words can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.ingest.blocks import Block, cells_of
from grader.ingest.code import is_code, is_prose, parses
from grader.ingest.fences import fences
from grader.ingest.notebook import read_notebook
from grader.ingest.reading import MEGABYTE, read_text
from grader.records import Cell, Note

MAX_BYTES = 20 * MEGABYTE
# Lines that were looked at in vain, again and again, as only hostile text makes it; the rest is read as prose.
MAX_TRIED = 20_000
HEADING = re.compile(r"\s{0,3}#{1,6}\s*\S")
# What a sentence can look like but a program begins with.
SURE = re.compile(r"\s*(?:import \w|from [\w.]+ import |def \w+\(|class \w+|@\w|[%!]\w|(?:for|with) .*:$|plt\.)")


def read_plain(file: Path, origin: str) -> tuple[tuple[Cell, ...], tuple[Note, ...]]:
    """The cells of a text or Markdown file; of a notebook that was renamed, the notebook's.

    Raises:
        SubmissionError: Too large, binary or unreadable.
    """
    text, notes = read_text(file, MAX_BYTES)
    if text.lstrip().startswith("{") and '"cells"' in text[:100_000] + text[-100_000:]:
        return read_notebook(file, origin)
    cells, repairs = cells_of(markdown_blocks(text), origin)
    return cells, notes + repairs


def markdown_blocks(text: str) -> Iterator[Block]:
    """Fenced code as code, the text between as one block per heading or paragraph with code told by its looks."""
    lines = text.split("\n")
    start = 0
    for fence in fences(text):
        yield from text_blocks(lines[start : fence.start])
        shown = "\n".join(lines[fence.start : fence.end])
        yield Block("code", fence.code) if fence.is_python else Block("markdown", shown)
        start = fence.end
    yield from text_blocks(lines[start:])


def text_blocks(lines: Sequence[str]) -> Iterator[Block]:
    """Paragraphs of prose, and the runs of lines that are code."""
    waiting: list[str] = []
    number = tried = 0
    while number < len(lines):
        looked, end = _code_end(lines, number) if tried < MAX_TRIED else (0, 0)
        tried += 0 if end else looked
        if end:
            yield from _paragraphs(waiting)
            waiting = []
            yield Block("code", "\n".join(lines[number:end]).strip("\n"))
        else:
            waiting.append(lines[number])
        number = end or number + 1
    yield from _paragraphs(waiting)


def _paragraphs(lines: Sequence[str]) -> Iterator[Block]:
    """Parted at blank lines and before headings; a heading stays with what follows it directly."""
    part: list[str] = []
    for line in lines:
        if (HEADING.match(line) or not line.strip()) and part:
            yield Block("markdown", "\n".join(part))
            part = []
        if line.strip():
            part.append(line.rstrip())
    if part:
        yield Block("markdown", "\n".join(part))


def _code_end(lines: Sequence[str], start: int) -> tuple[int, int]:
    """How many lines were looked at, and the line after the code that begins here; 0 if none does.

    Code is two lines of its shape, or more.
    """
    if not is_code(lines[start]) or is_prose(lines[start]):
        return 0, 0
    end, shapes, sure, depth = start, 0, False, 0
    looked = 0
    for number in range(start, len(lines)):
        looked += 1
        line = lines[number]
        shaped = is_code(line)
        inside = depth > 0 or line[:1] in (" ", "\t") or (line.lstrip().startswith("#") and not HEADING.match(line))
        comment = line.startswith("# ") and number + 1 < len(lines) and is_code(lines[number + 1])
        if line.strip() and not (shaped or inside or comment):
            break
        depth = max(0, depth + sum(map(line.count, "([{")) - sum(map(line.count, ")]}")))
        if line.strip():
            end, shapes, sure = number + 1, shapes + shaped, sure or bool(SURE.match(line))
    return looked, end if shapes > 1 and (sure or parses("\n".join(lines[start:end]))) else 0
