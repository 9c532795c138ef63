"""`.pdf` becomes cells: blocks of code and paragraphs of prose, in reading order."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect

from grader.errors import SubmissionError
from grader.ingest.blocks import Block, cells_of, joined, words
from grader.ingest.code import is_code, language_of, parses
from grader.ingest.pdf_lines import Line, Printed, paragraphs, printed
from grader.ingest.plain import text_blocks
from grader.records import Cell, Note

SOURCE = "Hand in the notebook (.ipynb) or the script (.py) itself"
PROMPT = re.compile(r"(?:In\s*)?\[\s*(?P<count>\d{1,5}|\*)?\s*\]:\s*(?P<rest>.*)")
OUT = re.compile(r"Out\s*\[\s*\d*\s*\]:\s?.*")
BULLET = re.compile(r"[•●○▪◦‣∙·–*-]\s+")
LISTED = re.compile(r"(?:[•●○▪◦‣∙·*-]\s|\(?[0-9a-zA-Z]{1,3}[.)]\s)")
FENCE = re.compile(r"^[ ]*`{2,}[ ]*\w*[ ]*$", re.MULTILINE)
STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
# Lines of fewer letters end where the writer ended them.
SHORT = 40
# How much larger than the text a heading is.
LARGER = 1.12
# Fewer letters than this on a page, and pictures on it: the page was scanned.
SCANNED_LETTERS = 20


def read_pdf(file: Path, origin: str) -> tuple[tuple[Cell, ...], tuple[Note, ...]]:
    """The cells of a PDF, with notes on repairs and on pages that were not read.

    Raises:
        SubmissionError: Damaged, encrypted, scanned, or without text.
    """
    try:
        with file.open("rb") as stream, pdfplumber.open(stream) as pdf:
            found = printed(pdf)
    except Exception as error:  # pdfminer has no common class for all that hostile files do to it
        raise _refusal(file, error) from error
    _refuse_without_text(file, found)
    cells, notes = cells_of(pdf_blocks(found.lines), origin, damage="the PDF")
    return cells, (*_notes(found, origin), *notes)


def _refusal(file: Path, error: Exception) -> SubmissionError:
    causes = (error, *error.args)
    if any(isinstance(cause, (PDFPasswordIncorrect, PDFEncryptionError)) for cause in causes):
        what = f"{file.name} is encrypted, so nothing in it can be read"
        return SubmissionError(what, f"{SOURCE}, or a PDF without a password")
    return SubmissionError(f"{file.name} is damaged, or not a PDF", SOURCE)


def _refuse_without_text(file: Path, found: Printed) -> None:
    letters = sum(len(line.text) for line in found.lines)
    if found.pages == 0:
        raise SubmissionError(f"{file.name} has no pages", SOURCE)
    if letters < SCANNED_LETTERS * found.read and found.pictures >= found.read / 2:
        raise SubmissionError(f"{file.name} is scanned: it holds pictures of pages, and pictures are not read", SOURCE)
    if letters == 0:
        raise SubmissionError(f"{file.name} holds no text", SOURCE)
    if found.unknown * 2 > letters:
        raise SubmissionError(f"{file.name} has fonts that do not say which letters they show", SOURCE)


def _notes(found: Printed, origin: str) -> Iterator[Note]:
    if found.read < found.pages:
        unread = f"Pages {found.read + 1} to {found.pages} of {origin} were not read: it is too long."
        yield Note("truncated", unread, origin)
    if found.unknown:
        yield Note("repair", f"{origin}: {found.unknown} letter(s) could not be read and show as \ufffd.", origin)


def pdf_blocks(lines: Sequence[Line]) -> list[Block]:
    """Blocks of a PDF's lines: shading, prompts, fonts and layout tell code, output and prose apart."""
    sizes = _sizes(lines)
    right = _right_edge(lines)
    prompts = sum(bool(PROMPT.fullmatch(line.text)) for line in lines) > 1
    blocks: list[Block] = []
    for kind, run in _runs(lines, prompts):
        if kind == "picture":
            _add_picture(blocks)
        elif kind == "code":
            blocks += _code_blocks(run, prompts)
        else:
            blocks += _prose_blocks(run, sizes, right)
    return _with_strays(_with_outputs(blocks if prompts else joined(blocks), prompts))


def _runs(lines: Sequence[Line], prompts: bool) -> Iterator[tuple[str, list[Line]]]:
    def look(line: Line) -> tuple[str, bool]:
        if line.picture:
            return "picture", False
        return ("code", line.shaded and prompts) if line.width or _has_prompt(line, prompts) else ("prose", False)

    for (kind, _), run in groupby(lines, key=look):
        yield kind, list(run)


