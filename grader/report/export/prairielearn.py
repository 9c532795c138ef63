"""Grades -> `results.json` of a PrairieLearn external grader, one per hand-in.

Source: https://prairielearn.readthedocs.io/en/latest/externalGrading/#grading-results
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from grader.records import CriterionGrade, Grade, QuestionGrade
from grader.report.clean import clean
from grader.report.export.exported import Exported
from grader.report.export.words import summary, title, told


def prairielearn(grades: Sequence[Grade]) -> Exported:
    """`prairielearn/<submission>/results.json`, to be put at `/grade/results/results.json`."""
    return Exported({f"prairielearn/{grade.submission}/results.json": prairielearn_json(grade) for grade in grades})


def prairielearn_json(grade: Grade) -> str:
    """The result of one hand-in; its score is a share from 0 to 1. What could not be graded is not gradable."""
    share = grade.points / grade.max_points if grade.max_points else 1.0
    content: dict[str, Any] = {
        "score": round(min(1.0, max(0.0, share)), 6),
        "gradable": True,
        "message": summary(grade),
    }
    content["tests"] = [_test(question, c) for question in grade.questions for c in question.criteria]
    if grade.problem:
        content |= {"score": 0, "gradable": False, "format_errors": [clean(grade.problem, 2_000)]}
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _test(question: QuestionGrade, criterion: CriterionGrade) -> dict[str, Any]:
    waits = criterion.verdict.share is None
    return {
        "name": title(question, criterion),
        "description": clean(criterion.check),
        "points": round(criterion.points, 4),
        "max_points": criterion.max_points,
        "message": "Waits for a person." if waits else "",
        "output": told(criterion),
    }
