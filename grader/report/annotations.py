"""Grade -> annotations of GitHub Actions, at the student's lines.

Source: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from grader.records import CriterionGrade, ErrorTrace, Grade, Place, QuestionGrade
from grader.report import wording
from grader.report.checked import error_words, told
from grader.report.clean import one_line

MOST = 10  # GitHub shows ten errors and ten warnings of a step
_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_MESSAGE, ":": "%3A", ",": "%2C"}


def github_annotations(grade: Grade, file: str, text: str) -> list[str]:
    """Workflow commands, one per line. Nothing in a student's string can begin another one.

    Args:
        grade: Of the hand-in.
        file: Its path from the root of the repository.
        text: The file's text, in which the lines are looked for.
    """
    if grade.problem:
        return [_command("error", file, None, "cannot be graded", one_line(grade.problem, 1000))]
    errors = list(_errors(grade, file, text))
    warnings = [_lost(question, file, text) for question in grade.questions if _costly(question)]
    return [*errors[:MOST], *warnings[:MOST]]


def line_in(text: str, place: ErrorTrace | Place) -> int | None:
    """The line of the file at which an error or another place lies, from 1; None where it is not found.

    In a notebook it is the line of the JSON text: of several with the same code the one that stands as many lines
    below the beginning of its cell as the place does.
    """
    if not place.source.strip() or place.line is None:
        return None
    wanted = place.source.strip()
    encoded = {json.dumps(wanted)[1:-1], json.dumps(wanted, ensure_ascii=False)[1:-1]}
    rows = text.split("\n")
    plain = [n for n, row in enumerate(rows) if row.strip() == wanted]
    quoted = [n for n, row in enumerate(rows) if row.strip().startswith('"') and any(e in row for e in encoded)]
    placed = [n for n in quoted if n >= place.line and rows[n - place.line].rstrip().endswith('"source": [')]
    return next((n + 1 for n in (*placed, *plain, *quoted)), None)


def _errors(grade: Grade, file: str, text: str) -> Iterator[str]:
    for question in grade.questions:
        if question.error and question.error.echo_of is None:
            title = f"{question.id}: {question.error.type}"
            yield _command("error", file, line_in(text, question.error), title, error_words(question))


def _costly(question: QuestionGrade) -> list[CriterionGrade]:
    """The public criteria that cost points."""
    return [c for c in question.criteria if c.public and c.verdict.share is not None and c.points < c.max_points]


def _lost(question: QuestionGrade, file: str, text: str) -> str:
    """What cost points in a question, at the first place that one of its criteria names."""
    costly = _costly(question)
    said = " ".join(f"{c.title}: {told(c)}" for c in costly)
    title = f"{question.id}: {wording.points(sum(c.max_points - c.points for c in costly))} points lost"
    lines = (line_in(text, c.verdict.place) for c in costly if c.verdict.place)
    return _command("warning", file, next(filter(None, lines), None), title, one_line(said, 1000))


def _command(kind: str, file: str, line: int | None, title: str, message: str) -> str:
    place = f",line={line}" if line else ""
    named = f"file={_escaped(file, _PROPERTY)}{place},title={_escaped(one_line(title, 200), _PROPERTY)}"
    return f"::{kind} {named}::{_escaped(message, _MESSAGE)}"


def _escaped(text: str, signs: dict[str, str]) -> str:
    return "".join(signs.get(character, character) for character in text)
