"""Grades -> the page for the instructor: the class at a glance, and what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from grader.records import CriterionGrade, Grade, QuestionGrade, WrittenAnswer
from grader.report.mistake import lost
from grader.report.naming import PAGES, page_name
from grader.report.page import render
from grader.report.patterns import costly_criteria, failed_runs, slowest_runs, usual_mistakes

BINS = 10


@dataclass(frozen=True)
class Bin:
    """One bar of the histogram: from, to (per cent), how many, and its height in per cent of the highest."""

    start: int
    end: int
    number: int
    height: float


@dataclass(frozen=True)
class QuestionColumn:
    """A question over the whole class.

    Attributes:
        id: Its id.
        title: Its title.
        max_points: Its points.
        share: Points earned of points judged, over all submissions; None while nothing is judged.
        judged: In how many submissions something is judged.
        answers: How many submissions have the question.
    """

    id: str
    title: str
    max_points: float
    share: float | None
    judged: int
    answers: int


@dataclass(frozen=True)
class Waiting:
    """One answer that waits for a person."""

    grade: Grade
    criterion: CriterionGrade
    text: str


@dataclass(frozen=True)
class ReviewItem:
    """One criterion with all answers that wait for it: a reviewer reads the same question many times, not many once."""

    question: QuestionGrade
    criterion: CriterionGrade
    key_points: tuple[str, ...]
    answers: tuple[Waiting, ...]


@dataclass(frozen=True)
class Summary:
    """The class in four numbers; shares are of the points judged so far."""

    submissions: int
    mean: float | None
    median: float | None
    waiting: int


@dataclass(frozen=True)
class Told:
    """Something about one criterion of one hand-in that only the instructor reads."""

    grade: Grade
    question: QuestionGrade
    criterion: CriterionGrade


def class_page(grades: Sequence[Grade]) -> str:
    """The class page as HTML."""
    shares = [share for grade in grades if (share := judged_share(grade)) is not None]
    review = review_items(grades)
    return render(
        "class.html",
        script="sort.js",
        mistakes=usual_mistakes(grades),
        costly=costly_criteria(grades),
        slowest=slowest_runs(grades),
        failed=failed_runs(grades),
        grades=grades,
        summary=Summary(
            submissions=len(grades),
            mean=mean(shares) if shares else None,
            median=median(shares) if shares else None,
            waiting=sum(len(item.answers) for item in review),
        ),
        columns=question_columns(grades),
        by_question={grade.submission: {q.id: q for q in grade.questions} for grade in grades},
        bins=histogram(shares),
        judged=len(shares),
        review=review,
        told=[Told(g, q, c) for g in grades for q in g.questions for c in q.criteria if c.verdict.instructor],
        clashes=[Told(g, q, c) for g in grades for q in g.questions for c in q.criteria if clash(c)],
        problems=[grade for grade in grades if grade.problem],
        judged_share=judged_share,
        pages=PAGES,
        page_name=page_name,
        lost=lost,
    )


def clash(criterion: CriterionGrade) -> str:
    """What has changed under the points that a person gave; empty if nothing has."""
    return criterion.override.clash if criterion.override else ""


def judged_share(grade: Grade) -> float | None:
    """Points earned of points judged; None while nothing is judged."""
    judged = grade.max_points - grade.unscored_points
    return grade.points / judged if judged > 0 and not grade.problem else None


def histogram(shares: Sequence[float]) -> list[Bin]:
    """Ten bins of ten per cent; the last one holds 100 % too."""
    numbers = [0] * BINS
    for share in shares:
        numbers[max(0, min(BINS - 1, int(share * BINS + 1e-9)))] += 1
    highest = max(*numbers, 1)
    width = 100 // BINS
    return [Bin(i * width, (i + 1) * width, n, round(100 * n / highest, 1)) for i, n in enumerate(numbers)]


def question_columns(grades: Sequence[Grade]) -> list[QuestionColumn]:
    """The questions in the rubric's order, each over all submissions."""
    answers: dict[str, list[QuestionGrade]] = {}
    for grade in grades:
        for question in grade.questions:
            answers.setdefault(question.id, []).append(question)
    return [_column(of_question) for of_question in answers.values()]


def _column(answers: Sequence[QuestionGrade]) -> QuestionColumn:
    earned = sum(answer.points for answer in answers)
    judged = earned + sum(map(lost, answers))
    first = answers[0]
    return QuestionColumn(
        id=first.id,
        title=first.title,
        max_points=first.max_points,
        share=earned / judged if judged > 0 else None,
        judged=sum(answer.points + lost(answer) > 0 for answer in answers),
        answers=len(answers),
    )


def review_items(grades: Sequence[Grade]) -> list[ReviewItem]:
    """What waits for a person, by criterion in the rubric's order."""
    waiting: dict[tuple[str, str], list[Waiting]] = {}
    shown: dict[tuple[str, str], tuple[QuestionGrade, CriterionGrade]] = {}
    for grade in grades:
        for question in grade.questions:
            for criterion in question.criteria:
                if criterion.verdict.share is None:
                    key = (question.id, criterion.id)
                    shown.setdefault(key, (question, criterion))
                    waiting.setdefault(key, []).append(Waiting(grade, criterion, _text(criterion)))
    order = {column.id: place for place, column in enumerate(question_columns(grades))}
    return [
        ReviewItem(*shown[key], _key_points(waiting[key]), tuple(waiting[key]))
        for key in sorted(shown, key=lambda key: order[key[0]])
    ]


def _written(criterion: CriterionGrade) -> WrittenAnswer | None:
    return next((exhibit for exhibit in criterion.verdict.exhibits if isinstance(exhibit, WrittenAnswer)), None)


def _text(criterion: CriterionGrade) -> str:
    written = _written(criterion)
    return written.text if written else ""


def _key_points(waiting: Sequence[Waiting]) -> tuple[str, ...]:
    return next((w.key_points for one in waiting if (w := _written(one.criterion)) and w.key_points), ())
