"""From where the questions start to which cells answer them, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from grader.records import Answer
from grader.segment.asking import asks
from grader.segment.likeness import Likeness
from grader.segment.lines import PROSE, Line, bare
from grader.segment.numbers import numbering
from grader.segment.starts import answer_mark

MAX_TEXT = 50_000
MAX_REASONS = 4
MAX_WORDING_LINES = 12
# Shorter comments say what the next line does; longer ones may be the discussion that was asked for.
MIN_COMMENT_WORDS = 10
MAX_TITLE_WORDS = 6
# Fewer words after the last question mark are the end of the question; more than any question has must be an answer.
MIN_REST_WORDS = 6
MIN_LONG_WORDS = 40  # more than any question has
MOST_OWN_WORDS = 0.7  # share of a line's words that may be the rubric's, if the line is an answer
# `**1. Filters and feature maps:** A filter is a small matrix …`: the bold words are the title, the rest the answer.
BOLD_LEAD = re.compile(r"\s*(?:\d{1,2}[.)]\s*)?\*\*([^*]{1,200}[:.])\s*\*\*:?\s+((?:\S+\s+){5}\S.*)")
# `# question: q6`
TAG = re.compile(r"\s*(?:#+|<!--)\s*question\s*:\s*([\w-]+)\s*(?:-->)?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Start:
    """Where an answer starts.

    Attributes:
        line: Number of the line among all lines.
        question: Index of the question.
        confidence: From 0 to 1.
        reason: Why, for a person.
        worded: Whether the line is a heading, with the question's wording, which is no part of the answer. If not, it
            may still be: `Ans 3) What is padding?`.
    """

    line: int
    question: int
    confidence: float
    reason: str
    worded: bool = True


@dataclass(frozen=True, slots=True)
class Region:
    """The lines of one answer, or of a part of it: from its start up to the next start or the end of the file."""

    start: Start
    lines: Sequence[Line]

    @property
    def cells(self) -> tuple[int, ...]:
        """Indices of the cells that it covers; a cell of which it has only blank lines is not covered."""
        return tuple(dict.fromkeys(line.cell for line in self.lines if line.first or line.text.strip()))


def regions(lines: Sequence[Line], starts: Sequence[Start]) -> tuple[Region, ...]:
    """Cuts the lines at the starts and at the ends of files."""
    ends = [*(_cut(lines, start.line) for start in starts[1:]), len(lines)][: len(starts)]
    return tuple(
        Region(start, [line for line in lines[start.line : end] if line.origin == lines[start.line].origin])
        for start, end in zip(starts, ends, strict=True)
    )


def _cut(lines: Sequence[Line], start: int) -> int:
    """Rules, quotes and blank lines above a start, in its cell, are not the last thing said before it."""
    while start and lines[start - 1].cell == lines[start].cell and lines[start - 1].blank:
        start -= 1
    return start


def answer(question: str, parts: Sequence[Region], likeness: Likeness) -> Answer:
    """One answer from the regions that were found for its question; an empty one if there are none."""
    if not parts:
        return Answer(question, reason="no heading, number, tag or wording of this question was found")
    cells = sorted({cell for part in parts for cell in part.cells})
    text = "\n\n".join(filter(None, (said(part, likeness) for part in parts)))
    # An answer in several parts is as sure as the part that is least sure; a heading with nothing below it is no part.
    filled = [part for part in parts if len(part.cells) > 1 or said(part, likeness)] or parts[:1]
    confidence = min(part.start.confidence for part in filled)
    reasons = dict.fromkeys(part.start.reason for part in parts)
    return Answer(question, tuple(cells), text[:MAX_TEXT], round(confidence, 2), "; ".join(list(reasons)[:MAX_REASONS]))


def said(part: Region, likeness: Likeness) -> str:
    """The prose of a region without the question's wording and without `Answer:` marks."""
    skip = _wording_end(part, likeness) if part.start.worded or _is_wording(part, likeness) else 0
    text = "\n".join(_prose(_without_last_headings(part.lines[skip:])))
    return re.sub(r"\n{3,}", "\n\n", text).strip() or _answer_in_wording(part.lines[:skip], part, likeness)


def _without_last_headings(lines: Sequence[Line]) -> Sequence[Line]:
    """A heading with nothing below it announces what comes next, beyond this answer."""
    end = len(lines)
    while end and (lines[end - 1].blank or lines[end - 1].style == "heading"):
        end -= 1
    # A blank line that is not text (the rule of a table, a closing fence) ends the last paragraph.
    return lines[: end + 1] if end < len(lines) and lines[end].style != "heading" else lines[:end]


def _is_wording(part: Region, likeness: Likeness) -> bool:
    """Whether a start that is no heading is the question all the same."""
    line = part.lines[0]
    asks = line.text.rstrip(" *_`").endswith("?") or TAG.match(line.text) is not None
    return asks or _repeats(part, 0, 1, likeness)


