"""Grades -> `results.json` of a Gradescope autograder, one per hand-in.

Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from grader.records import CriterionGrade, Grade, QuestionGrade
from grader.report.clean import clean
from grader.report.export.exported import Exported
from grader.report.export.words import summary, title, told


def gradescope(grades: Sequence[Grade]) -> Exported:
    """`gradescope/<submission>/results.json`, to be put at `/autograder/results/results.json`."""
    return Exported({f"gradescope/{grade.submission}/results.json": gradescope_json(grade) for grade in grades})


def gradescope_json(grade: Grade) -> str:
    """The result of one hand-in."""
    content = {
        "score": round(grade.points, 4),
        "output": summary(grade),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(question, c) for question in grade.questions for c in question.criteria],
        "extra_data": {"assignment": grade.assignment, "rubric_hash": grade.rubric_hash, "profile": grade.profile},
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _test(question: QuestionGrade, criterion: CriterionGrade) -> dict[str, Any]:
    test = {
        "name": title(question, criterion),
        "name_format": "text",
        "number": f"{question.id}/{criterion.id}",
        "output": told(criterion),
        "output_format": "text",
        "visibility": "visible",
        "tags": [clean(criterion.check)],
    }
    if criterion.verdict.share is None:
        # Without points it is neither passed nor failed: 0 of 10 would say that it was judged.
        return test
    status = "passed" if criterion.verdict.status == "passed" else "failed"
    return {**test, "score": round(criterion.points, 4), "max_score": criterion.max_points, "status": status}
