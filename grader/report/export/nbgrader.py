"""Grades -> the table that `nbgrader export` writes.

Source: nbgrader's `plugins/export.py`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime

from grader.records import Grade
from grader.report.clean import one_line
from grader.report.export.exported import Exported, finished, lines
from grader.report.tables import harmless

COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)


def nbgrader(grades: Sequence[Grade], due: datetime | None = None, unfinished: bool = False) -> Exported:
    """`nbgrader.csv`. Times are UTC; the id is the platform's, else the name of the hand-in's folder.

    Args:
        grades: Those that count.
        due: The deadline.
        unfinished: Whether points so far may stand for those of whom something waits for a person.
    """
    ready, left_out = finished(grades, unfinished)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(_row(grade, due) for grade in ready)
    return Exported({"nbgrader.csv": text.getvalue()}, lines(left_out))


def _row(grade: Grade, due: datetime | None) -> dict[str, str | float]:
    first, _, last = one_line(grade.student).rpartition(" ")
    penalty = grade.lateness.penalty if grade.lateness else 0.0
    return {
        "assignment": harmless(grade.assignment),
        "duedate": _time(due),
        "timestamp": _time(datetime.fromisoformat(grade.handed_in)) if grade.handed_in else "",
        "student_id": harmless(grade.student_id or grade.submission),
        "last_name": harmless(last),
        "first_name": harmless(first),
        "email": "",
        "raw_score": round(grade.points + penalty, 4),
        "late_submission_penalty": penalty,
        "score": round(grade.points, 4),
        "max_score": grade.max_points,
    }


def _time(moment: datetime | None) -> str:
    """As nbgrader prints times: without a zone, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if moment else ""
