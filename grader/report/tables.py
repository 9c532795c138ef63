"""Grades -> `grades.csv`, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from grader.records import Grade
from grader.report.clean import one_line

# A spreadsheet runs a cell that begins so. Source: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_STARTS = tuple("=+-@＝＋－＠")

_BEFORE = ("id", "student", "file", "points", "max_points", "unscored_points", "needs_review")
_BEHIND = ("problem", "student_id", "late_penalty", "comment")

Cell = str | float


def grades_csv(grades: Sequence[Grade]) -> str:
    """One row per submission, one column per question; UTF-8 text with a header, RFC 4180."""
    questions = list(dict.fromkeys(question.id for grade in grades for question in grade.questions))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*_BEFORE, *questions, *_BEHIND])
    writer.writerows(_row(grade, questions) for grade in grades)
    return text.getvalue()


def _row(grade: Grade, questions: Sequence[str]) -> list[Cell]:
    earned = {question.id: _points(question.points) for question in grade.questions}
    return [
        harmless(grade.submission),
        harmless(grade.student),
        harmless(grade.file),
        "" if grade.fault == "operator" else _points(grade.points),
        _points(grade.max_points),
        _points(grade.unscored_points),
        "yes" if grade.needs_review else "no",
        *(earned.get(question, "") for question in questions),
        harmless(grade.problem),
        harmless(grade.student_id),
        _points(grade.lateness.penalty if grade.lateness else 0.0),
        harmless(grade.comment.text if grade.comment else ""),
    ]


def _points(value: float) -> float:
    return int(value) if value == int(value) else round(value, 4)


def harmless(text: str) -> str:
    """A student-made string as one line that no spreadsheet takes for a formula."""
    line = one_line(text)
    return f"'{line}" if line.startswith(_FORMULA_STARTS) else line
