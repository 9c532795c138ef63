"""What waits for a person, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from grader.gradebook.effective import NOTHING, WHOLE, Decisions, orphans
from grader.records import Grade, QuestionGrade, Waiting

_LOST = {
    True: "points were set for the whole hand-in; it can be graded now, and they are kept, but do not count",
    False: "the rubric no longer has this; the override or comment is kept, and does not count",
}


def waiting(grades: Iterable[Grade], decisions: Mapping[str, Decisions]) -> tuple[Waiting, ...]:
    """What waits in a class, question by question: a reviewer reads one question many times, not many once.

    Args:
        grades: The grades that count.
        decisions: What people decided, by submission: of these, what the rubric no longer has.
    """
    grades = tuple(grades)
    found = [item for grade in grades for item in _of_grade(grade, decisions.get(grade.submission, NOTHING))]
    order = dict.fromkeys((q.id, c.id) for grade in grades for q in grade.questions for c in q.criteria)
    places = {place: number for number, place in enumerate(order)}
    first = {question: number for (question, _), number in reversed(places.items())}
    return tuple(
        sorted(found, key=lambda item: places.get((item.question, item.criterion), first.get(item.question, -1)))
    )


def _of_grade(grade: Grade, decisions: Decisions) -> Iterator[Waiting]:
    def item(question: str, criterion: str, points: float, why: str) -> Waiting:
        return Waiting(grade.submission, grade.student, question, criterion, points, why)

    if grade.problem:
        yield item("", "", grade.max_points, f"not graded: {grade.problem}")
    if grade.override and grade.override.clash:
        yield item("", "", grade.max_points, f"override clashes: {grade.override.clash}")
    if grade.lateness and grade.lateness.hours is None:
        yield item("", "", 0.0, "late, but nobody knows by how much")
    for question in grade.questions:
        yield from (item(question.id, *of_criterion) for of_criterion in _of_question(question))
    for place in orphans(grade, decisions):
        yield item(*place, 0.0, _LOST[place == WHOLE])


def _of_question(question: QuestionGrade) -> Iterator[tuple[str, float, str]]:
    if question.answer.unsure and not question.settled:
        cells = ", ".join(map(str, question.answer.cells))
        yield "", question.max_points, f"not sure that cells {cells} are the answer"
    for criterion in question.criteria:
        if criterion.verdict.share is None:
            yield criterion.id, criterion.max_points, criterion.verdict.rationale
        elif criterion.override and criterion.override.clash:
            yield criterion.id, criterion.max_points, f"override clashes: {criterion.override.clash}"
