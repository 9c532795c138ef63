"""What a class has in common: mistakes that many make, criteria that cost most, runs that were slow or were stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.records import CriterionGrade, Grade, LimitHit, QuestionGrade
from grader.report.clean import one_line
from grader.report.explain import explain

MOST_ROWS = 10


@dataclass(frozen=True)
class UsualMistake:
    """An error that stopped the code of several students.

    Attributes:
        name: In plain words; type and beginning of the message where there are none.
        grades: The hand-ins in which it stopped something, with the first question that it stopped there.
        questions: Ids of the questions.
        example: One message.
    """

    name: str
    grades: tuple[tuple[Grade, str], ...]
    questions: tuple[str, ...]
    example: str


@dataclass(frozen=True)
class CostlyCriterion:
    """A criterion over the class: how many lost points there, and how many points in all."""

    question: QuestionGrade
    criterion: CriterionGrade
    hand_ins: int
    judged: int
    lost: float


@dataclass(frozen=True)
class Run:
    """How a hand-in ran.

    Attributes:
        grade: Its grade.
        slowest: The question that took longest; None where no code ran.
        stopped: Bounds that ended cells, with their question.
        failed: Ids of the questions of which no code cell ran to its end.
    """

    grade: Grade
    slowest: QuestionGrade | None
    stopped: tuple[tuple[QuestionGrade, LimitHit], ...]
    failed: tuple[str, ...]


def usual_mistakes(grades: Sequence[Grade]) -> list[UsualMistake]:
    """The errors of the class, those of most hand-ins first. Echoes of an earlier error are no mistakes."""
    found: dict[str, list[tuple[Grade, QuestionGrade, str]]] = {}
    for grade in grades:
        for question, name, message in _errors(grade):
            found.setdefault(name, []).append((grade, question, message))
    mistakes = [_usual(name, cases) for name, cases in found.items()]
    return sorted(mistakes, key=lambda mistake: -len(mistake.grades))[:MOST_ROWS]


def _errors(grade: Grade) -> Iterator[tuple[QuestionGrade, str, str]]:
    for question in grade.questions:
        if (error := question.error) and error.echo_of is None:
            message = one_line(f"{error.type}: {error.message}".removesuffix(": "), 120)
            explanation = explain(error)
            yield question, explanation.name if explanation else message, message


def _usual(name: str, cases: Sequence[tuple[Grade, QuestionGrade, str]]) -> UsualMistake:
    first = {grade.submission: (grade, question.id) for grade, question, _ in reversed(cases)}
    questions = tuple(dict.fromkeys(question.id for _, question, _ in cases))
    return UsualMistake(name, tuple(reversed(first.values())), questions, cases[0][2])


def costly_criteria(grades: Sequence[Grade]) -> list[CostlyCriterion]:
    """The criteria at which the class lost most points."""
    found: dict[tuple[str, str], list[tuple[QuestionGrade, CriterionGrade]]] = {}
    for grade in grades:
        for question in grade.questions:
            for criterion in question.criteria:
                if criterion.verdict.share is not None:
                    found.setdefault((question.id, criterion.id), []).append((question, criterion))
    costly = [_costly(cases) for cases in found.values()]
    return sorted((c for c in costly if c.lost > 0), key=lambda c: -c.lost)[:MOST_ROWS]


def _costly(cases: Sequence[tuple[QuestionGrade, CriterionGrade]]) -> CostlyCriterion:
    losses = [criterion.max_points - criterion.points for _, criterion in cases]
    return CostlyCriterion(*cases[0], sum(loss > 0 for loss in losses), len(cases), sum(losses))


def slowest_runs(grades: Sequence[Grade]) -> list[Run]:
    """The runs that took longest, the slowest first."""
    runs = [run for grade in grades if (run := _run(grade)).slowest]
    return sorted(runs, key=lambda run: -run.grade.seconds)[:MOST_ROWS]


def failed_runs(grades: Sequence[Grade]) -> list[Run]:
    """The runs of which a bound ended a cell, or of which a question's code did not run at all."""
    runs = [_run(grade) for grade in grades]
    return sorted(
        (run for run in runs if run.stopped or run.failed), key=lambda run: (-len(run.stopped), -len(run.failed))
    )


def _run(grade: Grade) -> Run:
    ran = [question for question in grade.questions if question.seconds]
    return Run(
        grade=grade,
        slowest=max(ran, key=lambda question: question.seconds, default=None),
        stopped=tuple((question, hit) for question in grade.questions for hit in question.limits),
        failed=tuple(question.id for question in grade.questions if question.ran == "failed"),
    )
