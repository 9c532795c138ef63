"""The cells of a hand-in as one run of lines, each with what it looks like."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from grader.records import Cell

Style = Literal["heading", "bold", "plain", "list", "fence", "comment", "string", "code"]
Styled = tuple[int, str, Style]
PROSE: frozenset[Style] = frozenset({"heading", "bold", "plain", "list"})
# Real lines are shorter; the rest are embedded pictures and hostile input, which patterns must not be tried on.
MAX_LINE = 4_000
MAX_SOURCE = 3_000_000

FENCE = re.compile(r"\s{0,3}(```|~~~)")
HEADING = re.compile(r"\s{0,3}(?:>\s*)*(?:#{1,6}|<h[1-6]\b)", re.IGNORECASE)
# Bold to its end, closed or not: `**Pooling:** makes maps smaller` is a sentence, not a heading.
BOLD = re.compile(
    r"\s*(?:>\s*)*(?:(?P<mark>\*\*|__)(?:(?!(?P=mark)).)+(?:(?P=mark))?|<(?P<tag>b|strong|u)>(?:(?!</(?P=tag)>).)+(?:</(?P=tag)>)?)[\s:*_.-]*",
    re.IGNORECASE,
)
BULLET = re.compile(r"\s*(?:[-+*•]\s|\|)")
# The line below a heading in Markdown's older style.
UNDERLINE = re.compile(r"\s{0,3}(?:={3,}|-{3,})\s*")
LINK_WITHIN = re.compile(r"\]\(#")
OTHER_MAGIC = re.compile(r"\s*%%(?:writefile|file|bash|sh|html|javascript|latex|script)\b")
MARKDOWN_MAGIC = re.compile(r"\s*%%markdown\b")
OPENS_STRING = re.compile(r"[rRuUbBfF]{0,2}(?:\"\"\"|''')")
ONE_LINE_STRING = re.compile(r"(['\"])(?!\1)[^'\"]{8,}\1\s*;?\s*")
# A question pasted into a code cell as it stands: an upper-case word, a number, and at least three words.
BARE_QUESTION = re.compile(
    r"(?:Q(?:ue(?:s(?:tion)?)?)?|QUE(?:S(?:TION)?)?)\s*[.:]?\s*\d{1,2}\s*[.:)-]*\s*[A-Za-z]+(?:\s+[\w-]+){2}.*"
)
INLINE_ANSWER = re.compile(r"(?<=[?.:)])\**\s+(?=\**(?:Ans|Answer|ANS|ANSWER|Solution)\b\s*\d*\s*\**[:>=-])")

# `print("--- Question 6 ---")` at the head of a cell is a heading in disguise.
PRINTED = re.compile(
    r"print\(\s*f?(['\"])(?:\\n|[\s=*#_-])*(?:question|ques?|q)\s*[.:#-]?\s*\d{1,2}\b[^'\"]*\1.*\)\s*", re.IGNORECASE
)
PRINT_OPENS = re.compile(r"^print\(\s*f?['\"](?:\\n|[\s=*#_-])*")
COLAB_FORM = re.compile(r"^[\s#]*@(?:title|markdown)\b")

ANCHOR = re.compile(r"<a\s+(?:id|name)\s*=[^<>]{0,200}>(?:\s*</a>)?", re.IGNORECASE)
TAGS = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>])")
DATA_URI = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a hand-in.

    Attributes:
        cell: Index of its cell.
        text: As written.
        style: What it looks like. Comments and strings count as such only where they stand alone, in the first column.
        first: Whether it is the first line of its cell that is not blank (of a blank cell: its first).
        origin: Name of the file.
        level: Of a heading, else 0.
        number: Its number in its cell's source, from 0.
    """

    cell: int
    text: str
    style: Style
    first: bool
    origin: str
    level: int = 0
    number: int = 0

    @property
    def blank(self) -> bool:
        """Whether nothing but decoration stands on it: rules, quotes, the anchors of a table of contents."""
        return not re.search(r"\w", ANCHOR.sub("", self.text[:MAX_LINE]) if "<a" in self.text else self.text)


