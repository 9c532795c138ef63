"""Finds the cells that answer each question of a rubric.

lines.py      cells -> lines, each with what it looks like
starts.py     lines at which an answer may start, in all the ways in which students write a heading
likeness.py   how alike a text is to what a question asks
align.py      which start belongs to which question, as a whole and in order
content.py    code without any heading, by what it mentions
answers.py    starts -> cells and text of each answer
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.records import Cell, Segmentation, Submission
from grader.rubric import Question, Rubric
from grader.segment.align import THRESHOLD, Asked, Match, align
from grader.segment.answers import Region, Start, answer, regions
from grader.segment.content import starts_by_content
from grader.segment.likeness import Likeness
from grader.segment.lines import Line, bare, read_lines
from grader.segment.starts import candidates

__all__ = ["segment"]


def segment(submission: Submission, rubric: Rubric) -> Segmentation:
    """The cells and the prose of the answer to each question, with how sure that is and why.

    Cells belong to a question from where it starts up to the next start or the end of the file. Code before the first
    start, and files in which no question starts beside files in which one does, are `shared`. A cell may be in several
    answers where they start within it. A tag in the file (`# question: q6`, nbgrader's `grade_id`) is believed.
    """
    asked = tuple(_asked(place, question) for place, question in enumerate(rubric.questions, start=1))
    likeness = Likeness([(question.title, question.prompt) for question in rubric.questions])
    lines = read_lines(submission.cells)
    starts = _starts(submission.cells, lines, asked, likeness)
    parts = regions(lines, starts)
    by_question = [[part for part in parts if part.start.question == q] for q in range(len(asked))]
    answers = tuple(answer(one.id, found, likeness) for one, found in zip(asked, by_question, strict=True))
    return Segmentation(answers, _shared(submission.cells, parts))


def _asked(place: int, question: Question) -> Asked:
    digits = "".join(character for character in question.id if character in "0123456789")[:4]
    code = any(criterion.check != "written" for criterion in question.criteria)
    return Asked(question.id, frozenset({place, int(digits or place)}), code)


def _starts(
    cells: Sequence[Cell], lines: Sequence[Line], asked: tuple[Asked, ...], likeness: Likeness
) -> tuple[Start, ...]:
    tagged = _tagged(cells, lines, asked)
    written = _written(lines, tagged, asked, likeness)
    found = (*tagged, *written)
    guessed = starts_by_content(lines, found, asked, likeness)
    return tuple(sorted((*found, *guessed), key=lambda start: start.line))


def _tagged(cells: Sequence[Cell], lines: Sequence[Line], asked: Sequence[Asked]) -> tuple[Start, ...]:
    first_lines = {line.cell: place for place, line in reversed(list(enumerate(lines)))}
    tags = [(cell, _question_of(cell, asked)) for cell in cells]
    return tuple(
        Start(
            first_lines[cell.index], question, 1.0, f"named by the tag '{cell.question}' in {_place(cell.index)}", False
        )
        for cell, question in tags
        if question is not None
    )


def _question_of(cell: Cell, asked: Sequence[Asked]) -> int | None:
    """The question that a cell's tag names: `q6`, also in `q6-train`; None if the rubric does not know it."""
    tag = (cell.question or "").lower()
    head = tag.replace("_", "-").partition("-")[0]
    ids = [question.id.lower() for question in asked]
    return next((ids.index(name) for name in (tag, head) if name in ids), None)


def _written(
    lines: Sequence[Line], tagged: Sequence[Start], asked: tuple[Asked, ...], likeness: Likeness
) -> tuple[Start, ...]:
    """Starts as the student wrote them. In a file with tags, comments in code are no headings."""
    cells = {lines[start.line].cell for start in tagged}
    files = {lines[start.line].origin for start in tagged}
    known = {start.question for start in tagged}
    possible = [
        candidate
        for candidate in candidates(lines)
        if lines[candidate.line].cell not in cells and not (candidate.code and lines[candidate.line].origin in files)
    ]
    matches = align(lines, possible, asked, likeness)
    return tuple(_start(match, lines) for match in matches if match.question not in known)


def _start(match: Match, lines: Sequence[Line]) -> Start:
    line = lines[match.candidate.line]
    signs = ["its number"] if match.numbered else []
    signs += [f"its wording ({match.likeness:.0%} alike)"] if match.likeness >= 0.2 else []
    signs = signs or ["its place among the others"]
    shown = bare(line.text)[:60] or line.origin
    reason = f"{_place(line.cell)} begins it by {' and '.join(signs)}: “{shown}”"
    confidence = min(0.95, 0.4 + 0.7 * (match.gain - THRESHOLD))
    heading = match.candidate.label != "answer" and not match.candidate.weak
    return Start(match.candidate.line, match.question, confidence, reason, heading)


def _place(cell: int) -> str:
    return f"cell {cell}"


def _shared(cells: Sequence[Cell], parts: Sequence[Region]) -> tuple[int, ...]:
    """Code outside all answers, if there are any: imports and helpers that they may need."""
    placed = {cell for part in parts for cell in part.cells}
    return tuple(cell.index for cell in cells if placed and cell.kind == "code" and cell.index not in placed)
