"""Starts that the file itself names: `# question: q7`, nbgrader's `grade_id`, Otter's raw cells. They are believed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.records import Cell
from grader.segment.answers import TAG, Start
from grader.segment.asked import Asked
from grader.segment.lines import Line

WORD_AND_NUMBER = re.compile(r"(?:q|ques|question|ex|exercise|task|problem)[-_ ]?(\d{1,2})", re.IGNORECASE)
# Otter Assign, format of version 1 and later: a raw cell `# BEGIN QUESTION` with YAML below it.
OTTER = re.compile(r"\s*#*\s*BEGIN\s+QUESTION\b", re.IGNORECASE)
OTTER_NAME = re.compile(r"^\s*#*\s*name\s*:\s*[\"']?([\w-]+)", re.IGNORECASE | re.MULTILINE)
MAX_TAG = 200


def tagged(cells: Sequence[Cell], lines: Sequence[Line], asked: Sequence[Asked]) -> tuple[Start, ...]:
    """One start per tag, in order; tags that the rubric does not know mean nothing."""
    found = {start.line: start for start in (*_cell_tags(cells, lines, asked), *_line_tags(lines, asked))}
    return tuple(found[line] for line in sorted(found))


def question_of(tag: str, asked: Sequence[Asked]) -> int | None:
    """The question that a tag names: `q6`, also in `q6-train` and `test_q6`, or `exercise-6`; None if there is none."""
    tag = tag.lower()[:MAX_TAG]
    ids = [question.id.lower() for question in asked]
    parts = [tag, *re.split(r"[-_]", tag)]
    named = next((ids.index(part) for part in parts if part in ids), None)
    if named is not None or asked[0].sectioned:
        return named
    number = next((int(match[1]) for part in parts if (match := WORD_AND_NUMBER.fullmatch(part))), None)
    return next((i for i, question in enumerate(asked) if question.number == number), None)


def _cell_tags(cells: Sequence[Cell], lines: Sequence[Line], asked: Sequence[Asked]) -> Iterator[Start]:
    first_lines = {line.cell: place for place, line in reversed(list(enumerate(lines)))}
    for cell in cells:
        tag = cell.question or _otter(cell)
        question = question_of(tag, asked) if tag else None
        if question is not None and cell.index in first_lines:
            reason = f"named by the tag '{tag}' in cell {cell.index}"
            yield Start(first_lines[cell.index], question, 1.0, reason, worded=False)


def _otter(cell: Cell) -> str:
    if cell.kind != "raw" or not OTTER.match(cell.source[:MAX_TAG]):
        return ""
    name = OTTER_NAME.search(cell.source[:2000])
    return name[1] if name else ""


def _line_tags(lines: Sequence[Line], asked: Sequence[Asked]) -> Iterator[Start]:
    """Marks within a cell; those at its head are tags of the cell already."""
    for place, line in enumerate(lines):
        match = TAG.match(line.text[:MAX_TAG]) if not line.first else None
        question = question_of(match[1], asked) if match else None
        if question is not None:
            reason = f"named by the mark “{line.text.strip()}” in cell {line.cell}"
            yield Start(place, question, 1.0, reason, worded=False)
