"""Lines at which the answer to a question may start: headings, bold lines, comments, strings, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath

from grader.segment.lines import LINK_WITHIN, MAX_LINE, PROSE, Line, bare
from grader.segment.numbers import Numbering, numbering

MAX_CANDIDATES = 3_000
MAX_WORDING_LINES = 8
MAX_WORDING = 1_500

LEAD = re.compile(r"\s*\*\*([^*]{3,200})\*\*")
ANSWER_MARK = re.compile(
    r"(?:answer|ans|solution|sol)\s*(?:no\.?\s*)?\d{0,2}\s*(?:[.:)=>–—-][\s.:)=>–—*-]*|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line at which an answer may start.

    Attributes:
        line: Its number among all lines.
        numbering: Label and number.
        wordings: What may be the question's wording: the rest of the line, then with one more line, and so on.
        family: What it looks like; starts of the same document mostly look alike.
        code: Whether it stands in a code cell.
        weak: Without any sign of a heading: it needs the words of the question.
        level: Of a heading, else 0.
    """

    line: int
    numbering: Numbering
    wordings: tuple[str, ...]
    family: str
    code: bool
    weak: bool
    level: int = 0

    @property
    def label(self) -> str:
        """`question`, `answer` or nothing."""
        return self.numbering.label


def candidates(lines: Sequence[Line]) -> tuple[Candidate, ...]:
    """All lines at which an answer may start, in order."""
    found = chain.from_iterable(_at(lines, number) for number in range(len(lines)))
    return tuple(candidate for candidate, _ in zip(found, range(MAX_CANDIDATES), strict=False))


def answer_mark(line: Line) -> int:
    """Length of the `Answer:` with which the bare text of a line begins; 0 if there is none."""
    match = ANSWER_MARK.match(bare(line.text)) if line.style not in ("code", "fence") else None
    return match.end() if match else 0


def _at(lines: Sequence[Line], number: int) -> Iterator[Candidate]:
    line = lines[number]
    begins = numbering(bare(line.text)) if line.style not in ("code", "fence") else numbering("")
    if _is_start(lines, number, begins):
        wordings = tuple(_wordings(lines, number, begins.rest))
        family = f"{line.style}{line.level}/{begins.label}/{begins.sort * len(begins.numbers)}"
        weak = not (begins.label or begins.numbers or line.style in ("heading", "bold"))
        yield Candidate(number, begins, wordings, family, line.style not in PROSE, weak, line.level)
    elif lead := _bold_lead(lines, number):
        begins = numbering(bare(lead))
        yield Candidate(number, begins, (begins.rest,), f"lead/{begins.label}/{begins.sort}", code=False, weak=True)
    elif _begins_script(lines, number):
        begins = numbering(PurePath(line.origin).stem.replace("_", " "))
        yield Candidate(number, begins, (begins.rest,), f"file/{begins.label}/{begins.sort}", code=True, weak=True)


def _begins_script(lines: Sequence[Line], number: int) -> bool:
    """A script's name may tell which question it answers; a notebook's name tells which assignment."""
    origin = lines[number].origin
    return origin.endswith(".py") and (number == 0 or lines[number - 1].origin != origin)


def _is_start(lines: Sequence[Line], number: int, begins: Numbering) -> bool:
    line = lines[number]
    if line.blank or line.style in ("code", "fence") or (begins.label == "answer" and not begins.numbers):
        return False
    if LINK_WITHIN.search(line.text[:MAX_LINE]):
        return False
    if begins.label or (begins.numbers and line.style != "list"):
        return True
    if line.style in ("heading", "bold") or line.first:
        return True
    return line.style in ("plain", "comment") and _begins_paragraph(lines, number) and _asks(line)


def _bold_lead(lines: Sequence[Line], number: int) -> str:
    """The bold words with which a paragraph begins, as a title on the line of the answer: `**Padding:** adds zeros`."""
    line = lines[number]
    if line.style != "plain" or not _begins_paragraph(lines, number):
        return ""
    match = LEAD.match(line.text[:MAX_LINE])
    return match[1] if match else ""


def _begins_paragraph(lines: Sequence[Line], number: int) -> bool:
    return lines[number - 1].blank or lines[number - 1].cell != lines[number].cell


def _asks(line: Line) -> bool:
    """A question, or a comment long enough to be a task rather than a remark."""
    return line.text.rstrip().endswith("?") or (line.style == "comment" and len(line.text.split()) >= 5)


def _wordings(lines: Sequence[Line], number: int, rest: str) -> Iterator[str]:
    text = rest
    yield text
    for line in _following(lines, number, bool(rest.strip())):
        text = f"{text} {bare(line.text)}"[:MAX_WORDING]
        yield text


def _following(lines: Sequence[Line], number: int, worded: bool) -> Iterable[Line]:
    """Lines after a start that may go on with its wording. A start with only a number has its wording further on."""
    start = lines[number]
    for line in lines[number + 1 : number + 1 + MAX_WORDING_LINES]:
        if line.blank or line.cell != start.cell:
            if worded:
                return
            if line.blank:
                continue
        if not _goes_on(start, line, worded):
            return
        worded = True
        yield line


def _goes_on(start: Line, line: Line, worded: bool) -> bool:
    alike = line.style == start.style or (line.style in PROSE and start.style in PROSE)
    if not alike or answer_mark(line) or line.origin != start.origin:
        return False
    begins = numbering(bare(line.text))
    return not begins.label and not (begins.numbers and worded) and not (line.style == "heading" and worded)