def read_lines(cells: Sequence[Cell]) -> tuple[Line, ...]:
    """All lines of all cells, in order; at least one per cell. What lies beyond `MAX_SOURCE` characters is not read.

    Cells derived from the text of others are left out: their lines are read where they stand.
    """
    cells = [cell for cell in cells if cell.parent is None]
    sources = [without_data(cell.source) for cell in cells]
    before = accumulate((len(source) for source in sources), initial=0)
    return tuple(
        line
        for cell, source, used in zip(cells, sources, before, strict=False)
        for line in _cell_lines(cell, source[: max(0, MAX_SOURCE - used)])
    )


def bare(text: str) -> str:
    """A line without Markdown and HTML decoration, comment signs and quotes: `## **Q 1** What` becomes `Q 1 What`."""
    text = html.unescape(TAGS.sub("", text[:MAX_LINE]))
    text = COLAB_FORM.sub("", PRINT_OPENS.sub("", ESCAPED.sub(r"\1", text)))
    text = re.sub(r"\*\*|__|`|~~|\ufe0f|\u20e3", "", text)  # the last two make a digit an emoji
    return re.sub(r"^[^\w(\[]+|^_+|[\s#*_=~\"'-]+$", "", text)


def without_data(text: str) -> str:
    """Text without embedded pictures."""
    return DATA_URI.sub("data:…", text)


def _cell_lines(cell: Cell, source: str) -> Iterator[Line]:
    styled = list(_styled(cell, source.split("\n")))
    first = next((i for i, (_, text, _) in enumerate(styled) if text.strip()), 0)
    for i, (number, text, written) in enumerate(styled):
        style: Style = "comment" if i == first and PRINTED.fullmatch(text[:MAX_LINE]) else written
        yield Line(cell.index, text, style, i == first, cell.origin, _level(text) if style == "heading" else 0, number)


def _styled(cell: Cell, texts: list[str]) -> Iterator[Styled]:
    if cell.kind != "code":
        return _markdown(texts)
    head = next((text for text in texts if text.strip()), "")
    if MARKDOWN_MAGIC.match(head):
        return _markdown(["" if text is head else text for text in texts])
    if OTHER_MAGIC.match(head):
        return ((number, text, "code") for number, text in enumerate(texts))
    return _code(texts)


def _markdown(texts: list[str]) -> Iterator[Styled]:
    fenced = False
    for number, written in enumerate(texts):
        below = texts[number + 1] if number + 1 < len(texts) else ""
        if FENCE.match(written):
            fenced = not fenced
            yield number, written, "fence"
        elif fenced:
            yield number, written, "fence"
        elif UNDERLINE.fullmatch(below[:80]) and _prose_style(written) in ("plain", "bold") and written.strip():
            yield number, written, "heading"
        else:
            for text in INLINE_ANSWER.split(written) if len(written) <= MAX_LINE else [written]:
                yield number, text, _prose_style(text)


def _prose_style(text: str) -> Style:
    if LINK_WITHIN.search(text[:MAX_LINE]):
        return "list"  # a table of contents
    if HEADING.match(text):
        return "heading"
    if len(text) <= MAX_LINE and BOLD.fullmatch(text):
        return "bold"
    return "list" if BULLET.match(text) else "plain"


def _level(text: str) -> int:
    return len(re.sub(r"[^#]", "", text[: len(text) - len(text.lstrip(" >#"))])) or 1


def _code(texts: list[str]) -> Iterator[Styled]:
    quote, prose = "", False
    for number, text in enumerate(texts):
        if quote:
            yield number, text, "string" if prose else "code"
            quote = "" if quote in text else quote
            continue
        opened = re.search(r"\"\"\"|'''", text)
        if opened and not text.lstrip().startswith("#"):
            prose = bool(OPENS_STRING.match(text))
            yield number, text, "string" if prose else "code"
            quote = opened[0] if text.count(opened[0]) % 2 else ""
        else:
            yield number, text, _code_style(text)


def _code_style(text: str) -> Style:
    if text.startswith("#"):
        return "comment"
    if len(text) > MAX_LINE:
        return "code"
    if ONE_LINE_STRING.fullmatch(text):
        return "string"
    return "plain" if BARE_QUESTION.fullmatch(text) else "code"
