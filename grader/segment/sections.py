"""What stands between two answers and belongs to neither: headings of parts, and imports for what follows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from grader.segment.answers import Region
from grader.segment.lines import Line, bare
from grader.segment.numbers import numbering

MAX_WORDS = 8
SECTION = re.compile(
    r"(?:section|part|topic|module|unit|chapter)\b|(?:theory|theoretical|practicals?|coding|programming)\b"
    r"(?:\s+(?:questions?|part|section|assignments?|problems?|exercises?|tasks?|work))?\W*$",
    re.IGNORECASE,
)
# A heading of mostly such words stands above imports.
IMPORTS = frozenset(
    re.findall(
        r"\w+",
        """
    imports import importing load loading install installing installation installs required necessary common all the and
    set up setup helper helpers dependency dependencies package packages library libraries module modules needed used
    for of function functions utility utilities
""",
    )
)
# Lines in the first column of code that only prepares: imports, functions, commands, seeds, constants.
PREPARES = re.compile(
    r"(?:import|from|def|async def|@|%|!|#|\s|[)\]}]|warnings\.|[A-Z][A-Z0-9_]*\s*=|device\s*=|(?:np|tf|torch|random)\."
    r"(?:random\.)?(?:seed|set_seed|manual_seed)|plt\.(?:style|rc)|sns\.set)"
)
IMPORTS_OR_DEFINES = re.compile(r"(?:import|from|def|async def|[%!]\s*pip)\b")


def trim(parts: Sequence[Region], wants_code: Sequence[bool]) -> tuple[Region, ...]:
    """Regions without what stands between them. What ends a file stays with its last answer.

    Args:
        parts: In order.
        wants_code: For each question whether it asks for code.
    """
    return tuple(
        _trimmed(part, after, wants_code[part.start.question]) for part, after in zip_longest(parts, parts[1:])
    )


def _trimmed(part: Region, after: Region | None, wants_code: bool) -> Region:
    if after is None or after.lines[0].origin != part.lines[0].origin:
        return part
    cells = _by_cell(part.lines)
    return replace(part, lines=[line for cell in cells[: _end(cells, wants_code)] for line in cell])


def _end(cells: Sequence[Sequence[Line]], wants_code: bool) -> int:
    """How many cells at the beginning are the answer."""
    broken = next((i for i in range(1, len(cells)) if _opens_section(cells[i])), len(cells))
    if all(prepares(cell) for cell in cells[broken:] if _is_code(cell)):
        cells = cells[:broken]
    end = len(cells)
    while end > 1:
        last = cells[end - 1]
        loose = _announces(last) or _only_blank(last) or (prepares(last) and _is_for_others(cells[:end], wants_code))
        if not loose:
            break
        end -= 1
    return end if any(not _only_blank(cell) for cell in cells[end:]) else len(cells)


def _is_for_others(cells: Sequence[Sequence[Line]], wants_code: bool) -> bool:
    """Whether the preparing code at the end stands under a heading of its own, or below a question without code."""
    if not wants_code and not any(_is_code(cell) and not prepares(cell) for cell in cells):
        return True
    more_code = any(_is_code(cell) for cell in cells[:-2])
    return len(cells) > 2 and more_code and _announces(cells[-2]) and _is_about_imports(cells[-2])


def _opens_section(cell: Sequence[Line]) -> bool:
    first = next((line for line in cell if not line.blank), None)
    if first is None or first.style not in ("heading", "bold", "comment", "string"):
        return False
    title = bare(first.text)
    return len(title.split()) <= MAX_WORDS and not title.endswith("?") and bool(SECTION.match(title))


def _announces(cell: Sequence[Line]) -> bool:
    """A cell with nothing but headings, which are not numbered steps, announces what comes next."""
    said = [line for line in cell if not line.blank]
    return bool(said) and all(line.style in ("heading", "bold") for line in said)


def _is_about_imports(cell: Sequence[Line]) -> bool:
    title = numbering(next(bare(line.text) for line in cell if not line.blank)).rest
    words = re.findall(r"[a-z]+", title.lower()[:200])
    return 2 * sum(word in IMPORTS for word in words) > len(words)


def prepares(cell: Sequence[Line]) -> bool:
    """Whether code only imports, defines functions and sets up."""
    code = [line.text for line in cell if line.style == "code" and line.text.strip()]
    return any(IMPORTS_OR_DEFINES.match(text) for text in code) and all(PREPARES.match(text) for text in code)


def _is_code(cell: Sequence[Line]) -> bool:
    return any(line.style == "code" and not line.blank for line in cell)


def _only_blank(cell: Sequence[Line]) -> bool:
    return all(line.blank for line in cell)


def _by_cell(lines: Sequence[Line]) -> list[list[Line]]:
    cells: dict[int, list[Line]] = {}
    for line in lines:
        cells.setdefault(line.cell, []).append(line)
    return list(cells.values())