def _has_prompt(line: Line, prompts: bool) -> bool:
    return prompts and bool(PROMPT.fullmatch(line.text))


def _add_picture(blocks: list[Block]) -> None:
    """A picture belongs to what stands above it."""
    if blocks:
        blocks[-1] = replace(blocks[-1], pictures=blocks[-1].pictures + 1)
    else:
        blocks.append(Block("markdown", "", pictures=1))


def _code_blocks(run: Sequence[Line], prompts: bool) -> Iterator[Block]:
    """The parts of a run in a font of one width; marks of fences part them, and are left out."""
    for count, part in _at_prompts(run, prompts):
        for code, output in _with_printed(part):
            for piece in FENCE.split(code):
                if FENCE.search(code) and not any(map(is_code, piece.split("\n"))):
                    yield Block("markdown", piece.strip("\n"))
                else:
                    yield from _without_prose(piece.strip("\n"), output, count)


def _without_prose(text: str, output: str, count: int | None) -> Iterator[Block]:
    """Code without the paragraphs of prose that a document in one font has between: those that cannot be code."""
    if parses(text):
        yield Block("code", text, output, count)
        return
    for prose, run in groupby(re.split(r"\n\n+", text), key=_cannot_be_code):
        if prose:
            yield from (Block("markdown", paragraph) for paragraph in run)
        else:
            yield Block("code", "\n\n".join(run), output, count)


def _cannot_be_code(paragraph: str) -> bool:
    return not any(map(is_code, paragraph.split("\n"))) and not parses(paragraph)


def _at_prompts(run: Sequence[Line], prompts: bool) -> Iterator[tuple[int | None, list[Line]]]:
    part: list[Line] = []
    count: int | None = None
    for line in run:
        match = PROMPT.fullmatch(line.text) if prompts else None
        if match:
            if part:
                yield count, part
            count = int(match["count"]) if (match["count"] or "").isdecimal() else None
            part = [replace(line, text=match["rest"], left=line.inner or line.left)] if match["rest"] else []
        else:
            part.append(line)
    if part:
        yield count, part


