"""A small class as it leaves the gradebook: one set by a person, one late, one waiting, one not graded, one hostile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.records import (
    Answer,
    Comment,
    CriterionGrade,
    Grade,
    Lateness,
    Override,
    QuestionGrade,
    Verdict,
)

AT = "2026-11-20T10:00:00+00:00"
HOSTILE = "=cmd|' /C calc'!A0"


def _grade(
    name: str, student: str, student_id: str = "", shares: tuple[float | None, float | None] = (1.0, 0.5)
) -> Grade:
    criteria = (
        CriterionGrade("runs", "The code runs", "runs", 4.0, 4 * (shares[0] or 0), True, Verdict(shares[0], "It ran.")),
        CriterionGrade(
            "secret",
            "A hidden test",
            "function",
            6.0,
            6 * (shares[1] or 0),
            False,
            Verdict(shares[1], "f(41) gives 42", "Think of 41."),
        ),
    )
    points = sum(c.points for c in criteria)
    question = QuestionGrade("q1", "Sums", 10.0, points, "passed", None, Answer("q1", (1,), confidence=1.0), criteria)
    return Grade(
        submission=name,
        student=student,
        file="hw.ipynb",
        assignment="hw4",
        title="Homework 4",
        rubric_hash="ab" * 32,
        profile="quick",
        points=points,
        max_points=10.0,
        questions=(question,),
        student_id=student_id,
        digest="d",
    )


def _override(grade: Grade) -> Grade:
    (question,) = grade.questions
    runs, secret = question.criteria
    decided = replace(
        secret,
        points=5.0,
        verdict=replace(secret.verdict, share=5 / 6),
        override=Override(5.0, "close enough", "eve", AT, 3.0, "a clash"),
    )
    question = replace(question, criteria=(runs, decided), points=9.0, comment=Comment("Mind the sum.", "eve", AT))
    return replace(grade, questions=(question,), points=9.0, comment=Comment("Good\nwork <b>", "eve", AT))


@pytest.fixture
def grades() -> tuple[Grade, ...]:
    ada = _override(_grade("ada", "Ada Lovelace", "101"))
    bob = replace(
        _grade("bob", "Bob Müller-Öztürk", "102"),
        points=6.3,
        handed_in="2026-11-21T12:00:00+00:00",
        lateness=Lateness(12.0, 0.7, "Handed in 12 hours after the deadline (1 day begun): 10 % of 7 points."),
    )
    cy = _grade("cy", "Cy Doe", "103", (1.0, None))
    dan = replace(_grade("dan", "Dan", "104"), questions=(), points=0.0, problem="broken JSON", fault="student")
    eve = replace(_grade("eve", HOSTILE, "105"), file="-1+1.ipynb")
    return ada, bob, cy, dan, eve