def _answer_in_wording(lines: Sequence[Line], part: Region, likeness: Likeness) -> str:
    """What stands after the question in the same paragraph, if it is more than the end of the question."""
    if any(line.style == "code" for line in part.lines):
        return ""
    led = BOLD_LEAD.match(lines[0].text) if lines else None
    if led and numbering(led[1]).rest.strip(" .:") and not asks(led[2]):
        return led[2].strip()
    wording = " ".join(bare(line.text) for line in lines)
    asked, _, rest = wording.rpartition("?")
    # `1. Filters are small matrices …`: without a question, what follows the number may be the answer itself.
    rest = rest.strip() if asked else numbering(wording).rest
    if not asked and asks(rest) and len(rest.split()) < MIN_LONG_WORDS:
        return ""
    most = 0.5 if asked else MOST_OWN_WORDS
    return rest if len(rest.split()) >= MIN_REST_WORDS and likeness.mentions(rest, part.start.question) < most else ""


def _prose(lines: Sequence[Line]) -> Iterator[str]:
    for (_, style), group in groupby(lines, key=lambda line: (line.cell, _kind(line))):
        block = list(group)
        if style == "prose":
            yield from (_unmarked(line) for line in block)
        elif style == "string" or (style == "comment" and _tells(block)):
            yield from (_uncommented(line) for line in block)
        yield ""


def _kind(line: Line) -> str:
    return "prose" if line.style in PROSE or line.style == "fence" else line.style


def _unmarked(line: Line) -> str:
    mark = answer_mark(line) if line.style in PROSE else 0
    if not mark:
        return line.text
    rest = bare(line.text)[mark:]
    begins = numbering(rest)
    # `Ans 3) 1. What is Padding?`: the question repeated after the mark keeps its words but not its number.
    return begins.rest if begins.sort == "n" else rest


def _uncommented(line: Line) -> str:
    text = re.sub(r"^[rRuUbBfF]{0,2}(\"\"\"|''')|(\"\"\"|''')\s*$|^#+ ?", "", line.text)
    return text[answer_mark(line) :] if bare(text) == text else text


def _tells(comments: Sequence[Line]) -> bool:
    """Whether a block of comments is long enough to be prose."""
    return sum(len(re.findall(r"[^\W\d_]{2,}", line.text)) for line in comments) >= MIN_COMMENT_WORDS


def _wording_end(part: Region, likeness: Likeness) -> int:
    """How many lines at the start are the question's wording. Rather one too few than a line of the answer."""
    limit = _answer_line(part.lines)
    if limit is not None and limit <= MAX_WORDING_LINES:
        return limit
    paragraph = _paragraph_end(part.lines, 0)
    if _is_whole_wording(part, paragraph):
        return _with_next_paragraph(part, paragraph, likeness)
    end = 1
    while end < min(paragraph, MAX_WORDING_LINES) and _repeats(part, end, end + 1, likeness):
        end += 1
    return _with_next_paragraph(part, end, likeness) if end == paragraph else end


def _answer_line(lines: Sequence[Line]) -> int | None:
    """Number of the line that begins with `Answer:`; what stands above it is the question."""
    marks = (place for place, line in enumerate(lines[: MAX_WORDING_LINES + 1]) if place and answer_mark(line))
    first = next(marks, None)
    return first if first is None or all(line.style not in ("code", "fence") for line in lines[:first]) else None


def _paragraph_end(lines: Sequence[Line], begin: int) -> int:
    end = begin + 1
    while end < len(lines) and _same_paragraph(lines[begin], lines[end]):
        end += 1
    return end


def _same_paragraph(first: Line, line: Line) -> bool:
    if line.blank or line.cell != first.cell or line.style in ("code", "fence", "list"):
        return False
    alike = line.style in PROSE if first.style in PROSE else line.style == first.style
    return alike and line.style != "heading"


def _is_whole_wording(part: Region, end: int) -> bool:
    """A paragraph is the question's if it has its cell for itself and more follows, or if it asks to its last word."""
    if end > MAX_WORDING_LINES or part.lines[0].style == "heading" or end == len(part.lines):
        return False
    if part.lines[end - 1].text.rstrip(" *_`").endswith("?"):
        return True
    rest_of_cell = [line for line in part.lines[end:] if line.cell == part.lines[0].cell]
    return all(line.blank for line in rest_of_cell) and any(not line.blank for line in part.lines[end:])


def _with_next_paragraph(part: Region, end: int, likeness: Likeness) -> int:
    """A heading such as `Question 6` has the wording in the paragraph that follows."""
    lines = part.lines
    if len(numbering(bare(lines[0].text)).rest.split()) > MAX_TITLE_WORDS:
        return end
    begin = next((place for place in range(end, len(lines)) if not lines[place].blank), None)
    if begin is None or begin > MAX_WORDING_LINES or lines[begin].style in ("code", "fence"):
        return end
    after = _paragraph_end(lines, begin)
    return after if _repeats(part, begin, after, likeness) else end


def _repeats(part: Region, begin: int, end: int, likeness: Likeness) -> bool:
    """Whether more than half of the words of some lines, if there are enough, are the rubric's, and more follows."""
    if all(line.blank or line.style == "heading" for line in part.lines[end:]):
        return False
    text = " ".join(bare(line.text) for line in part.lines[begin:end])
    return len(text) < 1_500 and len(text.split()) >= 4 and likeness.mentions(text, part.start.question) > 0.5
