"""What a student may read about a criterion, as plain text."""

from __future__ import annotations

from grader.records import CriterionGrade, Grade, QuestionGrade
from grader.report import wording
from grader.report.clean import clean, one_line

HIDDEN = "Your instructor keeps the details of this criterion."


def told(criterion: CriterionGrade) -> str:
    """Rationale, hint, a person's reason and note; of a hidden criterion only what a person wrote."""
    override, verdict = criterion.override, criterion.verdict
    lines = [HIDDEN] if not criterion.public else []
    if override:
        lines.append(f"Decided by a person. {override.reason}".strip())
    if criterion.public and (override is None or override.automatic is not None):
        lines.append(wording.with_place(verdict))
    if criterion.public and override is None and verdict.hint:
        lines.append(f"What to do: {verdict.hint}")
    if criterion.comment:
        lines.append(f"From your instructor: {criterion.comment.text}")
    return clean("\n".join(lines), 4_000)


def title(question: QuestionGrade, criterion: CriterionGrade) -> str:
    """The name of a criterion with its question."""
    return one_line(f"{question.id} · {criterion.title}", 200)


def summary(grade: Grade) -> str:
    """The whole hand-in in a few lines: total, lateness, notes, points by question."""
    lines = [f"{wording.points(grade.points)} of {wording.points(grade.max_points)} points."]
    if grade.problem:
        lines = [f"This hand-in is not graded: {grade.problem}"]
    if grade.override:
        lines.append(f"Decided by a person. {grade.override.reason}".strip())
    if grade.lateness:
        lines.append(grade.lateness.words)
    if grade.unscored_points and not grade.problem:
        lines.append(f"{wording.points(grade.unscored_points)} points wait for a person.")
    if grade.comment:
        lines.append(f"From your instructor: {grade.comment.text}")
    for question in grade.questions:
        note = f" {question.comment.text}" if question.comment else ""
        points = f"{wording.points(question.points)} of {wording.points(question.max_points)}"
        waits = ", more waits for a person" if question.status == "unscored" else ""
        lines.append(f"{question.id} {question.title}: {points}{waits}.{note}")
    return clean("\n".join(lines), 10_000)