def _with_printed(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """Code with what it printed: where more room than usual parts whole code from lines that are none."""
    code: list[Line] = []
    output: list[str] = []
    for segment in _segments(lines):
        if code and (OUT.match(segment[0].text) or (parses(_indented(code)) and _is_printed(_indented(segment)))):
            output.append(_indented(segment))
        elif output:
            yield _indented(code), "\n".join(output)
            code, output = list(segment), []
        else:
            code += segment
    if code:
        yield _indented(code), "\n".join(output)


def _segments(lines: Sequence[Line]) -> Iterator[list[Line]]:
    steps = [b.top - a.top for a, b in pairwise(lines) if a.page == b.page and b.top > a.top]
    usual = median(steps) if steps else 0.0
    segment: list[Line] = []
    for line in lines:
        if segment and line.page == segment[-1].page and line.top - segment[-1].top > 1.25 * usual:
            yield segment
            segment = []
        segment.append(line)
    if segment:
        yield segment


def _is_printed(text: str) -> bool:
    """Whether no line has the shape of a statement, and it is no expression that a notebook would show."""
    return not any(map(is_code, text.split("\n"))) and not (parses(text) and re.search(r"[A-Za-z_]", text))


def _indented(lines: Sequence[Line], around: Sequence[Line] = ()) -> str:
    """Text with indentation by position, and blank lines where there is room for them.

    Args:
        lines: The text.
        around: Lines from whose left edge indentation counts; without any, from that of the text.
    """
    width = next((line.width for line in lines if line.width), 0.0) or 0.5 * lines[0].size
    margins = {
        page: min(line.left for line in on_page)
        for page, on_page in groupby(around or lines, key=lambda line: line.page)
    }
    left = min(margins[line.page] for line in lines)
    rows: list[str] = []
    for number, line in enumerate(lines):
        if number and _blank_line_above(lines[number - 1], line):
            rows.append("")
        rows.append(" " * round((line.left - left) / width) + line.text)
    return "\n".join(rows)


def _blank_line_above(above: Line, line: Line) -> bool:
    return above.page == line.page and line.top - above.top > 1.8 * max(line.size, 1.0)


def _prose_blocks(run: Sequence[Line], sizes: Sequence[float], right: float) -> Iterator[Block]:
    for part in paragraphs(run):
        if len(part) > 1 and sum(is_code(line.text) for line in part) * 2 > len(part):
            # A method alone in its paragraph is indented all the same.
            yield from text_blocks(_indented(part, run).split("\n"))
        else:
            yield Block("markdown", _prose(part, sizes, right))


def _prose(part: Sequence[Line], sizes: Sequence[float], right: float) -> str:
    """A paragraph with its line wraps undone, its bullets as Markdown, and its heading marked as one."""
    text = _bulleted(part[0].text)
    for above, line in pairwise(part):
        goes_on = _was_full(above, line, right) and not LISTED.match(line.text)
        text += (" " if goes_on else "\n") + (line.text if goes_on else _bulleted(line.text))
    text = _letters(text)
    short = len(text) < 200 and "\n" not in text
    level = _level(part[0].size, sizes)
    if short and level:
        return f"{'#' * level} {text}"
    return f"**{text}**" if short and part[0].bold else text


def _was_full(above: Line, line: Line, right: float) -> bool:
    """Whether the first word of a line had no room at the end of the line above."""
    first = len(line.text.split(" ", 1)[0]) + 1
    letter = (line.right - line.left) / max(1, len(line.text))
    return len(above.text) > SHORT and above.right + first * letter > right - 1


def _bulleted(text: str) -> str:
    return BULLET.sub("- ", text, count=1) if BULLET.match(text) else text


def _letters(text: str) -> str:
    for ligature, letters in {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "\u00a0": " "}.items():
        text = text.replace(ligature, letters)
    return text.rstrip("¶ ")


def _level(size: float, sizes: Sequence[float]) -> int:
    """2 for a heading of the largest size, more for smaller ones; 0 for the size of the text."""
    larger = [one for one in sizes[1:] if one > LARGER * sizes[0]]
    return 2 + min(4, sum(one > size for one in larger)) if size > LARGER * sizes[0] else 0


def _sizes(lines: Sequence[Line]) -> list[float]:
    """The size of most of the prose, then all sizes."""
    return [_body_size(lines), *{line.size for line in lines if line.text}]


def _body_size(lines: Sequence[Line]) -> float:
    letters: dict[float, int] = {}
    for line in lines:
        if not line.width:
            letters[line.size] = letters.get(line.size, 0) + len(line.text)
    return max(letters, key=lambda size: letters[size], default=10.0)


def _right_edge(lines: Sequence[Line]) -> float:
    """Where full lines of prose end: the 95th of 100."""
    ends = sorted(line.right for line in lines if not line.width and not line.picture)
    return ends[len(ends) * 95 // 100] if ends else 0.0


def _with_outputs(blocks: Sequence[Block], prompts: bool) -> list[Block]:
    """Blocks in which what code printed is no code of its own, but goes with the code above it."""
    result: list[Block] = []
    for block in blocks:
        last = result[-1] if result else None
        if block.kind == "code" and not block.execution_count and _is_output(block.text, last, prompts):
            if last is not None and last.kind == "code":
                saved = "\n".join(filter(None, [last.saved_text, block.text]))
                result[-1] = replace(last, saved_text=saved, pictures=last.pictures + block.pictures)
            else:
                result.append(replace(block, kind="markdown"))
        else:
            result.append(block)
    return result


def _with_strays(blocks: Sequence[Block]) -> list[Block]:
    """Blocks in which a line of code that fell out of its block is code again: near below it, and of known names."""
    known = {name for block in blocks if block.kind == "code" for name in words(block.text)} | set(dir(builtins))
    result = list(blocks)
    for place, block in enumerate(blocks):
        near = any(above.kind == "code" for above in result[max(0, place - 2) : place])
        if near and block.kind == "markdown" and _is_stray(block.text, known):
            result[place] = replace(block, kind="code")
    return result


def _is_stray(text: str, known: AbstractSet[str]) -> bool:
    bare = STRING.sub("", text)
    if "\n" in text or "(" not in bare or not is_code(text) or not parses(text):
        return False
    return all(name in known for name in words(bare) if not name[0].isdigit())


def _is_output(text: str, last: Block | None, prompts: bool) -> bool:
    """Text in the font of code that is none: no line of it has the shape of a statement."""
    if OUT.match(text):
        return True
    if prompts and last is not None and last.execution_count is not None:
        return not parses(text) or not any(map(is_code, text.split("\n")))
    return language_of(text) != "shell" and not any(map(is_code, text.split("\n"))) and not _is_expression(text)


def _is_expression(text: str) -> bool:
    return parses(text) and "(" in text
