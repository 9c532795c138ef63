"""Lines at which the answer to a question may start: headings, bold lines, comments, strings, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath

from grader.segment.lines import PROSE, Line, bare

MAX_CANDIDATES = 3_000
MAX_WORDING_LINES = 8
MAX_WORDING = 1_500

_LABEL = r"(?P<label>question|ques|que|q|exercise|task|problem|topic|answer|ans|solution|sol)(?![a-z])"
_NUMBER = r"(?P<number>\d{1,2}(?:\.\d{1,2})?)(?![\d%×x])"
# `Question 6:`, `Q.1.`, `Q NO 1:`, `Que 1.`, `Q2.Discuss`, `Exercise 3.1`, `Ans 3)`
LABEL_AND_NUMBER = re.compile(
    rf"[(\[]?{_LABEL}\s*[.:#-]*\s*(?:(?:no|number|num)\b\.?)?\s*[.:#-]*\s*{_NUMBER}", re.IGNORECASE
)
# `Question: …`, `TOPIC: …`
LABEL_ALONE = re.compile(rf"{_LABEL}\s*[.:)-]+", re.IGNORECASE)
# `1.What`, `# 1) What`, `8. : Write`, `2.2 Define`
NUMBER_ALONE = re.compile(r"[(\[]?(?P<number>\d{1,2}\.\d{1,2}(?=[\s:).])|\d{1,2}(?=\s*[.):\]-](?!\d)))")
AFTER_NUMBER = re.compile(r"[\s.:)\]\-–—>]+")
ANSWER_LABELS = frozenset({"answer", "ans", "solution", "sol"})
ANSWER_MARK = re.compile(
    r"(?:answer|ans|solution|sol)\s*(?:no\.?\s*)?\d{0,2}\s*(?:[.:)=>–—-][\s.:)=>–—*-]*|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line at which an answer may start.

    Attributes:
        line: Its number among all lines.
        label: `question` for any word like Question, Que or Exercise; `answer`; or nothing.
        numbers: The number it bears, with sub-numbers: (2, 2) for `2.2`.
        wordings: What may be the question's wording: the rest of the line, then with one more line, and so on.
        family: What it looks like; starts of the same document mostly look alike.
        code: Whether it stands in a code cell.
        weak: Without any sign of a heading: it needs the words of the question.
    """

    line: int
    label: str
    numbers: tuple[int, ...]
    wordings: tuple[str, ...]
    family: str
    code: bool
    weak: bool


def candidates(lines: Sequence[Line]) -> tuple[Candidate, ...]:
    """All lines at which an answer may start, in order."""
    found = chain.from_iterable(_at(lines, number) for number in range(len(lines)))
    return tuple(candidate for candidate, _ in zip(found, range(MAX_CANDIDATES), strict=False))


def answer_mark(line: Line) -> int:
    """Length of the `Answer:` with which the bare text of a line begins; 0 if there is none."""
    match = ANSWER_MARK.match(bare(line.text)) if line.style not in ("code", "fence") else None
    return match.end() if match else 0


def parse(text: str) -> tuple[str, tuple[int, ...], str]:
    """Label, numbers and the rest of a bare line: `Q.1. What` gives `("question", (1,), "What")`."""
    match = LABEL_AND_NUMBER.match(text) or LABEL_ALONE.match(text) or NUMBER_ALONE.match(text)
    if not match:
        return "", (), text
    groups = match.groupdict()
    word = (groups.get("label") or "").lower()
    label = "answer" if word in ANSWER_LABELS else "question" if word else ""
    after = text[match.end() :]
    separator = AFTER_NUMBER.match(after)
    rest = after[separator.end() :] if separator else after
    if label and (second := NUMBER_ALONE.match(rest)):  # `Ans 3) 1. What is Padding?`
        rest = rest[second.end() :].lstrip(" .:)-")
    return label, tuple(int(part) for part in (groups.get("number") or "").split(".") if part), rest


def _at(lines: Sequence[Line], number: int) -> Iterator[Candidate]:
    line = lines[number]
    label, numbers, rest = parse(bare(line.text)) if line.style not in ("code", "fence") else ("", (), "")
    if _is_start(lines, number, label, numbers):
        wordings = tuple(_wordings(lines, number, rest))
        family = f"{line.style}{line.level}/{label}/{'n' * len(numbers)}"
        weak = not (label or numbers or line.style in ("heading", "bold"))
        yield Candidate(number, label, numbers, wordings, family, line.style not in PROSE, weak)
    elif _begins_script(lines, number):
        label, numbers, rest = parse(PurePath(line.origin).stem.replace("_", " "))
        yield Candidate(number, label, numbers, (rest,), f"file/{label}/{'n' * len(numbers)}", code=True, weak=True)


def _begins_script(lines: Sequence[Line], number: int) -> bool:
    """A script's name may tell which question it answers; a notebook's name tells which assignment."""
    origin = lines[number].origin
    return origin.endswith(".py") and (number == 0 or lines[number - 1].origin != origin)


def _is_start(lines: Sequence[Line], number: int, label: str, numbers: tuple[int, ...]) -> bool:
    line = lines[number]
    if line.blank or line.style in ("code", "fence") or (label == "answer" and not numbers):
        return False
    if label or (numbers and line.style != "list"):
        return True
    if line.style in ("heading", "bold") or line.first:
        return line.style != "list"
    return line.style in ("plain", "comment") and _begins_paragraph(lines, number) and _asks(line)


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
    label, numbers, _ = parse(bare(line.text))
    return not label and not (numbers and worded) and not (line.style == "heading" and worded)
