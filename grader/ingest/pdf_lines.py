"""The lines of a PDF: characters by position, so that the indentation of code survives."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from pdfplumber.page import Page
from pdfplumber.pdf import PDF

from grader.ingest.pdf_columns import Column, column_of, columns

MAX_PAGES = 300
MAX_SECONDS = 90.0
MAX_PAGE_CHARS = 60_000
MONOSPACE = re.compile(r"mono|courier|consol|menlo|monaco|typewriter|inconsolata|cmtt|sourcecode", re.IGNORECASE)
NARROW, WIDE = frozenset("iljI.,:;'|!"), frozenset("mwMW@%ABDOQ")
# Where, as shares of the page's height, headers and footers stand.
HEAD, FOOT = 0.07, 0.93
PAGE_NUMBER = re.compile(r"(?:page\s*)?\d{1,4}(?:\s*(?:/|of|von|de)\s*\d{1,4})?|-\s*\d{1,4}\s*-", re.IGNORECASE)
QUESTION = re.compile(r"\W*(?:q|que|ques|question|ans|answer|exercise|task|problem)\b\W*(?:no\W*)?\d", re.IGNORECASE)
# What browsers print above and below: date and title, address and page.
BROWSER = re.compile(r"(?:file|ﬁle|https?)://\S+.*|\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4},?\s+\d{1,2}:\d{2}\b.*")
PROMPT = re.compile(r"(?:In\s*)?\[\s*(?:\d{1,5}|\*)?\s*\]:\s*")
MIN_PICTURE = 20.0

Char = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line. Lengths are in points; `top` grows downwards over all pages.

    Attributes:
        text: Without indentation; spaces by position.
        page: From 0. Each column of a page counts as one, and stands where the left one does.
        left: Where its first character begins.
        right: Where its last character ends.
        top: Upper edge on its page.
        size: Font size.
        width: Advance of one character in a font of one width; 0 for other fonts.
        bold: All of it.
        shaded: On a background that is not the page's.
        picture: It stands for a picture, and has no text.
        inner: Where the text behind a notebook's prompt begins (`In [3]:`); 0 without one.
    """

    text: str
    page: int
    left: float
    right: float
    top: float
    size: float
    width: float = 0.0
    bold: bool = False
    shaded: bool = False
    picture: bool = False
    inner: float = 0.0


@dataclass(frozen=True, slots=True)
class Printed:
    """What was read of a PDF: its lines, how many pages it has, how many were read, and how many glyphs had no text."""

    lines: tuple[Line, ...]
    pages: int
    read: int
    unknown: int
    pictures: int


def printed(pdf: PDF, clock: Callable[[], float] = time.monotonic) -> Printed:
    """Reads a PDF page by page, at most `MAX_PAGES` and for about `MAX_SECONDS`."""
    started = clock()
    pages: list[list[Line]] = []
    unknown = pictures = 0
    heights: list[float] = []
    number = 0
    for page in pdf.pages[:MAX_PAGES]:
        if clock() - started > MAX_SECONDS:
            break
        lines, bad = _page_lines(page, number)
        number = max((line.page for line in lines), default=number) + 1
        pages.append(lines)
        heights.append(float(page.height))
        unknown += bad
        pictures += sum(line.picture for line in lines)
        page.close()
    kept = _without_margins(pages, heights)
    return Printed(tuple(line for page in kept for line in page), len(pdf.pages), len(pages), unknown, pictures)


def _page_lines(page: Page, number: int) -> tuple[list[Line], int]:
    shades = _shades(page)
    chars = [char for char in page.chars[:MAX_PAGE_CHARS] if char["upright"] and char["size"] > 1]
    seen = [char for char in chars if char["text"].strip()]
    unknown = sum(char["text"].startswith("(cid:") for char in seen)
    fixed = _fixed_width_fonts(seen)
    found = list(columns(list(_rows(chars))))
    lines = [[*_column_lines(column, number + place, fixed, shades)] for place, column in enumerate(found)]
    for picture in _pictures(page):
        place = column_of(picture.left, picture.top, found)
        lines[place].append(replace(picture, page=number + place))
    return [line for column in lines for line in sorted(column, key=lambda line: line.top)], unknown


def _column_lines(column: Column, page: int, fixed: Mapping[str, float], shades: Sequence[Char]) -> Iterator[Line]:
    for line in filter(None, (_line(row, page, fixed, shades) for row in column.rows)):
        inner = line.inner and line.inner - column.shift
        yield replace(line, left=line.left - column.shift, right=line.right - column.shift, inner=inner)


def _rows(chars: Sequence[Char]) -> Iterator[list[Char]]:
    """Characters grouped by the line that they stand on: those whose middles are less than half a size apart."""
    row: list[Char] = []
    middle = 0.0
    for char in sorted(chars, key=lambda c: (c["top"] + c["bottom"]) / 2):
        here = (char["top"] + char["bottom"]) / 2
        if row and here - middle > 0.5 * min(char["size"], row[-1]["size"]):
            yield row
            row = []
        if not row or char["text"].strip():
            middle = here if not row else max(middle, here) if here - middle < 1 else middle
        row.append(char)
    if row:
        yield row


