"""A grade as a row of the gradebook, and back."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from grader.errors import OperatorError
from grader.gradebook.effective import automatic
from grader.records import GRADES_SCHEMA, Grade, Profile

GRADES = TypeAdapter(Grade)
_FASTEST = 1  # compression: a third larger than the best, in a fifth of the time


@dataclass(frozen=True, slots=True)
class Entry:
    """What the checks gave one hand-in, ready for the gradebook. Made where scoring happens: it takes a while.

    Attributes:
        trace: Hash of its trace; None where there is none.
        digest: Of the hand-in's content.
        profile: Of the run.
        row: Columns of the table of grades.
    """

    trace: str | None
    digest: str
    profile: Profile
    row: Mapping[str, Any]


def entry(grade: Grade, trace: str | None) -> Entry:
    """The entry of a grade, which is what the checks gave, not what counts."""
    row = {
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
    }
    return Entry(trace, grade.digest, grade.profile, row)


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
