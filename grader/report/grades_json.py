"""Grades -> `grades.json`, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pydantic_core import to_json

from grader.records import GRADES_SCHEMA, Comment, CriterionGrade, ErrorTrace, Grade, Override, Place, QuestionGrade
from grader.report.clean import clean

Object = dict[str, Any]


def grades_json(grades: Sequence[Grade]) -> str:
    """All grades of a batch. Cells are given by their index in the hand-in, from 0; lines count from 1.

    A submission that could not be graded has no questions, and `problem` and `fault` (`student` or `operator`) more.
    """
    content = {
        "schema": GRADES_SCHEMA,
        "assignment": grades[0].assignment if grades else "",
        "rubric_hash": grades[0].rubric_hash if grades else "",
        "submissions": [_submission(grade) for grade in grades],
    }
    # The standard library writes indented JSON ten times slower.
    return to_json(content, indent=2, inf_nan_mode="null").decode() + "\n"


def _submission(grade: Grade) -> Object:
    entry: Object = {
        "id": grade.submission,
        "student": clean(grade.student),
        "student_id": clean(grade.student_id),
        "file": clean(grade.file),
        "points": _points(grade.points),
        "max_points": _points(grade.max_points),
        "needs_review": grade.needs_review,
        "lateness": asdict(grade.lateness) if grade.lateness else None,
        "override": _by_person(grade.override),
        "comment": _by_person(grade.comment),
        "questions": {question.id: _question(question) for question in grade.questions},
    }
    if grade.problem:
        entry |= {"points": 0, "questions": {}, "problem": clean(grade.problem), "fault": grade.fault}
    return entry


def _question(question: QuestionGrade) -> Object:
    return {
        "points": _points(question.points),
        "max_points": _points(question.max_points),
        "status": question.status,
        "ran": question.ran,
        "error": _error(question.error) if question.error else None,
        "cells": list(question.answer.cells),
        "comment": _by_person(question.comment),
        "criteria": [_criterion(criterion) for criterion in question.criteria],
    }


def _error(error: ErrorTrace) -> Object:
    return {
        "type": clean(error.type),
        "message": clean(error.message),
        "cell": error.cell,
        "line": error.line,
        "echo_of": error.echo_of,
    }


def _criterion(criterion: CriterionGrade) -> Object:
    return {
        "id": criterion.id,
        "check": criterion.check,
        "status": criterion.verdict.status,
        "points": _points(criterion.points),
        "max_points": _points(criterion.max_points),
        "rationale": clean(criterion.verdict.rationale),
        "hint": clean(criterion.verdict.hint),
        "place": _place(criterion.verdict.place),
        "public": criterion.public,
        "override": _by_person(criterion.override),
        "comment": _by_person(criterion.comment),
    }


def _place(place: Place | None) -> Object | None:
    return None if place is None else {"cell": place.cell, "line": place.line}


def _by_person(decided: Override | Comment | None) -> Object | None:
    """What a person decided or wrote, with who and when."""
    if decided is None:
        return None
    return {name: clean(value) if isinstance(value, str) else value for name, value in asdict(decided).items()}


def _points(value: float) -> float:
    return round(value, 4)
