"""A grade as a row of the gradebook, and back."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from grader.errors import OperatorError
from grader.gradebook.effective import automatic
from grader.records import GRADES_SCHEMA, Grade

GRADES = TypeAdapter(Grade)
_FASTEST = 1  # compression: a third larger than the best, in a fifth of the time


def grade_row(run: int, grade: Grade, trace: str | None, at: datetime) -> dict[str, Any]:
    """What goes into the table of grades. The grade is what the checks gave, not what counts."""
    return {
        "run": run,
        "submission": grade.submission,
        "student": storable(grade.student),
        "trace": trace,
        "points": grade.points,
        "max_points": grade.max_points,
        "unscored_points": grade.unscored_points,
        "problem": storable(grade.problem),
        "criteria": {f"{q.id}/{c.id}": automatic(c) for q in grade.questions for c in q.criteria},
        "schema": GRADES_SCHEMA,
        "content": zlib.compress(GRADES.dump_json(grade), _FASTEST),
        "at": at,
    }


def unpacked(content: bytes) -> Grade:
    """The grade in a row.

    Raises:
        OperatorError: Another version of the grader wrote it, or it is damaged.
    """
    try:
        return GRADES.validate_json(zlib.decompress(content))
    except (ValidationError, zlib.error) as error:
        raise OperatorError(
            "a grade in the gradebook cannot be read: another version of the grader wrote it, or it is damaged",
            "'grader rescore' enters all grades anew",
        ) from error


def storable(text: str) -> str:
    """Text as every database takes it: PostgreSQL refuses NUL, and halves of characters are no UTF-8."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
