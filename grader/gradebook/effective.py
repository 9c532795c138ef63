"""What counts: what the checks gave, with what people decided in its place. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from grader.gradebook.late import lateness
from grader.records import Comment, CriterionGrade, Grade, Override, QuestionGrade
from grader.rubric import LatePolicy

Place = tuple[str, str]
"""Question and criterion; an empty criterion stands for the question, two empty ones for the whole hand-in."""

WHOLE: Place = ("", "")


@dataclass(frozen=True, slots=True)
class Decision:
    """Points that a person gave a criterion.

    Attributes:
        points: What counts.
        reason: Why.
        by: Who.
        at: When (ISO 8601, UTC).
        automatic: What the check gave then; None if it gave none.
        max_points: Of the criterion then.
        digest: Of the hand-in that the person saw.
    """

    points: float
    reason: str
    by: str
    at: str
    automatic: float | None
    max_points: float
    digest: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people decided about one hand-in, the latest of each place."""

    overrides: Mapping[Place, Decision] = field(default_factory=dict)
    comments: Mapping[Place, Comment] = field(default_factory=dict)
    hours_late: float | None = None


NOTHING = Decisions()


def effective(grade: Grade, decisions: Decisions, policy: LatePolicy | None) -> Grade:
    """The grade that counts. Overrides of what the rubric no longer has are kept in the gradebook, and not counted.

    Args:
        grade: What the checks gave.
        decisions: What people decided.
        policy: What being late costs.
    """
    grade = _graded_by_hand(grade, decisions)
    questions = tuple(_question(question, decisions, grade.digest) for question in grade.questions)
    points = grade.points if grade.override else round(sum(question.points for question in questions), 2)
    late = lateness(grade, policy, decisions.hours_late, points)
    return replace(
        grade,
        questions=questions,
        points=round(points - late.penalty, 2) if late else points,
        lateness=late,
        comment=decisions.comments.get(WHOLE),
    )


def _graded_by_hand(grade: Grade, decisions: Decisions) -> Grade:
    """A hand-in that no check could look at, with the points that a person gave all of it."""
    decision = decisions.overrides.get(WHOLE)
    if not grade.problem or decision is None:
        return grade
    points = min(decision.points, grade.max_points)
    changed = f"the rubric had {decision.max_points:g} points, and now has {grade.max_points:g}"
    clash = changed if decision.max_points != grade.max_points else ""
    override = Override(points, decision.reason, decision.by, decision.at, None, clash)
    return replace(grade, problem="", fault="", points=points, override=override)


def orphans(grade: Grade, decisions: Decisions) -> tuple[Place, ...]:
    """Places of overrides and comments that the graded rubric does not have."""
    known: set[Place] = set()
    for question in grade.questions:
        known |= {(question.id, ""), *((question.id, criterion.id) for criterion in question.criteria)}
    if grade.problem or grade.override:
        return ()
    return tuple(sorted({*decisions.overrides, *(decisions.comments.keys() - {WHOLE})} - known))


def _question(question: QuestionGrade, decisions: Decisions, digest: str) -> QuestionGrade:
    criteria = tuple(_criterion(question.id, criterion, decisions, digest) for criterion in question.criteria)
    points = round(sum(criterion.points for criterion in criteria), 2)
    return replace(question, criteria=criteria, points=points, comment=decisions.comments.get((question.id, "")))


def _criterion(question: str, criterion: CriterionGrade, decisions: Decisions, digest: str) -> CriterionGrade:
    place = (question, criterion.id)
    comment = decisions.comments.get(place)
    decision = decisions.overrides.get(place)
    if decision is None:
        return replace(criterion, comment=comment) if comment else criterion
    points = min(decision.points, criterion.max_points)
    share = points / criterion.max_points if criterion.max_points else 1.0
    return replace(
        criterion,
        points=points,
        verdict=replace(criterion.verdict, share=share),
        override=Override(
            points, decision.reason, decision.by, decision.at, automatic(criterion), _clash(criterion, decision, digest)
        ),
        comment=comment,
    )


def automatic(criterion: CriterionGrade) -> float | None:
    """What the check gave; None if it gave none. Only of a grade that is not yet effective."""
    return None if criterion.verdict.share is None else criterion.points


def _clash(criterion: CriterionGrade, decision: Decision, digest: str) -> str:
    """What has changed under an override since it was set."""
    now, said = automatic(criterion), []
    if decision.digest != digest:
        said.append("the hand-in is another one")
    if now != decision.automatic:
        said.append(f"the check gave {_points(decision.automatic)}, and now gives {_points(now)}")
    if decision.max_points != criterion.max_points:
        said.append(f"the criterion had {decision.max_points:g} points, and now has {criterion.max_points:g}")
    if decision.points > criterion.max_points:
        said.append(f"{decision.points:g} were set, and only {criterion.max_points:g} count")
    return "; ".join(said)


def _points(points: float | None) -> str:
    return "none" if points is None else f"{points:g}"