def _line(row: Iterable[Char], page: int, fixed: Mapping[str, float], shades: Sequence[Char]) -> Line | None:
    chars = sorted(row, key=lambda char: char["x0"])
    chars = [c for n, c in enumerate(chars) if not n or not _is_shadow(chars[n - 1], c)]
    seen = [char for char in chars if char["text"].strip()]
    if not seen:
        return None
    size = median(char["size"] for char in seen)
    mono = sum(char["fontname"] in fixed for char in seen) * 2 > len(seen)
    width = median(char["x1"] - char["x0"] for char in seen if char["fontname"] in fixed) if mono else 0.0
    first = seen[0]
    text = _spaced(chars, width, size)
    prompt = PROMPT.match(text)
    behind = len("".join(prompt[0].split())) if prompt else 0
    return Line(
        text=text,
        page=page,
        left=first["x0"],
        right=seen[-1]["x1"],
        top=min(char["top"] for char in seen),
        size=round(size, 1),
        width=width,
        bold=all("bold" in char["fontname"].lower() or "black" in char["fontname"].lower() for char in seen),
        shaded=any(_lies_in(seen[-1], shade) for shade in shades),
        inner=seen[behind]["x0"] if 0 < behind < len(seen) else 0.0,
    )


def _is_shadow(before: Char, char: Char) -> bool:
    """Some programs print bold letters twice."""
    return bool(before["text"] == char["text"] and abs(before["x0"] - char["x0"]) < 0.15 * char["size"])


def _spaced(chars: Sequence[Char], width: float, size: float) -> str:
    """Text with as many spaces as there is room for (fixed width), or one where there is a gap."""
    text, end, space = "", None, False
    for char in chars:
        if not char["text"].strip():
            space = True
            continue
        gap = 0.0 if end is None else char["x0"] - end
        if end is not None and width and gap > 0.5 * width:
            text += " " * max(1, round(gap / width))
        elif end is not None and (gap > 0.17 * size or (space and gap > 0.02 * size)):
            text += " "
        text += "\ufffd" if char["text"].startswith("(cid:") else char["text"]
        end, space = char["x1"], False
    return text


def _fixed_width_fonts(chars: Iterable[Char]) -> dict[str, float]:
    """Fonts with one width for all characters: called so, or measured on narrow and wide letters."""
    widths: dict[str, dict[str, float]] = defaultdict(dict)
    for char in chars:
        widths[char["fontname"]][char["text"]] = (char["x1"] - char["x0"]) / char["size"]
    return {font: max(seen.values()) for font, seen in widths.items() if _is_fixed(font, seen)}


def _is_fixed(font: str, widths: Mapping[str, float]) -> bool:
    narrow = [width for text, width in widths.items() if text in NARROW]
    wide = [width for text, width in widths.items() if text in WIDE]
    if narrow and wide:
        return max(wide) - min(narrow) < 0.05
    return bool(MONOSPACE.search(font))


def _shades(page: Page) -> list[Char]:
    """Filled areas that are neither white nor black and large enough to be the background of code."""
    areas = [*page.rects, *(curve for curve in page.curves if curve.get("fill"))]
    return [a for a in areas[:2_000] if a.get("fill") and a["width"] > 60 and a["height"] > 8 and _is_tinted(a)]


def _is_tinted(area: Char) -> bool:
    colour = area.get("non_stroking_color")
    values = [v for v in colour if isinstance(v, (int, float))] if isinstance(colour, (tuple, list)) else []
    return len(values) in (1, 3) and 0.75 < min(values) < 0.995


def _lies_in(char: Char, area: Char) -> bool:
    middle = (char["top"] + char["bottom"]) / 2
    return bool(area["top"] <= middle <= area["bottom"] and area["x0"] - 1 <= char["x0"] <= area["x1"])


def _pictures(page: Page) -> Iterator[Line]:
    for image in page.images[:500]:
        if image["width"] > MIN_PICTURE and image["height"] > MIN_PICTURE:
            yield Line("", 0, image["x0"], image["x1"], image["top"], 0.0, picture=True)


def _without_margins(pages: list[list[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """Pages without headers, footers and page numbers: what stands in the margins of most pages, numbers apart."""
    again = Counter(
        key
        for lines, height in zip(pages, heights, strict=True)
        for key in {_key(line) for line in lines if _in_margin(line, height)}
    )
    needed = max(2, len(pages) // 2)
    return [
        [line for line in lines if not (_in_margin(line, height) and (again[_key(line)] >= needed or _is_number(line)))]
        for lines, height in zip(pages, heights, strict=True)
    ]


def _in_margin(line: Line, height: float) -> bool:
    # `Question 7` first on each page is no header.
    return bool(line.text) and not QUESTION.match(line.text) and not HEAD * height < line.top < FOOT * height


def _is_number(line: Line) -> bool:
    return bool(PAGE_NUMBER.fullmatch(line.text.strip()) or BROWSER.fullmatch(line.text))


def _key(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "0", line.text), round(line.top / 4)


def paragraphs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines of one page and one look, parted where there is more room between them than usual."""
    if not lines:
        return
    part = [lines[0]]
    for above, line in pairwise(lines):
        if is_apart(above, line):
            yield part
            part = []
        part.append(line)
    yield part


def is_apart(above: Line, line: Line) -> bool:
    """Whether a line begins something new, to judge by the room above it and by its look."""
    if above.page != line.page or above.picture or line.picture:
        return True
    if abs(above.size - line.size) > 0.12 * max(above.size, line.size) or above.bold != line.bold:
        return True
    return line.top - above.top > 1.65 * max(line.size, 1.0)
