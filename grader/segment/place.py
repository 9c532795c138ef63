"""Submission + rubric -> Segmentation, step by step."""

from __future__ import annotations

from collections.abc import Sequence

from grader.records import Answer, Cell, Segmentation, Submission
from grader.rubric import Rubric
from grader.segment.align import Match, align
from grader.segment.answers import Region, Start, answer, regions
from grader.segment.asked import Asked, asked
from grader.segment.content import starts_by_content
from grader.segment.likeness import Likeness
from grader.segment.lines import Line, bare, read_lines
from grader.segment.overrides import NOTHING, Overrides, overridden
from grader.segment.sections import trim
from grader.segment.starts import candidates
from grader.segment.tags import tagged
from grader.segment.topics import Topics

CLEARLY_ALIKE = 0.8


def segment(submission: Submission, rubric: Rubric, overrides: Overrides = NOTHING) -> Segmentation:
    """The cells and the prose of the answer to each question, with how sure that is and why.

    Cells belong to a question from where it starts up to the next start or the end of the file, without headings and
    imports that announce what follows. Code before the first start, such imports, and files in which no question
    starts beside files in which one does, are `shared`. A cell may be in several answers where they start within it.
    A tag in the file (`# question: q6`, nbgrader's `grade_id`) is believed; what a person says in `overrides` holds.

    Raises:
        RubricError: `overrides` names a question or a cell that is not there.
    """
    questions = asked(rubric)
    likeness = Likeness([(question.title, question.prompt) for question in rubric.questions])
    lines = read_lines(submission.cells)
    starts = _starts(submission.cells, lines, questions, likeness, Topics(rubric))
    parts = trim(regions(lines, starts), [question.code for question in questions])
    said = overrides.of(submission, [question.id for question in questions])
    parts = overridden(parts, lines, said)
    answers = tuple(
        _answer(one.id, [part for part in parts if part.start.question == q], submission.cells, likeness)
        for q, one in enumerate(questions)
    )
    return Segmentation(answers, _shared(submission.cells, answers))


def _starts(
    cells: Sequence[Cell], lines: Sequence[Line], questions: tuple[Asked, ...], likeness: Likeness, topics: Topics
) -> tuple[Start, ...]:
    named = tagged(cells, lines, questions)
    found = _in_order((*named, *_written(lines, named, questions, likeness, topics)))
    return _in_order((*found, *starts_by_content(lines, regions(lines, found), questions, likeness)))


def _in_order(starts: Sequence[Start]) -> tuple[Start, ...]:
    return tuple(sorted(starts, key=lambda start: start.line))


def _written(
    lines: Sequence[Line], named: Sequence[Start], questions: tuple[Asked, ...], likeness: Likeness, topics: Topics
) -> tuple[Start, ...]:
    """Starts as the student wrote them. In a file with tags, comments in code are no headings."""
    cells = {lines[start.line].cell for start in named}
    files = {lines[start.line].origin for start in named}
    known = {start.question for start in named}
    possible = [
        candidate
        for candidate in candidates(lines)
        if lines[candidate.line].cell not in cells and not (candidate.code and lines[candidate.line].origin in files)
    ]
    matches = align(lines, possible, questions, likeness, topics)
    headed = {lines[match.candidate.line].origin for match in matches if not _is_remark(match)}
    return tuple(
        _start(match, lines)
        for match in matches
        if match.question not in known and (lines[match.candidate.line].origin in headed or not _is_remark(match))
    )


def _is_remark(match: Match) -> bool:
    """A comment that shares some words with a question. Among nothing but such, the code itself tells more."""
    candidate = match.candidate
    return candidate.weak and candidate.family.startswith("comment") and match.likeness < CLEARLY_ALIKE


def _start(match: Match, lines: Sequence[Line]) -> Start:
    line = lines[match.candidate.line]
    signs = ["its number"] if match.numbered else []
    signs += [f"its wording ({match.likeness:.0%} alike)"] if match.likeness >= 0.2 else []
    signs = signs or ["its place among the others"]
    shown = bare(line.text)[:60] or line.origin
    reason = f"cell {line.cell} begins it by {' and '.join(signs)}: “{shown}”"
    heading = match.candidate.label != "answer" and not match.candidate.weak
    return Start(match.candidate.line, match.question, match.confidence, reason, heading)


def _answer(question: str, parts: Sequence[Region], cells: Sequence[Cell], likeness: Likeness) -> Answer:
    found = answer(question, parts, likeness)
    code = [index for index in found.cells if cells[index].kind == "code" and cells[index].source.strip()]
    if code or not found.cells:
        return found
    derived = tuple(cell.index for cell in cells if cell.parent is not None and _holds(parts, cell))
    return Answer(question, (*found.cells, *derived), found.text, found.confidence, found.reason)


def _holds(parts: Sequence[Region], cell: Cell) -> bool:
    """Whether a fence that was made a cell of its own stands in these regions."""
    return any(line.cell == cell.parent and line.number == cell.line for part in parts for line in part.lines)


def _shared(cells: Sequence[Cell], answers: Sequence[Answer]) -> tuple[int, ...]:
    """Code outside all answers, if there are any: imports and helpers that they may need."""
    placed: set[int] = {cell for answer in answers for cell in answer.cells}
    return tuple(
        cell.index
        for cell in cells
        if placed and cell.kind == "code" and cell.parent is None and cell.index not in placed
    )
